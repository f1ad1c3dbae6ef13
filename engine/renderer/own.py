"""What a photo itself shows between its lips: upper teeth hang on the skull, what lies below a dark gap on the jaw."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.renderer.geometry import Floats, curve, smoothstep
from engine.renderer.mouth import OWN_GAP_CM, Mouth, cheapest_path
from engine.renderer.palette import LUMA, Colours
from engine.renderer.warp import sample

if TYPE_CHECKING:
    from engine.renderer.interior import View

CROWN_CM = 0.9  # height of an incisor that shows in a smile
RIM_SHARE = 0.6  # of what the lower lip gives up shows the teeth beside it
ROOT_CM = 0.25  # lower teeth go on so far behind the lip
DARK_STAYS = 0.35  # of a dark corner beside the teeth; the rest gives way to flesh as the mouth opens
LIP_RIM_CM = 0.03  # the landmarks run this far into the lower lip
LEVELS, ACROSS = 24, 48  # the opening unrolled: rows from lip to lip, columns from corner to corner
CENTRAL = slice(ACROSS // 5, -ACROSS // 5)
BEND = 0.02  # what a step of the gap's path from column to column costs, in the opening's contrast
DARK_SHARE = 0.62  # a gap between the rows is at most this bright beside what is above and below it,
TEETH_SHARE = 0.88  # or this, where teeth are on both sides
REAL_SHARE = 0.3  # of the columns show such a gap, else there is one row of teeth
SEEN_SHARE = 0.3  # of the columns show teeth, else there are none
TEETH_LUMA = 0.42  # teeth are at least this bright beside what teeth in this light should be
TEETH_SATURATION = 0.75  # and at most this coloured beside the tongue
LOWER_FROM = 0.3  # lower teeth begin at least this far down the opening
LIP_FROM = 0.85  # what shines further down is the lower lip
SHARP = 0.45  # of a tooth's rise in brightness comes within three rows at an edge, less in a lip's shadow
THROAT = 0.1, 0.35  # darker than this, beside teeth, is the throat


@dataclass(frozen=True, slots=True)
class Own:
    """The photo's own inside of the mouth over a View.

    pixels: (h, w, 3), going on beyond the lips' edges for when they draw back. skull, jaw, cavity: (h, w) 0..1, what
    hangs on either, and what is seen behind them. upper_y, lower_y: edges of its upper and lower teeth, cm; None where
    it shows none.
    teeth, throat: (3,) their colours, where seen. apart: it shows that the jaws are apart.
    """

    pixels: Floats
    skull: Floats
    jaw: Floats
    cavity: Floats
    upper_y: float | None
    lower_y: float | None
    apart: bool
    teeth: Floats | None
    throat: Floats | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The opening unrolled to (LEVELS, ACROSS). teeth: which places look like teeth.

    split: (ACROSS,) level 0..1 of what parts the rows: over 1 with upper teeth alone, 0 with lower teeth alone.
    upper, lower: level of the edges of the upper and lower teeth in the middle; None where not seen.
    """

    pixels: Floats
    teeth: NDArray[np.bool_]
    split: Floats
    upper: float | None
    lower: float | None


def find_own(mouth: Mouth, view: "View", colours: Colours) -> Own | None:
    """Take apart what lies between the lips; None where they are closed."""
    if mouth.gap < OWN_GAP_CM:
        return None
    upper, lower = curve(mouth.upper_inner, view.x), curve(mouth.lower_inner, view.x)
    gap = np.maximum(lower - upper, 1e-3)
    level = (view.y - upper) / gap
    seen = _look_between(_unroll(mouth, view), colours)
    on_skull, on_jaw = _shares(seen, mouth, view, colours, (level, gap))
    beside = np.abs(view.x - mouth.centre_x)
    wide = (beside < mouth.half_width) * smoothstep(1.5 * view.soft, 3 * view.soft, gap)
    down = lower - 0.8 * view.soft - LIP_RIM_CM + RIM_SHARE * mouth.rims_cm(view.x)[1] - view.y
    inside = smoothstep(0, view.soft, down) * wide
    behind = inside * smoothstep(0, 0.25 * gap, down) * (1 - smoothstep(0.55, 0.8, beside / mouth.half_width))
    behind = behind * smoothstep(-0.15, 0.0, view.y - upper)
    under_lip = smoothstep(0, view.soft, down + (0.0 if seen.lower is None else ROOT_CM)) * wide
    top, high = (float(np.median(part[beside < 0.6])) for part in (upper, gap))
    crown = CROWN_CM - high * (seen.upper or 0)  # what of the teeth's height the lip hides
    return Own(
        pixels=_carried_on(view, upper, gap, None if seen.upper is None else (colours.gums, crown)),
        skull=(inside * on_skull).astype(np.float32),
        jaw=(under_lip * on_jaw).astype(np.float32),
        cavity=(behind * (1 - on_skull) * (1 - on_jaw)).astype(np.float32),
        upper_y=None if seen.upper is None else top + high * seen.upper,
        lower_y=None if seen.lower is None else top + high * seen.lower,
        apart=float(seen.split.max()) <= 1,
        teeth=np.median(seen.pixels[seen.teeth], axis=0).astype(np.float32) if seen.teeth.sum() > LEVELS else None,
        throat=_darkest(seen.pixels),
    )


def _shares(
    seen: _Seen, mouth: Mouth, view: "View", colours: Colours, places: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """How much of what each px between the lips shows hangs on the skull, and how much on the jaw: (h, w) 0..1 each.

    places: (h, w) level between the lips, 0..1, and cm from lip to lip.
    """
    level, gap = places
    light = cv2.GaussianBlur(view.pixels @ LUMA, (0, 0), 1.5) / max(float(colours.teeth @ LUMA), 1.0)
    bright = smoothstep(*THROAT, np.asarray(light, np.float32))
    beside = np.abs(view.x - mouth.centre_x) / mouth.half_width
    in_corner = smoothstep(0.6, 0.9, beside)  # crumbs of lower teeth there would fly about
    if seen.upper is None:  # what is above the tongue stays behind
        on_jaw = smoothstep(0.0, 0.45, level) * bright * (1 - in_corner)
        return np.zeros_like(on_jaw), on_jaw
    columns = (np.linspace(-1, 1, ACROSS) * mouth.half_width + mouth.centre_x).astype(np.float32)
    soft = np.maximum(0.5 * view.soft / gap, 0.02)
    split = np.interp(view.x, columns, seen.split)
    below = smoothstep(split - soft, split + soft, level)
    return (1 - below) * (DARK_STAYS + (1 - DARK_STAYS) * bright), below * bright * (1 - in_corner)


def _unroll(mouth: Mouth, view: "View") -> Floats:
    """(LEVELS, ACROSS, 3) colours between the lips, corner to corner."""
    x = np.linspace(-1, 1, ACROSS, dtype=np.float32) * mouth.half_width + mouth.centre_x
    upper, lower = curve(mouth.upper_inner, x), curve(mouth.lower_inner, x)
    rows = (np.arange(LEVELS, dtype=np.float32)[:, None] + 0.5) / LEVELS
    y = upper + (lower - upper) * rows
    return sample(view.pixels, view.index_of(np.broadcast_to(x, y.shape), y))


def _look_between(pixels: Floats, colours: Colours) -> _Seen:
    """Tell upper from lower teeth: by a dark gap between them, else by where and how their brightness begins."""
    luma = pixels @ LUMA
    teeth = _teeth_like(pixels, colours)
    path, real = _dark_path(luma, teeth)
    rows = ((np.arange(LEVELS) + 0.5) / LEVELS).astype(np.float32)[:, None]
    if float(real[CENTRAL].mean()) > REAL_SHARE:
        over, under = teeth & (rows < path), teeth & (rows > path)
    elif _begins_low(teeth, luma):
        over, under, path = np.zeros_like(teeth), teeth, np.zeros_like(path)
    else:
        over, under, path = teeth, np.zeros_like(teeth), np.full_like(path, 1.3)
    upper, lower = _edge(over[::-1]), _edge(under)
    if lower is not None and lower > LIP_FROM:
        lower = None
    return _Seen(pixels, teeth, path, None if upper is None else 1 - upper, lower)


def _edge(teeth: NDArray[np.bool_]) -> float | None:
    """The level at which a row of teeth begins in the middle of the mouth; None where there is no such row."""
    teeth = teeth[:, CENTRAL]
    some = teeth.any(axis=0)
    return float(np.median(teeth[:, some].argmax(axis=0))) / LEVELS if some.mean() > SEEN_SHARE else None


def _begins_low(teeth: NDArray[np.bool_], luma: Floats) -> bool:
    """Teeth with a sharp upper edge well below the upper lip are lower teeth; a lip's shadow is softer."""
    luma, teeth = luma[:, CENTRAL], teeth[:, CENTRAL]
    some = np.asarray(teeth.any(axis=0))
    if some.sum() < 0.15 * ACROSS or float(np.median(teeth[:, some].argmax(axis=0))) < LOWER_FROM * LEVELS:
        return False
    profile = np.median(luma[:, some], axis=1)
    peak = int(profile.argmax())
    rises = np.maximum(profile[3:] - profile[:-3], 0)[: max(peak - 2, 1)]
    return bool(rises.max() > SHARP * (profile[peak] - profile[: peak + 1].min()))


def _teeth_like(pixels: Floats, colours: Colours) -> NDArray[np.bool_]:
    """Where the unrolled opening is bright and pale enough for teeth."""
    colour = np.ptp(pixels, axis=2) / np.maximum(pixels.max(axis=2), 1)
    flesh = float(np.ptp(colours.tongue) / max(float(colours.tongue.max()), 1.0))
    bright = pixels @ LUMA > TEETH_LUMA * float(colours.teeth @ LUMA)
    return np.asarray(bright & (colour <= TEETH_SATURATION * flesh + 0.02))


def _dark_path(luma: Floats, teeth: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """The darkest smooth way from corner to corner: (ACROSS,) level 0..1, and where it is a gap between bright rows."""
    smooth = np.asarray(cv2.GaussianBlur(luma, (0, 0), 1.0), np.float32)
    cost = smooth / (float(np.ptp(smooth)) + 10.0)
    steps = np.arange(LEVELS)
    path = cheapest_path(cost, BEND * np.minimum((steps[:, None] - steps) ** 2, 25))
    columns, rows = np.arange(ACROSS), np.arange(LEVELS)[:, None]
    over = np.maximum.accumulate(smooth, axis=0)[path, columns]
    under = np.maximum.accumulate(smooth[::-1], axis=0)[::-1][path, columns]
    between = (teeth & (rows < path)).any(axis=0) & (teeth & (rows > path)).any(axis=0)
    dark = smooth[path, columns] < np.where(between, TEETH_SHARE, DARK_SHARE) * np.minimum(over, under)
    real = dark & (path > 1) & (path < LEVELS - 3)
    return np.asarray(cv2.GaussianBlur((path[None] + 0.5) / LEVELS, (0, 0), 1.2)[0], np.float32), real


def _darkest(pixels: Floats) -> Floats | None:
    """Colour of the photo's own throat, where it shows something dark."""
    luma = pixels @ LUMA
    dark = luma <= np.percentile(luma, 8)
    if float(luma[dark].mean()) > 0.35 * float(luma.max()):
        return None
    return np.asarray(np.median(pixels[dark], axis=0), np.float32)


def _carried_on(view: "View", upper: Floats, gap: Floats, roots: tuple[Floats, float] | None) -> Floats:
    """The photo's pixels between the lips; beyond their edges mirrored.

    roots: colour of the gums, and how far above the upper lip's edge they begin; None where no upper teeth are seen.
    """
    depth = view.y - upper
    mirrored = np.where(depth < view.soft, 2 * view.soft - depth, depth)
    bottom = gap - view.soft
    mirrored = np.where(mirrored > bottom, np.maximum(2 * bottom - mirrored, 0.3 * bottom), mirrored)
    pixels = sample(view.pixels, view.lower(mirrored - depth))
    if roots is not None:
        gums, from_cm = roots
        root = smoothstep(max(from_cm, 0.0), max(from_cm, 0.0) + 0.2, -depth)[..., None]
        pixels = pixels * (1 - root) + (0.65 * gums + 0.15 * pixels) * root
    return np.asarray(pixels, np.float32)
