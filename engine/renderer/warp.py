"""Coarse grids of displacements, their inverse, and sampling by cv2.remap.

The one place that touches pixels through a map, so that a GPU twin has one small interface to match.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.renderer.geometry import Floats

# For the whole process: frames are too small for threads to pay (1080x1080 with two: 7.1 ms instead of 8.6), and
# the other cores have the encoder and other workers to run.
cv2.setNumThreads(1)

FACE_STEPS = 6  # of inversion: what is left at the steepest shapes is below 0.1 px
HEAD_STEPS = 3  # the head's fields are much gentler
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Cells:
    """A rectangle of cells: columns left..right, rows top..bottom (ends excluded)."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes in the middle of square cells of cell_px; node (0, 0) belongs to the photo's pixel (left, top)."""

    left: int
    top: int
    columns: int
    rows: int
    cell_px: int

    @property
    def whole(self) -> Cells:
        """All cells."""
        return Cells(0, 0, self.columns, self.rows)

    def nodes_px(self) -> Floats:
        """(rows, columns, 2) positions of the nodes in photo px."""
        x = self.left + (np.arange(self.columns, dtype=np.float32) + 0.5) * self.cell_px - 0.5
        y = self.top + (np.arange(self.rows, dtype=np.float32) + 0.5) * self.cell_px - 0.5
        return np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)

    def to_nodes(self, points_px: Floats) -> Floats:
        """Photo px to (fractional) node indices, as cv2.remap wants them on the coarse arrays."""
        offset = np.array([self.left, self.top], np.float32) - 0.5
        return (points_px - offset) * np.float32(1 / self.cell_px) - np.float32(0.5)

    def at(self, values: Floats, points_px: Floats) -> Floats:
        """Coarse (rows, columns, …) values at (…, 2) photo px, bilinear as enlarge() does it."""
        return sample(_with_margin(values), self.to_nodes(points_px) + np.float32(1))

    def box_px(self, cells: Cells) -> tuple[int, int, int, int]:
        """left, top, right, bottom of some cells in photo px."""
        cell = self.cell_px
        return (
            self.left + cells.left * cell,
            self.top + cells.top * cell,
            self.left + cells.right * cell,
            self.top + cells.bottom * cell,
        )

    def cells_from(self, sources: Floats, box_px: tuple[int, int, int, int]) -> Cells | None:
        """The cells whose content comes from a box of the photo, by their (rows, columns, 2) sources."""
        left, top, right, bottom = box_px
        x, y = sources[..., 0], sources[..., 1]
        reach = self.cell_px
        inside = (x > left - reach) & (x < right + reach) & (y > top - reach) & (y < bottom + reach)
        return bounds(inside)

    def enlarge(self, values: Floats, cells: Cells) -> Floats:
        """Coarse (rows, columns, …) values at every px of some cells, bilinear."""
        part = _with_margin(values)[cells.top : cells.bottom + 2, cells.left : cells.right + 2]
        cell = self.cell_px
        large = cv2.resize(part, (part.shape[1] * cell, part.shape[0] * cell), interpolation=cv2.INTER_LINEAR)
        return np.asarray(large, np.float32)[cell:-cell, cell:-cell]


def bounds(where: NDArray[np.bool_]) -> Cells | None:
    """The smallest rectangle of cells around all that are True."""
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    if len(rows) == 0:
        return None
    return Cells(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _with_margin(values: Floats) -> Floats:
    """One more node on every side, going on straight, so that the outer half cells are not flattened."""
    rows, columns = values.shape[:2]
    out = np.empty((rows + 2, columns + 2, *values.shape[2:]), np.float32)
    out[1:-1, 1:-1] = values
    out[0, 1:-1], out[-1, 1:-1] = 2 * values[0] - values[1], 2 * values[-1] - values[-2]
    out[:, 0], out[:, -1] = 2 * out[:, 1] - out[:, 2], 2 * out[:, -2] - out[:, -3]
    return out


def invert(moves_px: Floats, grid: Grid, seen_px: Floats, steps: int) -> Floats:
    """Where what is seen at some places comes from, (rows, columns, 2) px, for a forward displacement of the photo.

    Solves p + moves(p) = seen by fixed-point steps; converges where moves changes by less than its own length.
    """
    index = grid.to_nodes(seen_px)
    moves = moves_px * np.float32(1 / grid.cell_px)  # in nodes: the loop needs no change of units
    back = moves
    for _ in range(steps):
        back = sample(moves, index - back)
    return seen_px - back * np.float32(grid.cell_px)


def sample(values: Floats, where: Floats) -> Floats:
    """Bilinear samples of (h, w[, c]) values at (…, 2) positions; beyond the edge the edge goes on."""
    return np.asarray(_remap(values, where, None), np.float32)


def sample_photo(photo: Pixels, where: Floats, out: Pixels | None = None) -> Pixels:
    """The (h, w, c) photo's pixels at (…, 2) positions, into out where given."""
    return np.asarray(_remap(photo, where, out), np.uint8)


def _remap(values: NDArray[Any], where: Floats, out: NDArray[Any] | None) -> NDArray[Any]:
    # None says that one map holds x and y; cv2's stubs do not know it. An empty array in its place, which they
    # would take, gives garbage with four channels (OpenCV 5.0.0).
    return cv2.remap(values, where, None, cv2.INTER_LINEAR, dst=out, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload, no-any-return]


def to_pixels(values: Floats) -> Pixels:
    """Round 0..255 to uint8."""
    pixels: Pixels = (values + np.float32(0.5)).astype(np.uint8)
    return pixels
