"""The person apart from what is behind them: one value of opacity a pixel.

MediaPipe's selfie segmentation sees 256 x 256 pixels of a photo; the photo's own colours then say where the edge
really runs (guided filter, He et al. 2010 and 2015).
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import weights
from engine.errors import BackgroundUnclear
from engine.face.detector import detect
from engine.face.networks import Floats, Network
from engine.face.types import Face
from engine.photo import Picture
from engine.renderer.cutout import ORIGINAL, Cutout, cut_out
from engine.renderer.geometry import OVAL
from engine.stopping import checkpoint

Pixels = NDArray[np.uint8]

VIEW_PX = 256  # the network's input
CLOSE_UP = 3.6  # side of the close-up in face heights: head and shoulders, as in the pictures it was trained on
CLOSE_UP_ABOVE = 0.5  # share of it above the nose
FEATHER = 0.08  # of the close-up's side, over which it gives way to the view of the whole photo
GUIDE_PX = 720  # longest side at which the edge is looked for; finer detail comes back with the photo's colours
REACH = 0.008  # of the longest side: the filter's radius, about two of the network's pixels
SAME_COLOUR = 1e-4  # squared, colours in 0..1: differences below 0.01 are no edge
COLOUR_BINS = 16  # a channel
MOST_ODDS = 8.0  # colours alone do not overrule a network that is sure
SURE = 0.06, 0.94  # what the filter makes of flat places is taken for 0 and 1
SPECK = 0.03  # of the person's area; smaller islands are mistakes
SPUR = 0.025  # face heights; thinner parts that stick out are not the person's
COVER = 0.95, 0.80  # of the mean opacity inside the face's oval, and of its lowest tenth: else not this face's matte
DOUBTFUL = (
    0.06  # of the person's area may lie between 0.2 and 0.8: hair does; a picture that was not understood does more
)
OVAL_SHARE = 0.88
CUT_OUT = 0.75  # share of a photo's own opaque area that the person takes, if it was cut out around them
NEIGHBOUR = 8.0  # face heights: so far away a head that moves takes others along, were they the same person
BEHIND = 0.02  # of the photo must be background: else there is nothing to part


def part(picture: Picture, face: Face, background: str) -> Cutout | None:
    """Part a photo into its person and what is to be behind them (see cut_out).

    None where the two cannot be told apart, if the background is to stay; else raises BackgroundUnclear.
    """
    alpha = find_matte(picture.rgb, face) if picture.alpha is None else _own_matte(picture, picture.alpha, face)
    checkpoint()  # with those below and in the cutout, about a second of the largest photo apart
    if alpha is not None:
        return cut_out(picture.rgb, alpha, background, alone=_is_alone(picture.rgb, face))
    if background == ORIGINAL:
        return None
    raise BackgroundUnclear("the person cannot be told from the background", background=background)


def _own_matte(picture: Picture, own: Pixels, face: Face) -> Pixels | None:
    """The photo's own opacity, if it was cut out around the person; what a vignette shows is parted as any photo."""
    found = find_matte(picture.rgb, face)
    if found is not None and np.mean(found > 127) < CUT_OUT * np.mean(own > 127):
        return np.minimum(found, own)
    return own if is_plausible(np.asarray(own / np.float32(255), np.float32), face) else found


def _is_alone(rgb: Pixels, face: Face) -> bool:
    """Whether no other face is so near that their hair or shoulders may touch."""
    left, top, width, height = face.box_px
    centre = np.array([left + width / 2, top + height / 2])
    for other in detect(rgb):
        away = float(np.linalg.norm((other.box[:2] + other.box[2:]) / 2 - centre))
        if 0.5 * face.height_px < away < NEIGHBOUR * face.height_px:
            return False
    return True


def find_matte(rgb: Pixels, face: Face) -> Pixels | None:
    """Opacity (h, w) of the person in a (h, w, 3) photo, 0 to 255; None where it cannot be trusted."""
    rough = _rough(rgb, face)
    alpha = _without_specks(_without_spurs(_refined(rgb, rough), rough, face), face)
    return _to_pixels(alpha) if is_plausible(alpha, face) else None


def is_plausible(alpha: Floats, face: Face) -> bool:
    """Whether an opacity in 0..1 covers the face, leaves some background, and is decided nearly everywhere."""
    inside = alpha[_oval(face, alpha.shape) > 0]
    if inside.size == 0 or inside.mean() < COVER[0] or float(np.percentile(inside, 10)) < COVER[1]:
        return False
    person = float((alpha > 0.5).mean())
    doubtful = float(((alpha > 0.2) & (alpha < 0.8)).mean())
    return 1 - person > BEHIND and doubtful < DOUBTFUL * person


@cache
def _network() -> Network:
    return Network(weights.path("selfie-segmentation").read_bytes())


def _rough(rgb: Pixels, face: Face) -> Floats:
    """(h, w) in 0..1 as the network sees it: the whole photo, and once more closely around the head."""
    height, width = rgb.shape[:2]
    rough = _seen(rgb)
    side = CLOSE_UP * face.height_px
    left, top = face.landmarks_px[1, :2] - (side / 2, CLOSE_UP_ABOVE * side)
    x0, y0 = max(0, int(left)), max(0, int(top))
    x1, y1 = min(width, int(left + side)), min(height, int(top + side))
    if x1 - x0 < 32 or y1 - y0 < 32 or (x1 - x0) * (y1 - y0) > 0.8 * width * height:
        return rough
    close = _seen(rgb[y0:y1, x0:x1])
    fade = max(1.0, FEATHER * side)
    x, y = np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32)
    # No fading on the photo's own border: beyond it there is nothing to give way to.
    share_x = _ramp(x - x0, fade, x0 == 0) * _ramp(x1 - 1 - x, fade, x1 == width)
    share_y = _ramp(y - y0, fade, y0 == 0) * _ramp(y1 - 1 - y, fade, y1 == height)
    part = rough[y0:y1, x0:x1]
    part += np.outer(share_y, share_x) * (close - part)
    return rough


def _ramp(distance: Floats, length: float, whole: bool) -> Floats:
    return np.ones_like(distance) if whole else np.clip(distance / np.float32(length), 0, 1)


def _seen(rgb: Pixels) -> Floats:
    view = cv2.resize(rgb, (VIEW_PX, VIEW_PX), interpolation=cv2.INTER_AREA)
    (seen,) = _network()(view[None] / np.float32(255))
    return np.asarray(cv2.resize(seen[0, ..., 0], rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _refined(rgb: Pixels, rough: Floats) -> Floats:
    """Move the edge to where the photo's colours change."""
    checkpoint()
    height, width = rough.shape
    scale = min(1.0, GUIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    guide = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
    seen = np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_AREA), np.float32)
    slope, offset = _guided(guide, _by_colour(guide, seen), max(2, round(REACH * max(size))))
    slope = np.asarray(cv2.resize(slope, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    refined = np.asarray(cv2.resize(offset, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    for channel in range(3):
        checkpoint()
        refined += slope[..., channel] * (rgb[..., channel] * np.float32(1 / 255))
    low, high = SURE
    return np.asarray(np.clip((refined - low) / (high - low), 0, 1), np.float32)


def _by_colour(guide: Floats, rough: Floats) -> Floats:
    """Decide where the network doubts, by whose colours a pixel has: the sure person's or the sure background's."""
    bins = (guide * np.float32(COLOUR_BINS - 0.01)).astype(np.int32)
    which = bins @ np.array([COLOUR_BINS**2, COLOUR_BINS, 1], np.int32)
    person, behind = (_histogram(which, weight) for weight in (rough > 0.95, rough < 0.05))
    odds = np.clip((person + 1e-5) / (behind + 1e-5), 1 / MOST_ODDS, MOST_ODDS)[which]
    return np.asarray(rough * odds / (rough * odds + (1 - rough)), np.float32)


def _histogram(which: NDArray[np.int32], mask: NDArray[np.bool_]) -> Floats:
    """How common each colour is under the mask, smoothed over its neighbours; sums to 1."""
    side = COLOUR_BINS
    counts = np.bincount(which[mask], minlength=side**3).astype(np.float32).reshape(side, side, side)
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
        low, middle, high = (np.take(padded, range(start, start + side), axis=axis) for start in range(3))
        counts = low + 2 * middle + high
    return (counts / max(float(counts.sum()), 1.0)).ravel()


def _guided(guide: Floats, rough: Floats, radius: int) -> tuple[Floats, Floats]:
    """Slope (h, w, 3) and offset (h, w) by which the guide's colours tell the rough opacity best, locally."""

    def mean(values: Floats) -> Floats:
        return np.asarray(cv2.blur(values, (2 * radius + 1,) * 2, borderType=cv2.BORDER_REFLECT), np.float32)

    colour, opacity = mean(guide), mean(rough)
    r, g, b = np.moveaxis(guide, 2, 0)
    mean_r, mean_g, mean_b = np.moveaxis(colour, 2, 0)
    rr, gg, bb = (mean(c * c) - m * m + SAME_COLOUR for c, m in ((r, mean_r), (g, mean_g), (b, mean_b)))
    rg, rb, gb = mean(r * g) - mean_r * mean_g, mean(r * b) - mean_r * mean_b, mean(g * b) - mean_g * mean_b
    with_r, with_g, with_b = np.moveaxis(mean(guide * rough[..., None]) - colour * opacity[..., None], 2, 0)
    # Cramer's rule for the symmetric 3 x 3 covariance.
    c_rr, c_rg, c_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    slope = np.stack(
        [
            c_rr * with_r + c_rg * with_g + c_rb * with_b,
            c_rg * with_r + c_gg * with_g + c_gb * with_b,
            c_rb * with_r + c_gb * with_g + c_bb * with_b,
        ],
        axis=-1,
    )
    slope /= np.maximum(rr * c_rr + rg * c_rg + rb * c_rb, 1e-14)[..., None]
    return mean(slope), mean(opacity - (slope * colour).sum(axis=2))


def _without_spurs(alpha: Floats, rough: Floats, face: Face) -> Floats:
    """Cut off what is thin and lies beyond the network's own edge: a wall's joint that has the hair's colour."""
    checkpoint()
    width = max(3, round(SPUR * face.height_px))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    body = cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REPLICATE)
    near = cv2.dilate(body, kernel)
    return np.where((near > 0) | (rough > 0.5), alpha, 0).astype(np.float32)


def _without_specks(alpha: Floats, face: Face) -> Floats:
    """Keep the large islands; fill the small holes, and the face."""
    checkpoint()
    sure = (alpha > 0.5).astype(np.uint8)
    least = SPECK * float(sure.sum())
    keep = cv2.dilate(_large(sure, least), np.ones((5, 5), np.uint8))
    filled = np.where(keep > 0, alpha, 0)
    holes = 1 - cv2.dilate(_large(1 - sure, least), np.ones((5, 5), np.uint8))
    filled = np.where((holes > 0) & (sure == 0), 1, filled)
    return np.asarray(np.maximum(filled, _oval(face, alpha.shape)), np.float32)


def _large(mask: Pixels, least: float) -> Pixels:
    """The islands of a 0/1 mask that have at least so many pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    return np.asarray(large[labels], np.uint8)


def _oval(face: Face, shape: tuple[int, ...]) -> Floats:
    """1 inside the face's oval, well within its edge: at three quarters the mesh may reach past the cheek."""
    ring = face.landmarks_px[list(OVAL), :2]
    middle = ring.mean(axis=0)
    within = middle + OVAL_SHARE * (ring - middle)
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(within).astype(np.int32)], 1)
    return np.asarray(mask, np.float32)


def _to_pixels(alpha: Floats) -> Pixels:
    return np.asarray(np.round(alpha * 255), np.uint8)
