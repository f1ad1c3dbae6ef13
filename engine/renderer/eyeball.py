"""One eye between its lids: iris and pupil move a little, as far as the photo's own white lets them."""

from dataclasses import dataclass

import numpy as np

from engine.renderer.geometry import Floats, HeadFrame, curve, smoothstep
from engine.renderer.palette import LUMA
from engine.renderer.pixels import blend
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Pixels, sample, sample_photo, shifted

AROUND = 1.12  # iris radii that move as one; beyond, the white gives way
GIVES_CM = 0.55  # over so much
CORNER_CM = 0.25  # near its corners an eye is still
STILL_CM = 0.01  # a smaller turn is not seen
LIDS_CM = 0.08  # the lids are still
RADIUS_CM = (0.35, 0.9)  # of an iris; what the landmarks find outside of it is none
DARKER = 0.9  # an iris has at most so much of the light of the white beside it


@dataclass(frozen=True, slots=True)
class Eyeball:
    """What moves of an eye, over some cells of the face's grid.

    shape: (h, w, 4) float32 for each px of the photo from (left, top) on: 1 between the lids; how much of a turn is
    seen here; cm below the upper lid's edge; cm above the lower lid's. right_px, down_px: (2,) one cm, in px.
    rim_cm: what lies this near to a lid's edge has some of its colour.
    """

    cells: Cells
    left: int
    top: int
    shape: Floats
    right_px: Floats
    down_px: Floats
    rim_cm: np.float32

    def look(self, source: Source, sources: Floats, under: Pixels, turn: Floats) -> Pixels:
        """Draw the eye over `under`, a (h, w, 3) part of the frame that shows the photo at sources (h, w, 2) px.

        turn: (2,) cm that the iris moves, to the right as seen and down.
        """
        moved, inside = self.turned(sources, turn)
        seen = inside * np.minimum(1, (np.abs(turn[0]) + np.abs(turn[1])) / STILL_CM)
        return blend(source.at(moved), under, seen, 1 - seen)

    def turned(self, sources: Floats, turn: Floats) -> tuple[Floats, Floats]:
        """Where the eye's part of a frame comes from, (h, w, 2) px, given where it comes from in the photo.

        And (h, w): 1 between the lids.
        """
        corner = -self.left, -self.top
        here = sample(self.shape, shifted(sources, corner))
        share = here[..., 1:2]
        moved = sources - share * (turn[0] * self.right_px + turn[1] * self.down_px)
        edges = sample(self.shape, shifted(moved, corner))
        into = np.maximum(self.rim_cm - edges[..., 2], 0) - np.maximum(self.rim_cm - edges[..., 3], 0)
        reach = np.abs(turn[0]) + np.abs(turn[1])
        into = np.clip(into, -reach, reach) * np.minimum(1, 20 * share[..., 0])  # never from the lids' skin
        return np.asarray(moved + into[..., None] * self.down_px, np.float32), here[..., 0]


@dataclass(frozen=True, slots=True)
class Iris:
    """Its middle and radius in the head's cm."""

    x: float
    y: float
    radius: float


def eye_shape(xy: Floats, upper: Floats, under: Floats, iris: Iris | None, soft_cm: float) -> Floats:
    """Eyeball.shape for (h, w, 2) cm. upper, under: (n, 3) cm, the lids' edges. Without an iris, nothing moves."""
    if iris is None:
        return np.zeros((*xy.shape[:2], 4), np.float32)
    x, y = xy[..., 0], xy[..., 1]
    above, below = y - curve(upper, x), curve(under, x) - y
    away = np.hypot(x - iris.x, y - iris.y)
    corner = np.minimum(x - upper[:, 0].min(), upper[:, 0].max() - x)
    share = (1 - smoothstep(AROUND * iris.radius, AROUND * iris.radius + GIVES_CM, away)) * smoothstep(
        0, CORNER_CM, corner
    )
    share = share * np.clip(1 + above / LIDS_CM, 0, 1) * np.clip(1 + below / LIDS_CM, 0, 1)
    inside = np.clip(above / soft_cm - 0.3, 0, 1) * np.clip(below / soft_cm - 0.3, 0, 1) * np.clip(share / 0.05, 0, 1)
    return np.stack([inside, share, above, below], axis=-1).astype(np.float32)


def find_iris(photo: Pixels, frame: HeadFrame, points_cm: Floats, first: int) -> Iris | None:
    """An iris; None where none is plainly seen.

    points_cm: (478, 3). first: its middle's landmark; the four that follow lie on its edge.
    """
    middle, edge = points_cm[first], points_cm[first + 1 : first + 5]
    radius = float(np.linalg.norm(edge[:, :2] - middle[:2], axis=1).mean())
    inner = middle + np.array([[x, y, 0] for x in (-0.5, 0, 0.5) for y in (0, 0.5)], np.float32) * radius
    beside = middle + np.array([[x, y, 0] for x in (-1.45, 1.45) for y in (0, 0.2)], np.float32) * radius
    dark, white = (np.median(sample_photo(photo, frame.to_px(part)[None]) @ LUMA) for part in (inner, beside))
    seen = RADIUS_CM[0] < radius < RADIUS_CM[1] and dark < DARKER * white
    return Iris(float(middle[0]), float(middle[1]), radius) if seen else None
