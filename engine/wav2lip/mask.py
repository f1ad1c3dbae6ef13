"""Where on a face the network is heard: cheeks, mouth and chin, with a soft edge that follows the face."""

import cv2
import numpy as np

from engine.renderer.geometry import Floats, smoothstep

# From the person's right ear along the jaw to the left one; cheekbones and the tip of the nose.
JAW = (93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323)
ABOVE = (50, 4, 280)
FEATHER = 0.03  # sigma of the edge, in heights of the patch: more than three such from the nose's tip to the upper lip
JAW_ROOM = 1.05  # the chin may drop below where it is in the photo
BORDER = 0.035  # of the patch, on which the mask ends whatever the face does: the patch's box never shows


def mask_of(marks: Floats, size_px: tuple[int, int]) -> Floats:
    """(height, width) in 0..1 for (468, 2) landmarks in px of a patch of (width, height)."""
    width, height = size_px
    jaw = marks[list(JAW)]
    middle = jaw.mean(axis=0)
    outline = np.concatenate([middle + (jaw - middle) * np.float32(JAW_ROOM), marks[list(ABOVE)]])
    filled = np.zeros((height, width), np.float32)
    # Convex: on a face that is turned, the nose reaches beyond the cheek.
    cv2.fillConvexPoly(filled, cv2.convexHull(np.rint(outline).astype(np.int32)), 1.0)
    soft = cv2.GaussianBlur(filled, (0, 0), max(FEATHER * height, 0.8))
    edge = np.minimum(_to_border(height)[:, None], _to_border(width))
    return np.asarray(np.where(soft < 1 / 255, 0, soft) * smoothstep(0, BORDER, edge), np.float32)


def _to_border(length: int) -> Floats:
    """(length,) how far each px is from the nearer end, as a share of the length."""
    steps = np.arange(length, dtype=np.float32)
    return np.minimum(steps, length - 1 - steps) / length
