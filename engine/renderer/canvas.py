"""The frame being drawn, and its buffers, reused from frame to frame."""

import cv2
import numpy as np

from engine.renderer.geometry import Floats
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Grid, Pixels


class Canvas:
    """A frame that starts as the photo; only what moves is drawn again.

    frame: (h, w, 3) uint8. face: grid of the face. whole, moving: grid of the frame, and its cells that move.
    """

    def __init__(self, source: Source, face: Grid, whole: Grid, moving: Cells) -> None:
        self.frame = source.rgb.copy()
        self._source = source
        self._height, self._width = source.rgb.shape[:2]
        self._face, self._whole, self._moving = face, whole, moving
        self._left, self._top, right, bottom = self._clip(whole, moving)
        self._map = np.empty((bottom - self._top, right - self._left, 2), np.float32)
        self._turned = False
        self._drawn = np.empty((*self._map.shape[:2], 4), np.uint8)

    def draw_head(self, sources: Floats, face_sources: Floats) -> None:
        """Sample all that moves: by sources on the whole frame's grid, on the face by face_sources."""
        scale = np.float32(self._source.scale)
        rows, columns = self._map.shape[:2]
        self._map[:] = self._whole.enlarge(sources * scale, self._moving)[:rows, :columns]
        left, top, right, bottom = self._clip(self._face, self._face.whole)
        part = self._map[top - self._top : bottom - self._top, left - self._left : right - self._left]
        part[:] = self._face.enlarge(face_sources * scale, self._face.whole)[: bottom - top, : right - left]
        self._source.fill(self._drawn, self._map)
        self._put(self._left, self._top, self._drawn)
        self._turned = True

    def draw_face(self, sources: Floats) -> None:
        """Sample the face alone; the head is as in the photo."""
        if self._turned:  # by the frame before
            np.copyto(self.frame, self._source.rgb)
            self._turned = False
        left, top, right, bottom = self._clip(self._face, self._face.whole)
        scaled = self._face.enlarge(sources * np.float32(self._source.scale), self._face.whole)
        drawn = np.empty((bottom - top, right - left, 4), np.uint8)
        self._source.fill(drawn, scaled[: bottom - top, : right - left])
        self._put(left, top, drawn)

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
