"""What a lid is made of: the skin above an eye, straightened, without its lashes and without the shadow of its fold."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.renderer.geometry import Floats, smoothstep
from engine.renderer.palette import LUMA
from engine.renderer.warp import Pixels, to_pixels

ABOVE_CM, BELOW_CM = 1.7, 1.9  # of the lash line: what the straightened picture shows
LASH_CM = 0.55  # lashes are looked for up to here above the lash line
LASH_WIDE_CM = 0.11  # half of what is wider than a lash, or a few
STRIP_CM = (0.1, 0.42)  # the dark strip above the lash line, least and most
STRIP_SHARE = 0.4  # of the skin's height, the strip reaches at most
OUTLINE_CM = 0.5  # at its corners, what is drawn around an eye reaches this far above the strip
STRIP_LIT = 0.85  # of the way from the darkest to the brightest row, the strip ends
RIM_CM, RIM_DARK = 0.1, 0.38  # a dark band this thick, with this share of the skin's light, is no fold
LINE_DARK = (0.55, 0.85)  # share of light that a closed eye's lash line takes, least and most
CHEEK = 0.7  # a closed lid catches at least this share of the light below the eye
SURE = 40.0  # levels between light and shadow from which their colours tell that of the light
NOISE = 10.0  # levels; smaller differences are no lashes
FLAT = 0.75  # how much of a fold's shadow is gone when the lid is stretched flat


@dataclass(frozen=True, slots=True)
class Straightened:
    """The photo around an eye, straightened: rgb (rows, columns, 3) float32, depth: (rows,) cm below the lash line."""

    rgb: Floats
    depth: Floats
    px_cm: float

    def row(self, depth_cm: float) -> int:
        """The row at this depth."""
        return int(np.clip(round((depth_cm - float(self.depth[0])) * self.px_cm), 0, len(self.depth) - 1))

    def middle(self) -> slice:
        """The columns over the eye, without its corners."""
        quarter = self.rgb.shape[1] // 4
        return slice(quarter, -quarter)


def strip_cm(eye: Straightened, height: Floats) -> float:
    """How far the dark strip with the lashes' roots reaches: to the first bright row above the lash line.

    height: (columns,) cm of skin that stretches; most of it is needed.
    """
    rows = np.median((eye.rgb @ LUMA)[:, eye.middle()], axis=1).astype(np.float32)
    luma = cv2.GaussianBlur(rows[:, None], (0, 0), sigmaX=0.5, sigmaY=0.03 * eye.px_cm)[:, 0]
    most = min(STRIP_CM[1], STRIP_SHARE * float(np.median(height[eye.middle()])))
    farthest, nearest = eye.row(-most), eye.row(-STRIP_CM[0])
    reach = luma[farthest : nearest + 1]
    lit = np.flatnonzero(reach >= reach[-1] + STRIP_LIT * (reach.max() - reach[-1]))
    return float(-eye.depth[farthest + lit[-1]])


def _over_the_outline(eye: Straightened, luma: Floats, cut: int, drawn: bool) -> NDArray[np.intp]:
    """(columns,) rows no lower than `cut`, and above an outline that is thicker there, or runs over drawn white."""
    top = max(cut - round(OUTLINE_CM * eye.px_cm), 0)
    dark = (luma[top : cut + 1] < RIM_DARK * np.median(luma[top : cut + 1, eye.middle()]))[::-1]
    run = len(dark) - dark[::-1].argmax(axis=0) if drawn else dark.argmin(axis=0)
    rise = np.where(dark.all(axis=0) | ~dark.any(axis=0), 0, run)
    rise = np.where(rise > 0, rise + round(0.05 * eye.px_cm), 0).astype(np.float32)
    reach = max(1, round(0.05 * eye.px_cm))
    highest = cv2.dilate(rise[None], np.ones((1, 2 * reach + 1), np.uint8))[0]
    return np.asarray(np.maximum(cut - highest, 0), np.intp)


def clear_height(eye: Straightened, strip: float, height: Floats) -> Floats:
    """(columns,) cm of skin that may stretch: none of the rim of a pair of glasses, or of a low brow."""
    luma = cv2.GaussianBlur(eye.rgb @ LUMA, (0, 0), 0.03 * eye.px_cm)
    start, end = eye.row(-ABOVE_CM), eye.row(-strip - 0.1)
    bright = np.percentile(luma[eye.row(-strip - 0.4) : end], 85, axis=0)
    thick = np.ones((max(1, round(RIM_CM * eye.px_cm)), 1), np.uint8)
    dark = cv2.morphologyEx((luma[start:end] < RIM_DARK * bright).astype(np.uint8), cv2.MORPH_OPEN, thick)
    found = np.asarray(dark.any(axis=0))
    if found[eye.middle()].mean() < 0.6:
        return height
    last = len(dark) - 1 - np.argmax(dark[::-1], axis=0)
    edge = np.where(found, -eye.depth[start + last] - RIM_CM, ABOVE_CM).astype(np.float32)
    reach = max(1, round(0.3 * eye.px_cm))
    lowest = cv2.erode(edge[None], np.ones((1, 2 * reach + 1), np.uint8))
    smooth = cv2.GaussianBlur(lowest, (0, 0), 0.5 * reach, borderType=cv2.BORDER_REPLICATE)[0]
    return np.asarray(np.clip(smooth, strip + 0.15, height), np.float32)


def without_lashes(eye: Straightened, strip: float, drawn: bool) -> tuple[Floats, Floats]:
    """(rows, columns, 3) skin without lashes, and (rows, columns, 2) the shares of light that lashes and strip took.

    A closing along the lid: lashes stand upright, the lid's fold lies down. What is to be stretched is smoothed along
    the lid, else every difference would become a streak.
    """
    depth = eye.depth[:, None]
    wide = max(3, 2 * round(LASH_WIDE_CM * eye.px_cm) + 1)
    closed = cv2.morphologyEx(eye.rgb, cv2.MORPH_CLOSE, np.ones((1, wide), np.uint8))
    lit = closed @ LUMA
    taken = np.clip((lit - eye.rgb @ LUMA - NOISE) / np.maximum(lit, 1) - 0.05, 0, 0.95)
    lashes = cv2.GaussianBlur(taken, (0, 0), sigmaX=0.4, sigmaY=0.04 * eye.px_cm)
    lashes *= smoothstep(-LASH_CM, -0.7 * LASH_CM, depth) * (1 - smoothstep(-0.02, 0.03, depth))
    cuts = _over_the_outline(eye, closed @ LUMA, eye.row(-strip), drawn)
    rows, columns = np.minimum(np.arange(len(closed))[:, None], cuts), np.arange(closed.shape[1])
    closed = closed[rows, columns]
    skin = eye.rgb
    for low, high, along, across in ((-0.75, -0.3, 0.12, 0.03), (-0.5, -0.15, 0.3, 0.05)):
        soft = cv2.GaussianBlur(closed, (0, 0), sigmaX=along * eye.px_cm, sigmaY=across * eye.px_cm)
        skin = skin + smoothstep(low - strip, high - strip, depth)[..., None] * (soft - skin)
    band = np.clip(1 - (eye.rgb @ LUMA + 0.5 * NOISE) / np.maximum(skin @ LUMA, 1), 0, 0.95)
    band *= smoothstep(-strip - 0.1, -strip, depth) * (1 - smoothstep(-0.02, 0.03, depth))
    return np.asarray(skin, np.float32), np.stack([lashes, band], axis=-1).astype(np.float32)


def fold_light(eye: Straightened, skin: Floats, strip: float, height: Floats, floor: Floats) -> tuple[Floats, Floats]:
    """(rows, columns) levels by which flat skin is brighter than its fold, and (3,) the colour of that light.

    height, floor: (columns,) cm of skin that stretches; depth of the lower lid's edge.
    """
    luma = cv2.GaussianBlur(skin @ LUMA, (0, 0), 0.06 * eye.px_cm)
    bright = np.percentile(luma[eye.row(-0.9) : eye.row(-strip) + 1], 85, axis=0)[None].astype(np.float32)
    under = float(floor.max())
    cheek = np.median((eye.rgb @ LUMA)[eye.row(under + 0.15) : eye.row(under + 0.4)], axis=0)[None]
    bright = np.maximum(bright, CHEEK * cheek.astype(np.float32))
    bright = cv2.GaussianBlur(bright, (0, 0), sigmaX=0.35 * eye.px_cm, borderType=cv2.BORDER_REPLICATE)
    lift = FLAT * np.clip(bright - luma, 0, 2 * luma + 40)
    lift *= smoothstep(-height[None], -0.6 * height[None], eye.depth[:, None])
    return np.asarray(lift, np.float32), _light_colour(skin[eye.row(-0.9) : eye.row(-strip) + 1])


def _light_colour(skin: Floats) -> Floats:
    """(3,) what a level of light adds to red, green and blue: shadows on skin are redder than what is lit."""
    luma = skin @ LUMA
    dark, bright = np.percentile(luma, (20, 80))
    lit, shaded = skin[luma >= bright].mean(axis=0), skin[luma <= dark].mean(axis=0)
    added = lit - shaded + SURE * lit / max(float(lit @ LUMA), 1.0)
    return np.asarray(added / max(float(added @ LUMA), 1.0), np.float32)


def line_dark(eye: Straightened, skin: Floats) -> Floats:
    """(1, columns) share of light that the lash line takes."""
    near = np.exp(-np.square((eye.depth + 0.03) / 0.06))[:, None]
    dark = np.clip(1 - (eye.rgb @ LUMA) / np.maximum(skin @ LUMA, 1), 0.01, 0.95)
    along = ((near * dark**2).sum(axis=0) / (near * dark).sum(axis=0))[None].astype(np.float32)
    soft = cv2.GaussianBlur(along, (0, 0), max(0.5, 0.2 * eye.px_cm), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(soft, *LINE_DARK), np.float32)


def packed(skin: Floats, lift: Floats) -> Pixels:
    """(rows, columns, 4): colour and light in one picture, for one sample."""
    return to_pixels(np.clip(np.concatenate([skin, lift[..., None]], axis=-1), 0, 255))
