"""What is behind a person: the background carried on where they hid it, and the loose hair that stands before it."""

import cv2
import numpy as np

from engine.renderer.geometry import Floats, smoothstep
from engine.renderer.warp import Pixels, to_pixels
from engine.stopping import checkpoint

BLUR_SHARE = 0.02  # of the longest side: a background as out of focus as behind a portrait lens
RIM = 0.025  # of the longest side: this far from the person their hair is looked for
EDGE = 0.005  # of the longest side: over this, a photo's sharpest edges run out
MIRRORED = 0.08  # of the longest side: so far behind the person the background keeps its texture
LOOK_PX = 1280  # longest side at which its restlessness is judged
FILL_PX = 640  # longest side at which the background is carried on; it is smooth anyway
HALO = 0.06  # of the longest side: so far a calm background goes along, ever less
CALM = 3.0, 7.0  # levels of roughness: below, all of it does; above, none
FULLER = 0.6  # power of the least opacity
PULL = 4.0  # a pixel of half the size that knows a quarter of its own knows enough
ALMOST_NONE = 4  # of 255


def behind(rgb: Pixels, alpha: Pixels) -> Pixels:
    """The (h, w, 3) photo without its person: mirrored at their edge, and carried on smoothly farther in."""
    longest = max(rgb.shape[:2])
    # A ragged outline would be mirrored in splinters.
    side = 4 * max(1, round(EDGE * longest)) + 1
    round_about = cv2.blur((alpha > ALMOST_NONE).astype(np.float32), (side, side))
    covered = np.asarray((round_about > 0.5) | (alpha > ALMOST_NONE), np.uint8)
    plate = rgb.copy()
    if covered.all():
        return plate
    np.copyto(plate, _carried_on(rgb, covered), where=covered[..., None] > 0)
    away, nearest = cv2.distanceTransformWithLabels(
        covered, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    checkpoint()
    reach = MIRRORED * longest
    near = np.nonzero((away > 0) & (away < reach))
    clear = np.flatnonzero(covered == 0)
    edge = np.empty(int(nearest.max()) + 1, np.int64)
    edge[nearest.reshape(-1)[clear]] = clear
    height, width = covered.shape
    row, column = np.divmod(edge[nearest[near]], width)
    row, column = np.clip(2 * row - near[0], 0, height - 1), np.clip(2 * column - near[1], 0, width - 1)
    checkpoint()
    share = (covered[row, column] == 0) * (1 - smoothstep(0.2, 1, away[near] / reach))
    smooth = plate[near].astype(np.float32)
    plate[near] = to_pixels(smooth + share[:, None] * (rgb[row, column] - smooth))
    checkpoint()
    soft = cv2.GaussianBlur(plate, (0, 0), EDGE * longest)
    np.copyto(plate, soft, where=(away > EDGE * longest)[..., None])
    return plate


def loose_hair(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Opacity (h, w) of what stands out from the background close to the person: hair, or an edge's bright rim.

    A little more than the least that explains the colour seen over a background carried on from farther away: with
    the least itself, hair would have to be of the most glaring colours. Where the background is so calm that nobody
    sees it move, it goes with the head for a little way, and takes all its fine hair along. A few pixels always do.
    """
    longest = max(rgb.shape[:2])
    outside = (alpha <= ALMOST_NONE).astype(np.uint8)
    away = np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_5), np.float32)
    away *= np.float32(1 / max(1.0, RIM * longest))
    covered = (away < 1).astype(np.uint8)
    found = np.zeros(alpha.shape, np.uint8)
    rim = np.nonzero((alpha < 255) & (away < HALO / RIM))
    if covered.all() or len(rim[0]) == 0:
        return found
    seen, back = rgb[rim].astype(np.float32), _carried_on(rgb, covered)[rim].astype(np.float32)
    needed = np.where(seen < back, (back - seen) / np.maximum(back, 1), (seen - back) / np.maximum(255 - back, 1))
    apart = np.asarray(np.abs(seen - back).max(axis=1), np.float32)
    rough = _roughness(rgb, covered, max(3, round(RIM * longest)))[rim]
    # Where the person's edge runs out, little is enough.
    usual = np.where(away[rim] < EDGE / RIM, 1.5 * rough + 2, 5 * rough + 6)
    stands_out = smoothstep(0, 1, np.asarray(apart / usual - 1, np.float32))
    opacity = needed.max(axis=1) ** FULLER * stands_out * (1 - smoothstep(0.6, 1, away[rim]))
    farther = _roughness(rgb, (away < HALO / RIM).astype(np.uint8), max(3, round(HALO * longest)))[rim]
    halo = (1 - smoothstep(*CALM, farther)) * (1 - smoothstep(0.1, 1, away[rim] * np.float32(RIM / HALO)))
    edge = 1 - smoothstep(0.2, 1, away[rim] * np.float32(RIM / EDGE))
    found[rim] = to_pixels(255 * np.maximum(np.maximum(opacity, halo), edge))
    return found


def blurred(plate: Pixels) -> Pixels:
    """Out of focus. Made at a quarter of the size, where it looks the same."""
    height, width = plate.shape[:2]
    small = cv2.resize(plate, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    sigma = max(0.5, BLUR_SHARE * max(small.shape[:2]))
    soft = cv2.GaussianBlur(small.astype(np.float32), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return to_pixels(np.clip(cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC), 0, 255))


def _roughness(rgb: Pixels, covered: Pixels, reach_px: int) -> Floats:
    """(h, w) how much brightness changes in the background around, in levels.

    The root of the mean square: a wall's few joints and blurred lights count, lest they go with the head.
    """
    height, width = covered.shape
    scale = min(1.0, LOOK_PX / max(height, width))
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        hidden = np.asarray(cv2.resize(covered, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        found = _roughness(small, hidden, max(3, round(scale * reach_px)))
        return np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    near, wide = 2 * reach_px + 1, 4 * reach_px + 1
    clear = (1 - covered).astype(np.float32)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32) * clear
    mean = cv2.blur(grey, (near, near)) / np.maximum(cv2.blur(clear, (near, near)), 1e-3)
    detail = (grey - mean) * clear
    share = np.maximum(cv2.blur(clear, (wide, wide)), 1e-3)
    square = np.maximum(cv2.blur(detail * detail, (wide, wide)), 0)  # a running sum may round below
    return np.asarray(np.sqrt(square / share), np.float32)


def _carried_on(rgb: Pixels, covered: Pixels) -> Pixels:
    """The (h, w, 3) photo where it is not covered (0/1), and its colours carried on where it is."""
    checkpoint()
    height, width = covered.shape
    scale = min(1.0, FILL_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    clear = np.asarray(255 * (1 - covered), np.uint8)
    visible = cv2.resize(cv2.bitwise_and(rgb, rgb, mask=clear), size, interpolation=cv2.INTER_AREA)
    weight = np.asarray(cv2.resize(clear, size, interpolation=cv2.INTER_AREA) * np.float32(1 / 255), np.float32)
    smooth = to_pixels(np.clip(_pushed_and_pulled(visible.astype(np.float32), weight), 0, 255))
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _pushed_and_pulled(weighted: Floats, weight: Floats) -> Floats:
    """(h, w, 3) colours times their (h, w) weights, filled where these are below 1 from ever smaller versions."""
    if min(weight.shape) <= 2:
        mean = weighted.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
        return np.broadcast_to(mean, weighted.shape).astype(np.float32)
    below = cv2.pyrDown(weight)
    known = np.minimum(PULL * below, 1)
    colours = cv2.pyrDown(weighted) * (known / np.maximum(below, 1e-6))[..., None]
    wide = cv2.resize(_pushed_and_pulled(colours, known), weight.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(weighted + (1 - weight)[..., None] * wide, np.float32)
