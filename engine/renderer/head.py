"""Small turns, nods and sways of the whole head, with the parallax of its depth.

Six fields (yaw, pitch, roll, x, y, z) over the whole frame. They are full on the head, fade into hair, neck and
shoulders, and are zero on the frame's border, so that nothing tears and nothing detaches.
"""

import numpy as np

from engine.face.types import Face
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


def head_fields(nodes_px: Floats, size_px: tuple[int, int], face: Face, frame: HeadFrame) -> Floats:
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
    share = _share(nodes_px, face, frame) * _inside_border(nodes_px, size_px)
    return np.asarray(fields * share[:, None], np.float32)


def _share(nodes_px: Floats, face: Face, frame: HeadFrame) -> Floats:
    """1 on the head and its hair, fading sideways into the background and down into the shoulders."""
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
    reach = 0.75 + 0.65 * downwards
    return 1 - smoothstep(0, 1, (beyond / reach).astype(np.float32))


def _inside_border(nodes_px: Floats, size_px: tuple[int, int]) -> Floats:
    """0 on the frame's border and beyond, 1 well inside."""
    width, height = size_px
    fade = BORDER * min(width, height)
    x = np.minimum(nodes_px[:, 0], width - 1 - nodes_px[:, 0])
    y = np.minimum(nodes_px[:, 1], height - 1 - nodes_px[:, 1])
    return smoothstep(0, fade, x) * smoothstep(0, fade, y)
