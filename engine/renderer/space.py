"""FaceSpace: where each node of the warp's grid lies on the face, in words that a shape can use."""

from dataclasses import dataclass

import numpy as np

from engine.arkit import INDEX
from engine.face.types import Face
from engine.renderer.geometry import (
    Floats,
    HeadFrame,
    curve,
    lift,
    outside_oval,
    smoothstep,
)
from engine.renderer.mouth import Mouth

SIDE_FADE_CM = 1.5  # beyond the cheek's edge the background is still
NECK_FADE_CM = 4.5  # below the chin the throat follows softly


@dataclass(frozen=True, slots=True)
class FaceSpace:
    """(n,) values for n nodes, all in the head's cm.

    x, y, z: the node, lifted onto the face. s: -1 and 1 at the mouth's corners. above: height over the upper
    lip's inner line; below: depth under the lower lip's inner line (both negative on the far side). upper_lip,
    lower_lip: the lips' thickness at this x. left, right: 1 on the person's side, smooth over the middle.
    near: 1 on the face, fading to 0 outside it.
    smile, jaw: 0..1, how much the photo smiles and opens its jaw already, as MediaPipe reads it.
    """

    mouth: Mouth
    x: Floats
    y: Floats
    z: Floats
    s: Floats
    above: Floats
    below: Floats
    upper_lip: Floats
    lower_lip: Floats
    left: Floats
    right: Floats
    near: Floats
    landmarks: Floats
    smile: float
    jaw: float

    def side(self, sign: int) -> Floats:
        """The person's left (1) or right (-1) side."""
        return self.left if sign > 0 else self.right


def face_space(nodes_px: Floats, face: Face, frame: HeadFrame, mouth: Mouth) -> FaceSpace:
    """Describe (n, 2) nodes in px of the photo."""
    nodes = frame.to_head(lift(nodes_px, face.landmarks_px))
    x, y, z = nodes.T
    landmarks = frame.to_head(face.landmarks_px)
    away, _ = outside_oval(nodes_px, face.landmarks_px)
    away_cm = away / frame.px_per_cm @ frame.axes[:2, :2].T
    reach = np.where(away_cm[:, 1] > 0, NECK_FADE_CM, SIDE_FADE_CM)
    outside = np.hypot(away_cm[:, 0] / SIDE_FADE_CM, away_cm[:, 1] / reach)
    upper, lower = curve(mouth.upper_inner, x), curve(mouth.lower_inner, x)
    left = smoothstep(-0.9, 0.9, x - mouth.centre_x)
    return FaceSpace(
        mouth=mouth,
        x=x,
        y=y,
        z=z,
        s=((x - mouth.centre_x) / mouth.half_width).astype(np.float32),
        above=upper - y,
        below=y - lower,
        upper_lip=np.maximum(upper - curve(mouth.upper_outer, x), 0),
        lower_lip=np.maximum(curve(mouth.lower_outer, x) - lower, 0),
        left=left,
        right=1 - left,
        near=1 - smoothstep(0, 1, outside.astype(np.float32)),
        landmarks=landmarks,
        smile=float(face.blendshapes[[INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]].mean()),
        jaw=float(face.blendshapes[INDEX["jawOpen"]]),
    )
