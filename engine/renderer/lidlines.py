"""Where the lids and the brow of an eye run."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.renderer.geometry import Floats, HeadFrame, curve, smoothstep
from engine.renderer.lid import LAP_CM, RISE
from engine.renderer.mouth import resample
from engine.renderer.warp import Pixels, sample_photo

HEIGHT_CM = (0.5, 1.5)  # of the skin that stretches: least and most
HEIGHT_SHARE = 0.85  # of the way from the lash line to the brow
GROWTH = np.array([1.06, 1.12, 1.18, 1.24, 1.3, 1.36], np.float32)  # times its landmarks: sizes that an eye may have
WITHIN = np.array([0.3, 0.55, 0.75, 0.85], np.float32)  # where iris and white are looked up
GROWN_SHARE = 0.12  # of an outline is white: it lies within the eye
WHITE_APART = 15.0  # in CIELAB, from the skin; else white tells nothing


@dataclass(frozen=True, slots=True)
class Lines:
    """Upper lid, lower lid and the brow's lower edge: (n, 3) cm."""

    upper: Floats
    under: Floats
    brow: Floats

    @property
    def width(self) -> float:
        return float(np.ptp(self.upper[:, 0]))

    @property
    def middle(self) -> float:
        return float(self.upper[:, 0].min() + self.upper[:, 0].max()) / 2

    @property
    def opening(self) -> float:
        return float((curve(self.under, self.upper[:, 0]) - self.upper[:, 1]).max())

    def grown(self, size: float) -> "Lines":
        """The same eye, larger, under the same brow."""
        if size == 1:
            return self
        middle = np.concatenate([resample(self.upper), resample(self.under)]).mean(axis=0)
        return Lines(middle + size * (self.upper - middle), middle + size * (self.under - middle), self.brow)

    def beside(self, x: Floats) -> Floats:
        """0 in the eye's middle, 1 at its corners."""
        return np.asarray(np.abs(x - self.middle) / (self.width / 2), np.float32)

    def height(self, x: Floats) -> Floats:
        """Height in cm of the skin between lash line and brow that stretches, at x."""
        off = self.brow[:, 0] - self.middle
        brow = np.polyval(np.polyfit(off, self.brow[:, 1], 2), np.clip(x - self.middle, off.min(), off.max()))
        return np.asarray(np.clip(HEIGHT_SHARE * (curve(self.upper, x) - brow), *HEIGHT_CM), np.float32)

    def travel(self, x: Floats, corner_cm: float) -> Floats:
        """How far in cm the lash line travels until the eye is shut, at x; at the corners, corner_cm."""
        beside = self.beside(x)
        opening = np.maximum(curve(self.under, x) - curve(self.upper, x), 0)
        inside = np.sqrt(np.clip((1 - beside**2) / 0.4, 0, 1))
        travel = ((1 - RISE) * opening + LAP_CM) * inside
        return np.asarray(np.maximum(travel, corner_cm * (1 - smoothstep(1.0, 1.55, beside))), np.float32)


def size_of(photo: Pixels, frame: HeadFrame, lines: Lines) -> float:
    """How much larger an eye is than its landmarks say: as far as its white goes on beyond them."""
    rings = np.concatenate([resample(lines.upper), resample(lines.under)])
    middle = rings.mean(axis=0)
    scales = np.concatenate([WITHIN, GROWTH])
    colours = _lab(sample_photo(photo, frame.to_px(middle + scales[:, None, None] * (rings - middle))))
    cheek = lines.under + np.array([0, 0.5 * lines.width, 0], np.float32)
    skin = np.median(_lab(sample_photo(photo, frame.to_px(cheek)[None]))[0], axis=0)
    inner = colours[: len(WITHIN)].reshape(-1, 3)
    white = np.median(inner[inner[:, 0] >= np.percentile(inner[:, 0], 75)], axis=0)
    apart = float(np.linalg.norm(white - skin))
    like_white = np.linalg.norm(colours[len(WITHIN) :] - white, axis=2) < 0.4 * apart
    goes_on = (like_white.mean(axis=1) > GROWN_SHARE) & (apart > WHITE_APART)
    return float(GROWTH[int(np.argmin(goes_on)) - 1]) if goes_on[0] and not goes_on.all() else 1.0


def _lab(rgb: Pixels) -> Floats:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
