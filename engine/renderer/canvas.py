"""The frame being drawn, and its buffers, reused from frame to frame."""

import cv2
import numpy as np

from engine.renderer.geometry import Floats
from engine.renderer.warp import Cells, Grid, Pixels, sample_photo


class Canvas:
    """A frame that starts as the photo; only what moves is drawn again.

    frame: (h, w, 3) uint8. face: grid of the face. whole, moving: grid of the frame, and its cells that move.
    """

    def __init__(self, photo: Pixels, photo_rgba: Pixels, face: Grid, whole: Grid, moving: Cells) -> None:
        self.frame = photo.copy()
        self._photo_rgba = photo_rgba
        self._height, self._width = photo.shape[:2]
        self._face, self._whole, self._moving = face, whole, moving
        self._left, self._top, right, bottom = self._clip(whole, moving)
        self._map = np.empty((bottom - self._top, right - self._left, 2), np.float32)
        self._drawn = np.empty((*self._map.shape[:2], 4), np.uint8)

    def draw_head(self, sources: Floats, face_sources: Floats) -> None:
        """Sample all that moves: by sources on the whole frame's grid, on the face by face_sources."""
        rows, columns = self._map.shape[:2]
        self._map[:] = self._whole.enlarge(sources, self._moving)[:rows, :columns]
        left, top, right, bottom = self._clip(self._face, self._face.whole)
        part = self._map[top - self._top : bottom - self._top, left - self._left : right - self._left]
        part[:] = self._face.enlarge(face_sources, self._face.whole)[: bottom - top, : right - left]
        sample_photo(self._photo_rgba, self._map, self._drawn)
        self._put(self._left, self._top, self._drawn)

    def draw_face(self, sources: Floats) -> None:
        """Sample the face alone; the head is as in the photo."""
        left, top, right, bottom = self._clip(self._face, self._face.whole)
        where = self._face.enlarge(sources, self._face.whole)[: bottom - top, : right - left]
        rows, columns = self._drawn.shape[:2]
        whole = self._photo_rgba[self._top : self._top + rows, self._left : self._left + columns]
        self._put(self._left, self._top, whole)  # the frame before may have turned the head
        self._put(left, top, sample_photo(self._photo_rgba, where))

    def part(self, cells: Cells) -> Pixels:
        """The frame under some cells of the face, as a view."""
        left, top, right, bottom = self._clip(self._face, cells)
        return self.frame[top:bottom, left:right]

    def paste(self, cells: Cells, pixels: Pixels) -> None:
        """Put (h, w, 3) pixels over some cells of the face."""
        part = self.part(cells)
        part[:] = pixels[: part.shape[0], : part.shape[1]]

    def _put(self, left: int, top: int, rgba: Pixels) -> None:
        height, width = rgba.shape[:2]
        self.frame[top : top + height, left : left + width] = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)

    def _clip(self, grid: Grid, cells: Cells) -> tuple[int, int, int, int]:
        left, top, right, bottom = grid.box_px(cells)
        return left, top, min(right, self._width), min(bottom, self._height)
