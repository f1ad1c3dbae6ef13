"""MotionTrack: what the face does in each frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def frame_count(duration_s: float, fps: float) -> int:
    """How many frames a video of speech has: the last one may outlast the sound."""
    return max(1, int(np.ceil(duration_s * fps - 1e-6)))


@dataclass(frozen=True, slots=True)
class MotionTrack:
    """Face and head, frame by frame; frame i is shown from i / fps seconds on.

    weights: (n, 52) float32 in 0..1, columns in the order of engine.arkit.ARKIT_NAMES.
        All zeros is the photo as it is; jawOpen = 1 is a wide-open mouth.
    head: (n, 6) float32: yaw, pitch, roll in radians, then x, y, z in head widths,
        relative to the photo. Positive yaw turns the face to the viewer's right, positive pitch
        lowers the chin, positive roll tilts the head clockwise as seen, x right, y down, z away.
    """

    fps: float
    weights: NDArray[np.float32]
    head: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.weights)
