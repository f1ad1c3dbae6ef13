"""What is done to drawn pixels: laying over each other, darkening. By OpenCV, in one pass each."""

import cv2
import numpy as np

from engine.renderer.geometry import Floats
from engine.renderer.warp import Cells, Pixels, to_pixels

FULL_LIGHT = 200  # of the 255 that a factor has room for


def blend(one: Pixels, other: Pixels, of_one: Floats, of_other: Floats) -> Pixels:
    """Two (h, w, c) pictures mixed by their (h, w) shares, which need not sum up to 1."""
    return np.asarray(cv2.blendLinear(one, other, of_one, of_other), np.uint8)


def dimmed(pixels: Pixels, loss: Floats) -> Pixels:
    """(h, w, 3) pixels without a (h, w) share of their light, -0.25 (which adds some) to 1."""
    kept = to_pixels(FULL_LIGHT - FULL_LIGHT * loss)
    return np.asarray(cv2.multiply(pixels, cv2.merge([kept, kept, kept]), scale=1 / FULL_LIGHT), np.uint8)


def placed(under: Pixels, cells: Cells, part: Pixels) -> Pixels:
    """A picture with part of it replaced; it is overwritten."""
    under[cells.slices] = part
    return under
