"""Rig: a photo cut into layers that can move."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.motion.types import MotionTrack
from engine.renderer import controls
from engine.renderer.eyes import Lid, find_lids
from engine.renderer.geometry import Floats, HeadFrame, curve, head_frame
from engine.renderer.head import head_fields
from engine.renderer.interior import View, build_interior
from engine.renderer.lips import Lips
from engine.renderer.mouth import blur_px, find_mouth
from engine.renderer.shapes import SHAPES, Fields
from engine.renderer.space import NECK_FADE_CM, SIDE_FADE_CM, FaceSpace, face_space
from engine.renderer.warp import Cells, Grid, Pixels, invert, sample_photo

FACE_CELLS = 88  # across the box that moves; lips are three to five cells high
FRAME_CELLS = 64  # across the whole frame, for the head
UPPER, LOWER = 0, 1


@dataclass(frozen=True, slots=True)
class Rig:
    """A photo that can move. Made by build_rig; reads only, so one rig may serve several threads.

    basis: (2, k, n) float32: for upper and lower layer, k fields of n = rows * columns * 2 displacements in px.
    jaw: (k, 2) px that the lower teeth move. head_basis: (6, n) the head's fields on the same grid.
    """

    photo: Pixels
    grid: Grid
    nodes: Floats
    basis: Floats
    head_basis: Floats
    jaw: Floats
    lips: Lips
    lids: list[Lid]
    whole: Grid
    whole_nodes: Floats
    whole_basis: Floats

    def frames(self, motion: MotionTrack) -> Iterator[Pixels]:
        """Yield each frame of a track, (h, w, 3) RGB. The array is overwritten by the next frame."""
        canvas = _Canvas(self.photo)
        for weights, head in zip(motion.weights, motion.head, strict=True):
            yield self._render(canvas, weights, head)

    def frame(self, weights: Floats, head: Floats | None = None) -> Pixels:
        """One frame: (52,) ARKit weights and (6,) head pose as in MotionTrack; a new array."""
        still = np.zeros(6, np.float32)
        return self._render(_Canvas(self.photo), np.asarray(weights, np.float32), still if head is None else head)

    def _render(self, canvas: "_Canvas", weights: Floats, head: Floats) -> Pixels:
        head = np.asarray(head, np.float32)
        amounts = controls.amounts(weights)
        upper, lower, skull = self._sources(amounts, head)
        joined, seam = self.lips.joined(upper, lower)
        if np.any(head):
            canvas.turn(
                self.whole, invert(self._field(self.whole, self.whole_basis, head), self.whole, self.whole_nodes)
            )
            canvas.place(self.grid, joined)
            canvas.sample_all()
        else:
            canvas.restore()
            canvas.sample_box(self.grid, joined)
        if seam is not None:
            jaw = (amounts @ self.jaw).astype(np.float32)
            look = controls.look(amounts)
            canvas.paste(self.grid, seam, self.lips.draw(self.photo, seam, (upper, lower, skull), jaw, look))
        for lid in self.lids:
            if weights[lid.weight] > 0.01:
                self._close(canvas, lid, upper, float(min(weights[lid.weight], 1)))
        return canvas.frame

    def _sources(self, amounts: Floats, head: Floats) -> tuple[Floats, Floats, Floats]:
        """Where the upper layer, the lower layer and the skull come from: (rows, columns, 2) px each."""
        used = np.flatnonzero(amounts)
        moves = np.zeros((2, self.basis.shape[2]), np.float32)
        for k in used:
            moves += amounts[k] * self.basis[:, k]
        turned = head @ self.head_basis if np.any(head) else np.zeros(self.basis.shape[2], np.float32)
        shape = self.nodes.shape
        skull = invert(turned.reshape(shape), self.grid, self.nodes) if np.any(head) else self.nodes
        if len(used) == 0:
            return skull, skull, skull
        upper, lower = (invert((layer + turned).reshape(shape), self.grid, self.nodes) for layer in moves)
        return upper, lower, skull

    @staticmethod
    def _field(grid: Grid, basis: Floats, amounts: Floats) -> Floats:
        return (amounts @ basis).reshape(grid.rows, grid.columns, 2)

    def _close(self, canvas: "_Canvas", lid: Lid, upper: Floats, amount: float) -> None:
        reach = 2  # cells that head motion may carry the eye beyond its own box
        cells = Cells(
            max(lid.cells.left - reach, 0),
            max(lid.cells.top - reach, 0),
            min(lid.cells.right + reach, self.grid.columns),
            min(lid.cells.bottom + reach, self.grid.rows),
        )
        sources = self.grid.enlarge(upper, cells)
        under = canvas.part(self.grid, cells)
        height, width = under.shape[:2]
        drawn = lid.close(self.photo, sources[:height, :width], under, amount)
        canvas.paste(self.grid, cells, drawn)


class _Canvas:
    """The frame being drawn and its buffers, reused from frame to frame."""

    def __init__(self, photo: Pixels) -> None:
        self._photo = photo
        self._map = np.empty((*photo.shape[:2], 2), np.float32)
        self.frame = photo.copy()

    def restore(self) -> None:
        np.copyto(self.frame, self._photo)

    def turn(self, whole: Grid, sources: Floats) -> None:
        height, width = self._photo.shape[:2]
        self._map[:] = whole.enlarge(sources, whole.whole)[:height, :width]

    def place(self, grid: Grid, sources: Floats) -> None:
        left, top, right, bottom = self._clip(grid, grid.whole)
        self._map[top:bottom, left:right] = grid.enlarge(sources, grid.whole)[: bottom - top, : right - left]

    def sample_all(self) -> None:
        sample_photo(self._photo, self._map, self.frame)

    def sample_box(self, grid: Grid, sources: Floats) -> None:
        left, top, right, bottom = self._clip(grid, grid.whole)
        where = grid.enlarge(sources, grid.whole)[: bottom - top, : right - left]
        self.frame[top:bottom, left:right] = sample_photo(self._photo, where)

    def part(self, grid: Grid, cells: Cells) -> Pixels:
        left, top, right, bottom = self._clip(grid, cells)
        return self.frame[top:bottom, left:right]

    def paste(self, grid: Grid, cells: Cells, pixels: Pixels) -> None:
        left, top, right, bottom = self._clip(grid, cells)
        self.frame[top:bottom, left:right] = pixels[: bottom - top, : right - left]

    def _clip(self, grid: Grid, cells: Cells) -> tuple[int, int, int, int]:
        left, top, right, bottom = grid.box_px(cells)
        height, width = self._photo.shape[:2]
        return left, top, min(right, width), min(bottom, height)


def build_rig(rgb: NDArray[np.uint8], face: Face) -> Rig:
    """Cut a (h, w, 3) photo into layers around one of its faces."""
    photo = np.ascontiguousarray(rgb)
    size_px = photo.shape[1], photo.shape[0]
    frame = head_frame(face)
    mouth = find_mouth(photo, face, frame)
    grid = _face_grid(face, frame, size_px)
    nodes = grid.nodes_px()
    space = face_space(nodes.reshape(-1, 2), face, frame, mouth)
    fields = [SHAPES[name](space) for name in controls.SHAPE_NAMES] + list(controls.closing_fields(space))
    basis = np.stack([frame.project(np.stack([pair[layer] for pair in fields])) for layer in (UPPER, LOWER)])
    whole = _frame_grid(size_px)
    whole_nodes = whole.nodes_px()
    xy = np.stack([space.x, space.y], axis=-1).reshape(nodes.shape)
    return Rig(
        photo=photo,
        grid=grid,
        nodes=nodes,
        basis=np.ascontiguousarray(basis.reshape(2, controls.COUNT, -1)),
        head_basis=head_fields(nodes.reshape(-1, 2), size_px, face, frame).reshape(6, -1),
        jaw=_jaw_moves(space, frame, fields),
        lips=_lips(photo, face, frame, grid, space, xy),
        lids=find_lids(photo, face, frame, grid, xy),
        whole=whole,
        whole_nodes=whole_nodes,
        whole_basis=head_fields(whole_nodes.reshape(-1, 2), size_px, face, frame).reshape(6, -1),
    )


def _lips(photo: Pixels, face: Face, frame: HeadFrame, grid: Grid, space: FaceSpace, xy: Floats) -> Lips:
    mouth = space.mouth
    shape = grid.rows, grid.columns
    inside = (np.abs(space.s) < 1.4) & (space.above < 1.6) & (space.below < 2.2)
    rows, columns = (np.flatnonzero(inside.reshape(shape).any(axis=axis)) for axis in (1, 0))
    lens = Cells(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    left, top, right, bottom = grid.box_px(lens)
    right, bottom = min(right, photo.shape[1]), min(bottom, photo.shape[0])
    x, y = np.moveaxis(grid.enlarge(xy, lens)[: bottom - top, : right - left], 2, 0)
    part = photo[top:bottom, left:right]
    blur = blur_px(part)
    view = View(
        pixels=part.astype(np.float32),
        x=x,
        y=y,
        soft=max(0.03, 0.7 / frame.px_per_cm, 0.8 * blur / frame.px_per_cm),
        left=left,
        top=top,
    )
    return Lips(
        grid=grid,
        lens=lens,
        below_upper=-space.above.reshape(shape),
        below_lower=space.below.reshape(shape),
        fine_upper=y - curve(mouth.upper_inner, x),
        fine_lower=y - curve(mouth.lower_inner, x),
        between=(np.abs(space.s) < 1.1).astype(np.float32).reshape(shape),
        interior=build_interior(photo, face, mouth, frame, view),
        edge_cm=max(1.4, 1.8 * blur) / frame.px_per_cm,
        px_per_cm=frame.px_per_cm,
    )


def _jaw_moves(space: FaceSpace, frame: HeadFrame, fields: list[Fields]) -> Floats:
    """(k, 2) px: how far each field moves the lower teeth, read off the middle of the lower lip."""
    node = int(np.argmin((space.x - space.mouth.centre_x) ** 2 + (space.below - 0.4) ** 2))
    moves = np.zeros((len(fields), 2), np.float32)
    for name, position in controls.AT.items():
        if name.startswith("jaw"):
            moves[position] = frame.project(fields[position][LOWER][node])
    return moves


def _face_grid(face: Face, frame: HeadFrame, size_px: tuple[int, int]) -> Grid:
    """A grid over the part of the photo that expressions move."""
    points = face.landmarks_px[:468, :2]
    side, neck = SIDE_FADE_CM * frame.px_per_cm, NECK_FADE_CM * frame.px_per_cm
    low = np.maximum(points.min(axis=0) - side, 0).astype(int)
    high = np.minimum(points.max(axis=0) + np.array([side, neck]), size_px).astype(int)
    cell = max(1, round(float((high - low).max()) / FACE_CELLS))
    columns, rows = -(-(high - low) // cell)
    return Grid(int(low[0]), int(low[1]), int(columns), int(rows), cell)


def _frame_grid(size_px: tuple[int, int]) -> Grid:
    cell = max(1, max(size_px) // FRAME_CELLS)
    return Grid(0, 0, -(-size_px[0] // cell), -(-size_px[1] // cell), cell)
