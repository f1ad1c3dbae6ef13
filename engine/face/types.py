"""Face: what was found in a photo."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Where the head looks, in degrees; signs as in MotionTrack.head."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Face:
    """One face, in px of the photo it was found in.

    box_px: (x, y, width, height) of the face from the landmarks, forehead to chin.
    landmarks_px: (478, 3) float32: MediaPipe's mesh (468) and irises (10), x right, y down, z away
        from the camera in the same unit, 0 at the head's middle. "Left" is the person's left.
    blendshapes: (52,) float32 in 0..1, order of engine.arkit.ARKIT_NAMES: the photo's own expression.
    presence: 0..1, how sure the mesh model is that this is a face.
    """

    box_px: tuple[float, float, float, float]
    landmarks_px: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    presence: float
    pose: HeadPose

    @property
    def height_px(self) -> float:
        """Distance from the top of the forehead (landmark 10) to the chin (152), in px."""
        top, chin = self.landmarks_px[10], self.landmarks_px[152]
        return float(np.linalg.norm(top - chin))

    def moved(self, x_px: float, y_px: float) -> "Face":
        """The same face in a picture whose origin has moved by (-x_px, -y_px)."""
        left, top, width, height = self.box_px
        offset = np.array([x_px, y_px, 0], np.float32)
        return replace(self, box_px=(left + x_px, top + y_px, width, height), landmarks_px=self.landmarks_px + offset)

    def scaled(self, scale: float) -> "Face":
        """The same face in a picture that was resized; the centre of a pixel lies at a whole number."""
        left, top, width, height = (value * scale for value in self.box_px)
        half = np.array([0.5, 0.5, 0], np.float32)
        landmarks = (self.landmarks_px + half) * np.float32(scale) - half
        return replace(self, box_px=(left, top, width, height), landmarks_px=landmarks)
