"""Film grain, sensor noise and JPEG texture, taken from a photo's own skin for whatever is drawn or stretched."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.renderer.geometry import Floats
from engine.renderer.warp import Pixels

FINE_PX = 1.5  # sigma: what is finer than this is texture, what is coarser is shape and light
TILE_PX = (8, 64)  # a smaller patch shows too little texture to copy; a larger one costs only time
TILE_SHARE = 0.1  # of the face's height
PATCHES = (50, 280, 118, 347, 151, 108, 337, 199)  # landmarks on cheeks, under the eyes, forehead and chin
SEED = 5


@dataclass(frozen=True, slots=True)
class Grain:
    """tile: (n, n, 3) float32 levels, mean 0: goes on without a seam in all directions."""

    tile: Floats

    def over(self, height: int, width: int) -> Floats:
        """(height, width, 3): the texture over so many px."""
        size = len(self.tile)
        return np.tile(self.tile, (-(-height // size), -(-width // size), 1))[:height, :width]


def find_grain(photo: Pixels, face: Face) -> Grain:
    """The texture of a calm patch of skin: as fine, as strong and as coloured, but without its features.

    Keeps the patch's spectrum and draws new phases (Galerne, Gousseau & Morel, IEEE TIP 2011); the same ones for red,
    green and blue, so that grey grain stays grey.
    """
    size = int(np.clip(TILE_SHARE * face.height_px, *TILE_PX))
    patches = [residual(patch) for patch in _patches(photo, face, size)]
    if not patches:
        return Grain(np.zeros((size, size, 3), np.float32))
    calm = sorted(patches, key=lambda patch: float(np.median(np.abs(patch))))[len(patches) // 3]
    window = np.outer(np.hanning(size + 2)[1:-1], np.hanning(size + 2)[1:-1])[..., None]
    noise = np.fft.rfft2(np.random.default_rng(SEED).standard_normal((size, size)))
    spectrum = np.fft.rfft2((calm - calm.mean(axis=(0, 1))) * window, axes=(0, 1))
    tile = np.fft.irfft2(spectrum * np.exp(1j * np.angle(noise))[..., None], (size, size), axes=(0, 1))
    tile -= tile.mean(axis=(0, 1))
    tile *= _spread(calm) / np.maximum(tile.std(axis=(0, 1)), 1e-6)
    return Grain(np.ascontiguousarray(tile, np.float32))


def residual(pixels: NDArray[np.uint8]) -> Floats:
    """(h, w, 3) float32: what a slight blur takes away."""
    sharp = pixels.astype(np.float32)
    return np.asarray(sharp - cv2.GaussianBlur(sharp, (0, 0), FINE_PX), np.float32)


def _patches(photo: Pixels, face: Face, size: int) -> list[Pixels]:
    corners = face.landmarks_px[list(PATCHES), :2].astype(int) - size // 2
    whole = [photo[top : top + size, left : left + size] for left, top in corners if min(left, top) >= 0]
    return [patch for patch in whole if patch.shape[:2] == (size, size)]


def _spread(values: Floats) -> Floats:
    """(3,) standard deviations, from the median so that a mole or a hair does not count."""
    return np.asarray(1.4826 * np.median(np.abs(values), axis=(0, 1)), np.float32)
