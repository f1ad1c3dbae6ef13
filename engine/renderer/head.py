"""Small turns, nods and sways of the whole head, with the parallax of its depth.

Six fields (yaw, pitch, roll, x, y, z) over the whole frame. Where the person is told from the background, they are
full on the head with all its hair and fade down the body, rotations sooner than shifts; the background has no part
in them. Else they fade into hair, neck and background alike. What the frame's border cuts through is not moved
across that border, so that nothing tears and nothing detaches.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.renderer.cutout import Cutout
from engine.renderer.geometry import (
    CHIN,
    FOREHEAD,
    HEAD_WIDTH_CM,
    LEFT_EAR,
    RIGHT_EAR,
    Floats,
    HeadFrame,
    lift,
    smoothstep,
)

PIVOT_BACK_CM = 2.0  # the neck's axis lies behind the ears' front
PIVOT_DOWN_CM = 7.0  # and the head turns about the top of the neck
DEPTH_BLUR = 0.09  # face widths; sharper relief would ripple along the cheek's edge
BORDER = 0.14  # share of the frame over which the motion fades to its border
ASIDE, DOWN = 0.75, 1.40  # face heights beyond the head over which motion fades, where the background goes along
FREE, TURN_DOWN, SHIFT_DOWN = 6.0, 1.1, 2.2  # the same for a person apart: hats and hair go along, shoulders follow
MARGIN_CM = 5.0  # around a person apart; no motion carries them further
LIVELY = np.array([0.1, 0.1, 0.06, 0.03, 0.02, 0.02])  # about the most that a head does, in the fields' units
STILL_PX = 0.3  # what never moves by more is left still: it would cost time and not be seen
TURNS = 3  # the first three fields are rotations
ON_BORDER = 16  # of 255: opacity that touches the frame's border


def head_fields(
    nodes_px: Floats, size_px: tuple[int, int], face: Face, frame: HeadFrame, cutout: Cutout | None = None
) -> Floats:
    """(6, n, 2) displacements in px for 1 radian or 1 head width at (n, 2) nodes of a (width, height) photo."""
    landmarks = face.landmarks_px
    ears = (landmarks[LEFT_EAR] + landmarks[RIGHT_EAR]) / 2
    scale = frame.px_per_cm
    pivot = ears + scale * (PIVOT_BACK_CM * frame.axes[2] + PIVOT_DOWN_CM * frame.axes[1])
    x, y, z = (lift(nodes_px, landmarks, DEPTH_BLUR) - pivot).T
    zero = np.zeros_like(x)
    head_width = HEAD_WIDTH_CM * scale
    closer = -head_width / (60 * scale)  # one head width towards a camera 60 cm away
    fields = np.stack(
        [
            np.stack([-z, zero], axis=-1),
            np.stack([zero, -z], axis=-1),
            np.stack([-y, x], axis=-1),
            np.stack([zero + head_width, zero], axis=-1),
            np.stack([zero, zero + head_width], axis=-1),
            np.stack([x * closer, y * closer], axis=-1),
        ]
    )
    if cutout is None:
        share = _share(nodes_px, face, frame, ASIDE, DOWN) * _inside_border(nodes_px, size_px)
        return np.asarray(fields * share[:, None], np.float32)
    aside, *down = (FREE, TURN_DOWN, SHIFT_DOWN) if cutout.alone else (ASIDE, DOWN, DOWN)
    turn, shift = (_share(nodes_px, face, frame, aside, reach) for reach in down)
    fields[:TURNS] *= turn[:, None]
    fields[TURNS:] *= shift[:, None]
    fields *= _within(nodes_px, cutout.alpha)
    near = _distance(nodes_px, cutout.alpha > ON_BORDER) < MARGIN_CM * scale
    seen = np.abs(fields * LIVELY[:, None, None]).sum(axis=(0, 2)) > STILL_PX
    return np.asarray(fields * (near & seen)[:, None], np.float32)


def _share(nodes_px: Floats, face: Face, frame: HeadFrame, aside: float, down_by: float) -> Floats:
    """1 on the head and its hair, fading sideways and down over so many face heights."""
    landmarks = face.landmarks_px
    down = frame.axes[1, :2] / np.linalg.norm(frame.axes[1, :2])
    across = np.array([-down[1], down[0]]) * -1
    top, chin = landmarks[FOREHEAD, :2], landmarks[CHIN, :2]
    height = float(np.linalg.norm(chin - top))
    width = float(np.linalg.norm(landmarks[LEFT_EAR, :2] - landmarks[RIGHT_EAR, :2]))
    width = max(width, 0.7 * height)  # a turned face hides half of its head
    centre = top + 0.36 * (chin - top)
    offset = nodes_px - centre
    beside, under = np.abs(offset @ across), offset @ down
    radius_x, radius_up, radius_down = 0.62 * width, 0.72 * height, 0.70 * height
    radius_y = np.where(under < 0, radius_up, radius_down)
    # Distance beyond the head's ellipse, in face heights.
    relative = np.hypot(beside / radius_x, under / radius_y)
    length = np.hypot(beside, under)
    beyond = np.where(relative > 1, length * (1 - 1 / np.maximum(relative, 1e-6)), 0) / height
    downwards = np.clip(under / np.maximum(length, 1e-6), 0, 1)
    reach = aside + (down_by - aside) * downwards
    return 1 - smoothstep(0, 1, (beyond / reach).astype(np.float32))


def _inside_border(nodes_px: Floats, size_px: tuple[int, int]) -> Floats:
    """0 on the frame's border and beyond, 1 well inside."""
    width, height = size_px
    fade = BORDER * min(width, height)
    x = np.minimum(nodes_px[:, 0], width - 1 - nodes_px[:, 0])
    y = np.minimum(nodes_px[:, 1], height - 1 - nodes_px[:, 1])
    return smoothstep(0, fade, x) * smoothstep(0, fade, y)


def _within(nodes_px: Floats, alpha: NDArray[np.uint8]) -> Floats:
    """(n, 2) shares of the motion along x and y: 0 across the border where it cuts through the person.

    Along that border they may slide: at the lower one, shoulders go from side to side, but neither up nor down.
    """
    height, width = alpha.shape
    fade = BORDER * min(width, height)
    touching = alpha > ON_BORDER
    shares = []
    for sides in (np.s_[:, :: width - 1], np.s_[:: height - 1]):
        border = np.zeros_like(touching)
        border[sides] = touching[sides]
        shares.append(smoothstep(0, fade, _distance(nodes_px, border)))
    return np.stack(shares, axis=-1)


def _distance(nodes_px: Floats, mask: NDArray[np.bool_]) -> Floats:
    """How far each node is from the mask, px; infinitely where it is empty."""
    if not mask.any():
        return np.full(len(nodes_px), np.inf, np.float32)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    height, width = mask.shape
    column = np.clip(np.round(nodes_px[:, 0]).astype(int), 0, width - 1)
    row = np.clip(np.round(nodes_px[:, 1]).astype(int), 0, height - 1)
    return np.asarray(away[row, column], np.float32)
