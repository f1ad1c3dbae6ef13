"""The frame being drawn, and its buffers, reused from frame to frame."""

from collections.abc import Iterator

import numpy as np

from engine.renderer.cutout import lay_over
from engine.renderer.geometry import Floats
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Grid, Pixels

BAND_PX, MIN_ROWS = 60_000, 2  # of a band; each enlarges two rows of cells more than it needs


class Canvas:
    """A frame that starts as the photo; only what moves is drawn again.

    frame: (h, w, 3) uint8, the photo or its person, for all to paint on; what is behind comes in at the end.
    face: grid of the face. whole, moving: grid of the frame, and its cells that move.
    """

    def __init__(self, source: Source, face: Grid, whole: Grid, moving: Cells) -> None:
        self.frame = source.person.copy()
        self._source = source
        self._height, self._width = source.person.shape[:2]
        self._seen = self.frame if source.alpha is None else source.rgb.copy()
        self._alpha = None if source.alpha is None else source.alpha.copy()
        self._rows = slice(self._height, 0)  # what has been drawn of this frame
        self._face, self._whole = face, whole
        self._around = _around(moving, whole, self._clip(face, face.whole))
        self._turned = False

    def draw_head(self, sources: Floats, face_sources: Floats) -> None:
        """Sample all that moves: by sources on the whole frame's grid, on the face by face_sources."""
        for cells in self._around:
            self._sample(self._whole, cells, sources)
        self._sample(self._face, self._face.whole, face_sources)
        self._turned = True

    def draw_face(self, sources: Floats) -> None:
        """Sample the face alone; the head is as in the photo."""
        if self._turned:  # by the frame before
            np.copyto(self.frame, self._source.person)
            np.copyto(self._seen, self._source.rgb)
            if self._alpha is not None and self._source.alpha is not None:
                np.copyto(self._alpha, self._source.alpha)
            self._turned = False
        self._sample(self._face, self._face.whole, sources)

    def finish(self) -> Pixels:
        """The frame as it is seen, (h, w, 3): the person over what is behind; (h, w, 4) where nothing is."""
        if self._alpha is not None:
            plate, step = self._source.plate, max(1, 2 * BAND_PX // self._width)
            for top in range(self._rows.start, self._rows.stop, step):
                rows = slice(top, min(top + step, self._rows.stop))
                if plate is None:
                    self._seen[rows] = np.dstack([self.frame[rows], self._alpha[rows]])
                else:
                    self._seen[rows] = lay_over(self.frame[rows], self._alpha[rows], plate[rows])
        self._rows = slice(self._height, 0)
        return self._seen

    def part(self, cells: Cells) -> Pixels:
        """The frame under some cells of the face, as a view."""
        left, top, right, bottom = self._clip(self._face, cells)
        return self.frame[top:bottom, left:right]

    def paste(self, cells: Cells, pixels: Pixels) -> None:
        """Put (h, w, 3) pixels over some cells of the face."""
        part = self.part(cells)
        part[:] = pixels[: part.shape[0], : part.shape[1]]

    def bands(self, grid: Grid, cells: Cells) -> Iterator[Cells]:
        """Some cells in bands that stay in the cache, without those that are wholly out of the frame.

        All at once takes longer (a face of 2800 px: by half), and maps of a whole frame much memory.
        """
        rows = max(MIN_ROWS, BAND_PX // (grid.cell_px**2 * (cells.right - cells.left)))
        for row in range(cells.top, cells.bottom, rows):
            band = Cells(cells.left, row, cells.right, min(row + rows, cells.bottom))
            left, top, right, bottom = self._clip(grid, band)
            if top < bottom and left < right:
                yield band

    def _sample(self, grid: Grid, cells: Cells, sources: Floats) -> None:
        sources = sources * np.float32(self._source.scale)
        for band in self.bands(grid, cells):
            left, top, right, bottom = self._clip(grid, band)
            where = grid.enlarge(sources, band)[: bottom - top, : right - left]
            at = np.s_[top:bottom, left:right]
            self._source.draw(where, self.frame[at], None if self._alpha is None else self._alpha[at])
            self._rows = slice(min(self._rows.start, top), max(self._rows.stop, bottom))

    def _clip(self, grid: Grid, cells: Cells) -> tuple[int, int, int, int]:
        left, top, right, bottom = grid.box_px(cells)
        return left, top, min(right, self._width), min(bottom, self._height)


def _around(moving: Cells, whole: Grid, face_px: tuple[int, int, int, int]) -> list[Cells]:
    """The moving cells of the frame's grid that the face does not cover, as rectangles: above, below, beside it."""
    cell = whole.cell_px
    left, top = -(-face_px[0] // cell), -(-face_px[1] // cell)
    right, bottom = face_px[2] // cell, face_px[3] // cell
    rectangles = (
        Cells(moving.left, moving.top, moving.right, top),
        Cells(moving.left, top, left, bottom),
        Cells(right, top, moving.right, bottom),
        Cells(moving.left, bottom, moving.right, moving.bottom),
    )
    return [cells for cells in rectangles if cells.left < cells.right and cells.top < cells.bottom]
