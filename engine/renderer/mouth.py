"""The photo's own mouth: where its lips part, how thick they are, how far they are open."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.renderer.geometry import (
    CHIN,
    LOWER_INNER,
    LOWER_OUTER,
    NOSE_BASE,
    UPPER_INNER,
    UPPER_OUTER,
    Floats,
    HeadFrame,
    curve,
)
from engine.renderer.warp import sample_photo

CLOSED_GAP_CM = 0.13  # MediaPipe draws up to this much gap between lips that touch
LINE_POINTS = 64
OWN_GAP_CM = 0.2  # lips further apart than this show something worth keeping
SEARCH_CM = 0.34  # how far the lips' own lines may lie from the landmarks
TRUST_CM = 0.26  # a line this far off must be plainly better
SEARCH_STEPS = 61
RAGGED_CM = 0.16  # teeth stand out no further over a lip's line
SEAM_CM = 0.08  # half of the dark seam between closed lips is no wider
RAGGED_SHARE = 0.58  # of the difference between teeth and lip: more is not lip
_OFFSETS_CM = np.linspace(-SEARCH_CM, SEARCH_CM, SEARCH_STEPS, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Mouth:
    """Lip lines in the head's frame: (n, 3) cm each, from the right corner as felt to the left.

    Where the lips touch, upper_inner and lower_inner are one line.
    edge_cm: over how much one thing gives way to another in this photo: its sharpness.
    ragged: (2, n) cm of the upper and of the lower lip, beyond its line, that do not look like the lip: they show teeth
    that stand out over it or, between closed lips, the dark seam.
    """

    upper_inner: Floats
    lower_inner: Floats
    upper_outer: Floats
    lower_outer: Floats
    nose_y: float
    chin_y: float
    edge_cm: float
    ragged: Floats

    @property
    def centre_x(self) -> float:
        """Middle between the corners."""
        return float(self.upper_inner[0, 0] + self.upper_inner[-1, 0]) / 2

    @property
    def half_width(self) -> float:
        """Half the distance between the inner corners, in cm."""
        return float(self.upper_inner[-1, 0] - self.upper_inner[0, 0]) / 2

    @property
    def gap(self) -> float:
        """How far the lips are apart in the middle, in cm."""
        centre = np.array([self.centre_x], np.float32)
        return float(curve(self.lower_inner, centre)[0] - curve(self.upper_inner, centre)[0])

    def rims_cm(self, x_cm: Floats) -> tuple[Floats, Floats]:
        """How much of the inner rims of parted lips, at x, is not the lips' own: upper lip's, lower lip's.

        A blurred edge has taken on the colour of the teeth beside it.
        """
        if self.gap < OWN_GAP_CM:
            return np.zeros_like(x_cm), np.zeros_like(x_cm)
        blurred = min(0.5 * self.edge_cm, 0.12) * np.clip(self.gap_cm(x_cm) / 0.4 - 0.1, 0, 1)
        upper, lower = self.unlike_cm(x_cm)
        return (blurred + upper).astype(np.float32), (blurred + lower).astype(np.float32)

    def unlike_cm(self, x_cm: Floats) -> tuple[Floats, Floats]:
        """The lips' ragged rims at x."""
        upper, lower = (np.interp(x_cm, self.upper_inner[:, 0], ragged, 0, 0) for ragged in self.ragged)
        return upper.astype(np.float32), lower.astype(np.float32)

    def gap_cm(self, x_cm: Floats) -> Floats:
        """How far the lips are apart at x."""
        return curve(self.lower_inner, x_cm) - curve(self.upper_inner, x_cm)

    @property
    def corner_y(self) -> float:
        """Mean height of the corners."""
        return float(self.upper_inner[0, 1] + self.upper_inner[-1, 1]) / 2

    @property
    def depth(self) -> float:
        """z of the middle of the lips."""
        return float(self.upper_inner[len(self.upper_inner) // 2, 2])


def find_mouth(rgb: NDArray[np.uint8], face: Face, frame: HeadFrame) -> Mouth:
    """Return the mouth's lines; between closed lips the line follows the photo's own dark seam."""
    points = frame.to_head(face.landmarks_px[:468])
    upper, lower = resample(points[list(UPPER_INNER)]), resample(points[list(LOWER_INNER)])
    gap = lower[:, 1] - upper[:, 1]
    outer = resample(points[list(UPPER_OUTER)]), resample(points[list(LOWER_OUTER)])
    ragged = np.zeros((2, LINE_POINTS), np.float32)
    if float(gap[LINE_POINTS // 4 : -LINE_POINTS // 4].max()) < CLOSED_GAP_CM:
        upper = lower = _dark_line(rgb, frame, (upper + lower) / 2)
        ragged = np.stack([_ragged(rgb, frame, upper, line, SEAM_CM) for line in outer])
    else:
        trust = float(np.clip(0.32 * gap.max(), 0.08, TRUST_CM))  # lips that hardly part leave little to be wrong about
        upper = skin_edge(rgb, frame, upper, outer[0], (0.3, trust))
        lower = skin_edge(rgb, frame, lower, outer[1], (0.5, trust))
        lower[:, 1] = np.maximum(lower[:, 1], upper[:, 1])
        ragged = np.stack([_ragged(rgb, frame, *lines, RAGGED_CM) for lines in ((upper, outer[0]), (lower, outer[1]))])
    return Mouth(
        upper_inner=upper,
        lower_inner=lower,
        upper_outer=outer[0],
        lower_outer=outer[1],
        nose_y=float(points[NOSE_BASE, 1]),
        chin_y=float(points[CHIN, 1]),
        edge_cm=max(1.4, 1.8 * _blur_around(rgb, frame.to_px(outer[0]))) / frame.px_per_cm,
        ragged=ragged,
    )


def resample(line: Floats) -> Floats:
    """A smooth line of LINE_POINTS points through a few landmarks, evenly spaced in x."""
    line = line[np.argsort(line[:, 0])]
    x = np.linspace(line[0, 0], line[-1, 0], LINE_POINTS, dtype=np.float32)
    columns = [x] + [np.interp(x, line[:, 0], line[:, axis]).astype(np.float32) for axis in (1, 2)]
    for axis in (1, 2):
        columns[axis][1:-1] = _smooth(columns[axis], 2.5)[1:-1]
    return np.stack(columns, axis=1)


def _smooth(values: Floats, sigma: float) -> Floats:
    """Gaussian along a line; its ends are mirrored through themselves, so that they stay."""
    count = int(3 * sigma)
    head = 2 * values[0] - values[count:0:-1]
    tail = 2 * values[-1] - values[-2 : -count - 2 : -1]
    kernel = np.exp(-0.5 * (np.arange(-count, count + 1) / sigma) ** 2)
    return np.convolve(np.concatenate([head, values, tail]), kernel / kernel.sum(), "valid").astype(np.float32)


def _dark_line(rgb: NDArray[np.uint8], frame: HeadFrame, line: Floats) -> Floats:
    """Move a line up and down onto the darkest smooth path near it."""
    grey = _strip(rgb, frame, line) @ np.array([0.299, 0.587, 0.114], np.float32)
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.float32)
    return _follow(line, smooth / (float(smooth.std()) + 1.0))


def skin_edge(
    rgb: NDArray[np.uint8], frame: HeadFrame, inner: Floats, outer: Floats, settings: tuple[float, float]
) -> Floats:
    """Move a lip's inner line to where the lip's own colour begins.

    settings: how far from the inner to the outer line that colour is looked up, and how many cm are plausible.
    """
    depth, trust_cm = settings
    middle = inner.copy()
    middle[:, 1] += depth * (np.interp(inner[:, 0], outer[:, 0], outer[:, 1]) - inner[:, 1])
    central = slice(LINE_POINTS // 5, -LINE_POINTS // 5)
    lip = np.median(_strip(rgb, frame, middle)[SEARCH_STEPS // 2, central], axis=0)
    unlike = np.linalg.norm(_strip(rgb, frame, inner) - lip, axis=2).astype(np.float32)
    reach = SEARCH_STEPS // 6
    mean = cv2.blur(cv2.copyMakeBorder(unlike, reach, reach, 0, 0, cv2.BORDER_REPLICATE), (1, reach))
    half = reach // 2 + 1
    before, after = mean[reach - half : -reach - half], mean[reach + half : SEARCH_STEPS + reach + half]
    towards_lip = np.sign(float(np.mean(outer[central, 1] - inner[central, 1])))
    gain = towards_lip * (before - after)  # the lip is like itself, what is beside it is not
    return _follow(inner, np.asarray(-2 * gain / (float(unlike.std()) + 6.0), np.float32), trust_cm)


def _ragged(rgb: NDArray[np.uint8], frame: HeadFrame, inner: Floats, outer: Floats, most_cm: float) -> Floats:
    """(n,) cm, up to most_cm, from a lip's inner line to where its own colour begins."""
    thick = np.interp(inner[:, 0], outer[:, 0], outer[:, 1]) - inner[:, 1]
    sign = np.sign(float(np.mean(thick)))
    middle = inner.copy()
    middle[:, 1] += 0.5 * thick
    lip = _strip(rgb, frame, middle)[SEARCH_STEPS // 2]
    lip = np.stack([_smooth(lip[:, channel], 6.0) for channel in range(3)], axis=1)
    strip = _strip(rgb, frame, inner)[:: 1 if sign > 0 else -1]  # from the teeth into the lip
    unlike = np.linalg.norm(strip - lip, axis=2)
    middle_of_strip = SEARCH_STEPS // 2
    beside = slice(middle_of_strip - 4, middle_of_strip + 4) if most_cm == SEAM_CM else slice(middle_of_strip - 4)
    inside = np.maximum(unlike[beside].max(axis=0), 40.0)
    beyond = unlike[SEARCH_STEPS // 2 :] > RAGGED_SHARE * inside
    steps = np.where(beyond.all(axis=0), 0, (~beyond).argmax(axis=0))  # all: the lip itself has another colour there
    cm = np.minimum(steps * (2 * SEARCH_CM / (SEARCH_STEPS - 1)), np.minimum(most_cm, 0.3 * np.abs(thick)))
    widest = np.asarray(cv2.dilate(cm[None].astype(np.float32), np.ones((1, 5), np.uint8))[0])
    ends = np.abs(np.linspace(-1, 1, LINE_POINTS, dtype=np.float32)) ** 8
    return np.asarray(_smooth(widest, 3.0) * (1 - ends), np.float32)


def _strip(rgb: NDArray[np.uint8], frame: HeadFrame, line: Floats) -> Floats:
    """(SEARCH_STEPS, LINE_POINTS, 3) colours from above a line to below it."""
    strip = np.repeat(line[None], SEARCH_STEPS, axis=0)
    strip[:, :, 1] += _OFFSETS_CM[:, None]
    return sample_photo(rgb, frame.to_px(strip)).astype(np.float32)


def _follow(line: Floats, cost: Floats, trust_cm: float = TRUST_CM) -> Floats:
    """Move a line up and down along the cheapest smooth path (dynamic programming), staying near."""
    ends = np.abs(np.linspace(-1, 1, LINE_POINTS)) ** 4  # at the corners the landmarks know better
    cost = cost + ((_OFFSETS_CM / trust_cm) ** 2)[:, None] * (0.8 + 3 * ends)
    steps = np.arange(SEARCH_STEPS)
    path = cheapest_path(cost, 0.12 * (steps[:, None] - steps) ** 2)
    moved = line.copy()
    moved[:, 1] += _smooth(_OFFSETS_CM[path], 1.2) * (1 - np.abs(np.linspace(-1, 1, LINE_POINTS)) ** 6)
    return moved


def cheapest_path(cost: Floats, bend: Floats) -> NDArray[np.intp]:
    """(columns,) rows of the cheapest way through a (rows, columns) cost, from left to right (dynamic programming).

    bend: (rows, rows) what it costs to go from one row to another in the next column.
    """
    count, columns = cost.shape
    best, back = cost[:, 0], np.zeros((count, columns), np.intp)
    steps = np.arange(count)
    for column in range(1, columns):
        total = best + bend
        back[:, column] = total.argmin(axis=1)
        best = cost[:, column] + total[steps, back[:, column]]
    path = np.empty(columns, np.intp)
    path[-1] = best.argmin()
    for column in range(columns - 1, 0, -1):
        path[column - 1] = back[path[column], column]
    return path


def _blur_around(rgb: NDArray[np.uint8], points_px: Floats) -> float:
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    reach = 0.3 * (high[0] - low[0])
    left, top = np.maximum(low - reach, 0).astype(int)
    right, bottom = (high + reach).astype(int)
    part = rgb[top:bottom, left:right]
    return blur_px(part) if min(part.shape[:2]) >= 8 else 1.0


def blur_px(part: NDArray[np.uint8]) -> float:
    """How blurred the sharpest edges of a (h, w, 3) picture are: sigma in px, 0.3 to 6.

    Blurs once more and sees how much of the steepest gradients is lost (Zhuo & Sim, Pattern Recognition 2011).
    """
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32)
    again = 2.0
    steep = [_gradient(np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.float32)) for sigma in (0.5, again)]
    edges = steep[0] >= np.percentile(steep[0], 97)
    ratio = float(np.clip(np.median(steep[1][edges] / np.maximum(steep[0][edges], 1e-3)), 0.1, 0.97))
    return float(np.clip(again * ratio / np.sqrt(1 - ratio**2), 0.3, 6.0))


def _gradient(grey: NDArray[np.floating]) -> Floats:
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)).astype(np.float32)
