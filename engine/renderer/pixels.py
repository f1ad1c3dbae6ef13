"""What is done to drawn pixels: laying over each other, darkening. By OpenCV, in one pass each."""

from collections.abc import Sequence

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


def over(front: Pixels, back: Pixels) -> Pixels:
    """A premultiplied (h, w, 4) layer over another picture of four channels."""
    through = cv2.bitwise_not(cv2.extractChannel(front, 3))
    return np.asarray(cv2.add(front, cv2.multiply(back, cv2.merge([through] * 4), scale=1 / 255)), np.uint8)


def faded(layer: Pixels, share: Floats) -> Pixels:
    """A (h, w) share, 0..1, of a premultiplied (h, w, 4) layer."""
    kept = to_pixels(255 * share)
    return np.asarray(cv2.multiply(layer, cv2.merge([kept] * 4), scale=1 / 255), np.uint8)


def tinted(pixels: Pixels, kept: Sequence[Floats]) -> Pixels:
    """(h, w, 4) pixels, of each of whose first three channels a (h, w) share is kept."""
    rgb = cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB)
    return np.asarray(cv2.multiply(rgb, cv2.merge(list(kept)), dtype=cv2.CV_8U), np.uint8)


def placed(under: Pixels, cells: Cells, part: Pixels) -> Pixels:
    """A picture with part of it replaced; it is overwritten."""
    under[cells.slices] = part
    return under
