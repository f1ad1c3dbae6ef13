"""Rig: a photo cut into layers that can move."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arkit import INDEX
from engine.errors import FaceNotFound
from engine.face.types import Face
from engine.motion.types import MotionTrack
from engine.renderer import controls
from engine.renderer.canvas import Canvas
from engine.renderer.cutout import Cutout
from engine.renderer.device import open_device
from engine.renderer.drawing import draw_all
from engine.renderer.eyeball import Eyeball
from engine.renderer.eyes import find_lids
from engine.renderer.folds import how_far
from engine.renderer.geometry import LIP_LINE, Floats, HeadFrame, curve, head_frame
from engine.renderer.head import head_fields
from engine.renderer.interior import build_interior, view_of
from engine.renderer.lid import Lid
from engine.renderer.light import Light, find_light
from engine.renderer.lips import Lips, Look, soft_cm
from engine.renderer.mouth import find_mouth
from engine.renderer.shapes import Fields
from engine.renderer.source import Source, open_source
from engine.renderer.space import NECK_FADE_CM, SIDE_FADE_CM, FaceSpace, face_space
from engine.renderer.warp import (
    FACE_STEPS,
    HEAD_STEPS,
    Cells,
    Grid,
    Pixels,
    bounds,
    grown,
    invert,
    sample_photo,
    weighted,
)
from engine.sessions import CUDA, live_providers

FACE_CELLS = 96  # across the box that moves; lips are three to five cells high
SWAY_CM = 1.2  # the head may carry the face this far without leaving its box
DROP_CM = 1.0  # and jaw and lips the seam, beyond the lens around the mouth
FRAME_CELLS = 64  # across the whole frame, for the head
UPPER, LOWER = 0, 1
STILL = np.zeros(6, np.float32)


@dataclass(frozen=True, slots=True)
class Command:
    """All that differs from one frame of a photo to the next.

    amounts: (COUNT,) of the basis fields. head: (6,) as in MotionTrack. lids: (lids, 3): 0 open to 1 shut, and how many
    cm its iris moves to the right as seen and down.
    """

    amounts: Floats
    head: Floats
    look: Look
    lids: Floats


@dataclass(frozen=True, slots=True)
class Rig:
    """A photo that can move. Made by build_rig; reads only, so one rig may serve several threads.

    basis: (k, 2, rows, columns, 2) float32: k fields of displacements in px, for upper and lower layer.
    jaw: (k, 2) px that the lower teeth move.
    whole: grid over the frame, of which the cells in `moving` follow the head by whole_basis (6, rows, columns, 2).
    own_gap_cm: how far the lips are apart in the photo.
    """

    source: Source
    grid: Grid
    nodes: Floats
    basis: Floats
    jaw: Floats
    lips: Lips
    lids: list[Lid]
    light: Light
    whole: Grid
    whole_nodes: Floats
    whole_basis: Floats
    moving: Cells
    own_gap_cm: float

    def frames(self, motion: MotionTrack) -> Iterator[Pixels]:
        """Yield each frame of a track, (h, w, 3) RGB, or RGBA over nothing. The next frame overwrites the array.

        A live GPU draws them (device.py), else OpenCV does.
        """
        commands = map(self.command, motion.weights, motion.head)
        on_gpu = live_providers()[0] == CUDA
        yield from open_device().frames(self, commands) if on_gpu else draw_all(self, commands)

    def frame(self, weights: Floats, head: Floats | None = None) -> Pixels:
        """One frame: (52,) ARKit weights and (6,) head pose as in MotionTrack; a new array."""
        canvas = self.canvas()
        self.draw(canvas, self.command(np.asarray(weights, np.float32), STILL if head is None else head))
        return canvas.finish()

    def command(self, weights: Floats, head: Floats) -> Command:
        """What is to be drawn for (52,) ARKit weights and a (6,) head pose."""
        amounts = controls.amounts(weights, self.own_gap_cm)
        return Command(
            amounts=amounts,
            head=np.asarray(head, np.float32),
            look=controls.look(amounts, float(weights[INDEX["tongueOut"]])),
            lids=np.array([controls.eye(weights, lid.weight) for lid in self.lids], np.float32).reshape(-1, 3),
        )

    def draw(self, canvas: Canvas, command: Command) -> None:
        """Draw a frame. The device's graph is recorded from this very method, and from all that it calls."""
        turned = self._turned(command.head)
        upper, lower, skull = self._sources(command.amounts, turned)
        joined, seam = self.lips.joined(upper, lower)
        if turned is None:
            canvas.draw_face(joined)
        else:
            canvas.draw_head(turned, joined)
        if seam is not None:
            jaw = command.amounts @ self.jaw
            for band in canvas.bands(self.grid, seam):
                canvas.paste(band, self.lips.draw(self.source, band, (upper, lower, skull), jaw, command.look))
        self.light.dim(canvas, lower, command.amounts)
        for index, lid in enumerate(self.lids):
            self._look(lid.eyeball, canvas, upper, command.lids[index, 1:])
            self._close(lid, canvas, upper, command.lids[index])

    def carried(self, head: Floats) -> Floats:
        """Where the nodes of the face's grid come from when the head alone moves: (rows, columns, 2) px."""
        return self._carried(self._turned(head))

    def canvas(self) -> Canvas:
        """A new canvas for this photo."""
        return Canvas(self.source, self.grid, self.whole, self.moving)

    def _look(self, eye: Eyeball, canvas: Canvas, upper: Floats, turn: Floats) -> None:
        """Draw an eye that looks elsewhere than in the photo."""
        cells = self.grid.cells_from(upper, self.grid.box_px(eye.cells)) if np.any(turn) else None
        for band in canvas.bands(self.grid, cells) if cells else ():
            under = canvas.part(band)
            sources = self.grid.enlarge(upper, band)[: under.shape[0], : under.shape[1]]
            canvas.paste(band, eye.look(self.source, sources, under, turn))

    def _close(self, lid: Lid, canvas: Canvas, upper: Floats, asked: Floats) -> None:
        """Draw a lid, unless the eye is open or the head has carried it out of the frame."""
        cells = self.grid.cells_from(upper, self.grid.box_px(lid.cells)) if asked[0] > 0.01 else None
        for band in canvas.bands(self.grid, cells) if cells else ():
            under = canvas.part(band)
            sources = self.grid.enlarge(upper, band)[: under.shape[0], : under.shape[1]]
            canvas.paste(band, lid.close(self.source, sources, under, asked[0], asked[1:]))

    def _turned(self, head: Floats) -> Floats | None:
        """Where the whole frame's nodes come from, px; None while the head is still."""
        if not np.any(head):
            return None
        return invert(weighted(self.whole_basis, head), self.whole, self.whole_nodes, HEAD_STEPS)

    def _carried(self, turned: Floats | None) -> Floats:
        return self.nodes if turned is None else self.whole.at(turned, self.nodes)

    def _sources(self, amounts: Floats, turned: Floats | None) -> tuple[Floats, Floats, Floats]:
        """Where the upper layer, the lower layer and the skull come from: (rows, columns, 2) px each.

        The face's shape changes first and is then turned with the head, so what is undone first is the turn.
        """
        skull = self._carried(turned)
        if not np.any(amounts):
            return skull, skull, skull
        moves = weighted(self.basis, amounts)
        # Each layer is seen on its own side of the mouth alone: what is far on the other side is left to the other.
        above, below = slice(0, self.lips.reach.bottom), slice(self.lips.reach.top, None)
        upper = invert(moves[UPPER], self.grid, skull[above], FACE_STEPS, above)
        lower = invert(moves[LOWER], self.grid, skull[below], FACE_STEPS, below)
        both = self.lips.reach.bottom - self.lips.reach.top
        upper, lower = np.concatenate([upper, lower[both:]]), np.concatenate([upper[: self.lips.reach.top], lower])
        return upper, lower, skull


def build_rig(rgb: NDArray[np.uint8], face: Face, cutout: Cutout | None = None) -> Rig:
    """Cut a (h, w, 3) photo into layers around one of its faces.

    cutout: the person apart from the background, which then stays where it is; without it, the motion fades there.

    A photo that ends above the mouth still blinks and nods. Raises FaceNotFound when the mouth lies outside it on
    another side: there the mesh guesses wildly.
    """
    _require_mouth(rgb, face)
    source = open_source(rgb, cutout)
    photo = np.ascontiguousarray(rgb)
    size_px = photo.shape[1], photo.shape[0]
    frame = head_frame(face)
    mouth = find_mouth(photo, face, frame)
    grid = _face_grid(face, frame, size_px)
    nodes = grid.nodes_px()
    space = face_space(nodes.reshape(-1, 2), face, frame, mouth)
    fields = controls.all_fields(space)
    basis = np.stack([frame.project(np.stack(pair)) for pair in fields]).reshape(-1, 2, *nodes.shape)
    far = _how_far(basis, space, grid)
    whole = _frame_grid(size_px)
    whole_nodes = whole.nodes_px()
    whole_basis = head_fields(whole_nodes.reshape(-1, 2), size_px, face, frame, cutout)
    xy = np.stack([space.x, space.y], axis=-1).reshape(nodes.shape)
    return Rig(
        source=source,
        grid=grid,
        nodes=nodes,
        basis=basis * far[:, None, None, None, None],
        jaw=_jaw_moves(space, frame, fields) * far[:, None],
        lips=_lips(photo, face, frame, grid, space, xy),
        lids=find_lids(source, face, frame, grid, xy),
        light=find_light(space, grid, photo, (*controls.SHAPE_NAMES, "seal", "shut")),
        whole=whole,
        whole_nodes=whole_nodes,
        whole_basis=whole_basis.reshape(6, *whole_nodes.shape),
        moving=_moving(whole, whole_basis, grid),
        own_gap_cm=mouth.gap,
    )


def _require_mouth(rgb: NDArray[np.uint8], face: Face) -> None:
    height, width = rgb.shape[:2]
    x, y = face.landmarks_px[list(LIP_LINE), :2].T
    if x.min() < 0 or x.max() >= width or y.min() < 0:
        raise FaceNotFound("the mouth lies outside the photo", width=width, height=height)


def _lips(photo: Pixels, face: Face, frame: HeadFrame, grid: Grid, space: FaceSpace, xy: Floats) -> Lips:
    mouth = space.mouth
    shape = grid.rows, grid.columns
    inside = (np.abs(space.s) < 1.4) & (space.above < 1.6) & (space.below < 2.2)
    lens = bounds(inside.reshape(shape)) or grid.whole
    left, top, right, bottom = grid.box_px(lens)
    x, y = np.moveaxis(grid.enlarge(xy, lens), 2, 0)
    here = np.stack(np.meshgrid(np.arange(left, right), np.arange(top, bottom)), axis=-1).astype(np.float32)
    part = sample_photo(photo, here)  # beyond the photo's end its last row goes on
    view = view_of(part.astype(np.float32), (x, y), mouth, frame, (left, top))
    rims = np.dstack([*map(np.maximum, mouth.rims_cm(x), mouth.unlike_cm(x)), mouth.gap_cm(x)])
    return Lips(
        grid=grid,
        lens=lens,
        reach=grown(lens, round((SWAY_CM + DROP_CM) * frame.px_per_cm / grid.cell_px), grid.whole),
        below_upper=-space.above.reshape(shape),
        below_lower=space.below.reshape(shape),
        fine_upper=y - curve(mouth.upper_inner, x),
        fine_lower=y - curve(mouth.lower_inner, x),
        between=(np.abs(space.s) < 1.15).astype(np.float32).reshape(shape),
        interior=build_interior(photo, face, mouth, frame, view),
        edge_cm=mouth.edge_cm,
        soft_cm=soft_cm(rims, mouth.edge_cm),
        rims=rims,
        px_per_cm=frame.px_per_cm,
    )


def _how_far(basis: Floats, space: FaceSpace, grid: Grid) -> Floats:
    """(k,) 0..1 how much of each field this face can do; lips always close, and undo what the jaw does."""
    shape = grid.rows, grid.columns
    seen = (space.above > 0).reshape(shape), (space.below > 0).reshape(shape)
    far = how_far(basis[: controls.SEAL], grid.cell_px, seen)
    return np.concatenate([far, [far[controls.AT["jawOpen"]], 1]]).astype(np.float32)


def _jaw_moves(space: FaceSpace, frame: HeadFrame, fields: list[Fields]) -> Floats:
    """(k, 2) px: how far each field moves the lower teeth, read off the middle of the lower lip."""
    node = int(np.argmin((space.x - space.mouth.centre_x) ** 2 + (space.below - 0.4) ** 2))
    moves = np.zeros((len(fields), 2), np.float32)
    for name, position in controls.AT.items():
        if name.startswith("jaw"):
            moves[position] = frame.project(fields[position][LOWER][node])
    return moves


def _face_grid(face: Face, frame: HeadFrame, size_px: tuple[int, int]) -> Grid:
    """A grid over the part of the photo that expressions move; it may reach beyond the photo's right and bottom."""
    points = face.landmarks_px[:468, :2]
    side, neck = ((fade + SWAY_CM) * frame.px_per_cm for fade in (SIDE_FADE_CM, NECK_FADE_CM))
    low = np.maximum(points.min(axis=0) - side, 0).astype(int)
    high = (points.max(axis=0) + np.array([side, neck])).astype(int)
    cell = max(1, round(float((high - low).max()) / FACE_CELLS))
    columns, rows = -(-(high - low) // cell)
    return Grid(int(low[0]), int(low[1]), int(columns), int(rows), cell)


def _moving(whole: Grid, basis: Floats, face: Grid) -> Cells:
    """The cells of the whole frame's grid that the head or the face moves."""
    moves = np.abs(basis).reshape(6, whole.rows, whole.columns, 2).max(axis=(0, 3)) > 0
    left, top, right, bottom = face.box_px(face.whole)
    cell = whole.cell_px
    moves[top // cell : -(-bottom // cell), left // cell : -(-right // cell)] = True
    return bounds(moves) or whole.whole


def _frame_grid(size_px: tuple[int, int]) -> Grid:
    cell = max(1, max(size_px) // FRAME_CELLS)
    return Grid(0, 0, -(-size_px[0] // cell), -(-size_px[1] // cell), cell)
