"""Coarse grids of displacements, their inverse, and sampling by cv2.remap.

The one place that touches pixels through a map, so that a GPU twin has one small interface to match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.renderer.geometry import Floats

# For the whole process: frames are too small for OpenCV's threads to pay (1080x1080 with two: 7.1 ms instead of 8.6).
# Whole frames are drawn side by side instead (drawing.py).
cv2.setNumThreads(1)

FACE_STEPS = 6  # of inversion: what is left at the steepest shapes is below 0.1 px
HEAD_STEPS = 3  # the head's fields are much gentler
CONVERGED_PX = 0.004  # a step that changes less is the last
ALL = slice(None)
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Cells:
    """A rectangle of cells: columns left..right, rows top..bottom (ends excluded)."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, as an index."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


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
        return shifted(points_px * np.float32(1 / self.cell_px), self._first)

    @property
    def _first(self) -> tuple[float, float]:
        """What to add to a position in cells for its node index."""
        return (0.5 - self.left) / self.cell_px - 0.5, (0.5 - self.top) / self.cell_px - 0.5

    def at(self, values: Floats, points_px: Floats) -> Floats:
        """Coarse (rows, columns, …) values at (…, 2) photo px, bilinear as enlarge() does it."""
        return sample(_with_margin(values, self.whole), self.to_nodes(points_px) + np.float32(1))

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
        part, cell = _with_margin(values, cells), self.cell_px
        large = cv2.resize(part, (part.shape[1] * cell, part.shape[0] * cell), interpolation=cv2.INTER_LINEAR)
        return np.asarray(large, np.float32)[cell:-cell, cell:-cell]


def bounds(where: NDArray[np.bool_], within: Cells | None = None) -> Cells | None:
    """The smallest rectangle of cells around all that are True; `within` tells where the array itself lies."""
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    if len(rows) == 0:
        return None
    left, top = (within.left, within.top) if within else (0, 0)
    return Cells(left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1)


def around(where: NDArray[np.bool_]) -> Cells | None:
    """The smallest rectangle of cells around all that are True and those beside them, which enlarging mixes in."""
    cells = bounds(where)
    return grown(cells, 1, Cells(0, 0, where.shape[1], where.shape[0])) if cells else None


def grown(cells: Cells, by: int, within: Cells) -> Cells:
    """More cells on every side, as far as there are any."""
    return Cells(
        max(cells.left - by, within.left),
        max(cells.top - by, within.top),
        min(cells.right + by, within.right),
        min(cells.bottom + by, within.bottom),
    )


def _with_margin(values: Floats, cells: Cells) -> Floats:
    """The values of some cells and one more on every side; beyond the grid's border they go straight on."""
    rows, columns = values.shape[:2]
    left, top, right, bottom = cells.left - 1, cells.top - 1, cells.right + 1, cells.bottom + 1
    part = values[max(top, 0) : bottom, max(left, 0) : right]
    if left >= 0 and top >= 0 and right <= columns and bottom <= rows:
        return part
    out = np.zeros((bottom - top, right - left, *values.shape[2:]), np.float32)
    first, start = int(top < 0), int(left < 0)
    out[first : first + part.shape[0], start : start + part.shape[1]] = part
    if first:
        out[0] = 2 * out[1] - out[2]
    if bottom > rows:
        out[-1] = 2 * out[-2] - out[-3]
    if start:
        out[:, 0] = 2 * out[:, 1] - out[:, 2]
    if right > columns:
        out[:, -1] = 2 * out[:, -2] - out[:, -3]
    return out


def invert(moves_px: Floats, grid: Grid, seen_px: Floats, steps: int, rows: slice = ALL) -> Floats:
    """Where what is seen at some places comes from, (rows, columns, 2) px, for a forward displacement of the photo.

    Solves p + moves(p) = seen by fixed-point steps; converges where moves changes by less than its own length.
    rows: of the grid, to which seen belongs.
    """
    index = grid.to_nodes(seen_px)
    moves = moves_px * np.float32(1 / grid.cell_px)  # in nodes: the loop needs no change of units
    planes, back = cv2.split(moves), moves[rows]
    for _ in range(steps):
        before, back = back, _sample_planes(planes, index - back)
        if cv2.norm(back, before, cv2.NORM_INF) * grid.cell_px < CONVERGED_PX:
            break
    return seen_px - back * np.float32(grid.cell_px)


def weighted(fields: Floats, amounts: Floats) -> Floats:
    """The sum of (k, …) fields times their amounts (k,)."""
    total = np.zeros(fields.shape[1:], np.float32)
    flat = total.reshape(-1)
    for k in np.flatnonzero(amounts):  # few are used at a time: cheaper than the whole product
        cv2.scaleAdd(fields[k].reshape(-1), float(amounts[k]), flat, dst=flat)
    return total


def shifted(points: Floats, by: tuple[float, float]) -> Floats:
    """(…, 2) points moved by (x, y); NumPy would take 16 times as long over an axis of two."""
    return np.asarray(cv2.add(points, np.array((*by, 0, 0))), np.float32)


def sample(values: NDArray[Any], where: Floats) -> Floats:
    """Bilinear samples of (h, w[, c]) values at (…, 2) positions; beyond the edge the edge goes on."""
    if values.ndim == 3 and values.shape[2] == 2:
        return _sample_planes(cv2.split(values), where)
    return np.asarray(_remap(values, where), np.float32)


def _sample_planes(planes: Sequence[NDArray[Any]], where: Floats) -> Floats:
    # cv2.remap rounds positions to 1/32 for two channels, and for no other number of them (OpenCV 5.0).
    return np.asarray(cv2.merge([_remap(plane, where) for plane in planes]), np.float32)


def sample_photo(photo: Pixels, where: Floats) -> Pixels:
    """The (h, w, c) photo's pixels at (…, 2) positions."""
    return np.asarray(_remap(photo, where), np.uint8)


def _remap(values: NDArray[Any], where: Floats) -> NDArray[Any]:
    # None says that one map holds x and y; cv2's stubs do not know it. An empty array in its place, which they
    # would take, gives garbage with four channels (OpenCV 5.0.0).
    return cv2.remap(values, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload, no-any-return]


def to_pixels(values: Floats) -> Pixels:
    """Round 0..255 to uint8."""
    pixels: Pixels = (values + np.float32(0.5)).astype(np.uint8)
    return pixels
