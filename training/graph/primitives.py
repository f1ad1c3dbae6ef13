"""What warp.py and pixels.py do by OpenCV, as nodes of a graph: the second sampler. Each stands for its namesake."""

from typing import Any

import numpy as np

from engine.renderer.pixels import FULL_LIGHT
from engine.renderer.warp import ALL, Cells, Grid
from training.graph.arrays import FUNCTIONS, Recorded, Recorder, frames_in, vector
from training.graph.operators import FLOAT

ONE = [1]


def sample(values: Recorded, where: Recorded) -> Recorded:
    """Bilinear samples; of whole numbers as whole numbers, but float32."""
    result = _grid_sample(values, where)
    return result if values.dtype.kind == "f" else _rounded(result)


def sample_photo(photo: Recorded, where: Recorded) -> Recorded:
    """Bilinear samples of a uint8 picture."""
    return sample(photo, where).astype(np.uint8)


def source_at(source: Any, where_px: Recorded) -> Recorded:
    """Source.at: (h, w, 3) uint8."""
    return sample_photo(source.fine, where_px * source.scale)[..., :3]


def shifted(points: Recorded, by: tuple[Any, Any]) -> Recorded:
    """Positions moved by (x, y)."""
    return points + numbers(points.recorder, by)


def to_nodes(grid: Grid, points_px: Recorded) -> Recorded:
    """Grid.to_nodes."""
    x, y = (0.5 - grid.left) / grid.cell_px - 0.5, (0.5 - grid.top) / grid.cell_px - 0.5  # type: ignore[operator]
    return points_px / grid.cell_px + numbers(points_px.recorder, (x, y))


def at(grid: Grid, values: Recorded, points_px: Recorded) -> Recorded:
    """Grid.at."""
    return sample(_with_margin(values), to_nodes(grid, points_px) + 1)


def enlarge(grid: Grid, values: Recorded, cells: Cells) -> Recorded:
    """Grid.enlarge."""
    cell = grid.cell_px
    part = _with_margin(values)[cells.top : cells.bottom + 2, cells.left : cells.right + 2]
    record, channels = part.recorder, part.rank == 3
    planar = (
        _moved(part, (0, 3, 1, 2))
        if channels
        else record.node("Unsqueeze", [_batched(part), record.constant(ONE, np.int64)])
    )
    rows, columns = part.shape[0] * cell, part.shape[1] * cell
    sizes = record.node(
        "Concat", [record.node("Shape", [planar], start=0, end=2), vector(record, [rows, columns])], axis=0
    )
    large = record.node("Resize", [planar, "", "", sizes], mode="linear", coordinate_transformation_mode="half_pixel")
    if channels:
        name = record.node("Transpose", [large], perm=[0, 2, 3, 1])
    else:
        name = record.node("Squeeze", [large, record.constant(ONE, np.int64)])
    grown = Recorded(record, name, FLOAT, part.rank, True)
    grown = (
        grown
        if part.a_frame
        else Recorded(record, record.node("Squeeze", [name, record.constant([0], np.int64)]), FLOAT, part.rank, False)
    )
    return grown[cell : -1 * cell, cell : -1 * cell]


def invert(moves_px: Recorded, grid: Grid, seen_px: Recorded, steps: int, rows: slice = ALL) -> Recorded:
    """The same fixed-point steps; a graph cannot stop early, which changes less than warp.CONVERGED_PX."""
    index = to_nodes(grid, seen_px)
    moves = moves_px / grid.cell_px
    back = moves[rows]
    for _ in range(steps):
        back = sample(moves, index - back)
    return seen_px - back * grid.cell_px


def weighted(fields: Recorded, amounts: Recorded) -> Recorded:
    """The sum of fields times their amounts."""
    record = fields.recorder
    flat = record.node("Reshape", [fields.name, record.constant([0, -1], np.int64)])
    total = record.node("MatMul", [amounts.name, flat])
    shape = record.node("Concat", [frames_in(amounts), record.node("Shape", [fields.name], start=1)], axis=0)
    return Recorded(record, record.node("Reshape", [total, shape]), FLOAT, fields.rank - 1, True)


def bounds(where: Recorded, within: Cells | None = None) -> Cells:
    """All cells in which anything may be: a graph draws the same box whatever happens in it."""
    rows, columns = where.shape
    return within or Cells(0, 0, columns, rows)  # type: ignore[arg-type]


def around(where: Recorded) -> Cells:
    """All cells."""
    return bounds(where)


def blend(one: Recorded, other: Recorded, of_one: Recorded, of_other: Recorded) -> Recorded:
    """Two pictures mixed by their shares."""
    of_one, of_other = of_one.astype(FLOAT), of_other.astype(FLOAT)
    total = of_one + of_other + np.float32(1e-5)  # as cv2.blendLinear has it
    mixed = (one * of_one[..., None] + other * of_other[..., None]) / total[..., None]
    return _rounded(mixed).astype(np.uint8)


def dimmed(pixels: Recorded, loss: Recorded) -> Recorded:
    """Pixels without a share of their light, or with a little more."""
    kept = to_pixels(FULL_LIGHT - FULL_LIGHT * loss)
    lit = pixels.astype(FLOAT) * kept.astype(FLOAT)[..., None] * np.float32(1 / FULL_LIGHT)
    return _rounded(np.minimum(lit, 255)).astype(np.uint8)


def over(front: Recorded, back: Recorded) -> Recorded:
    """A premultiplied layer over another picture."""
    through = 255 - front[..., 3:].astype(FLOAT)
    behind = _rounded(back * through * np.float32(1 / 255))
    return np.minimum(front + behind, 255).astype(np.uint8)


def faded(layer: Recorded, share: Recorded) -> Recorded:
    """A share of a premultiplied layer."""
    kept = to_pixels(255 * share).astype(FLOAT)
    return _rounded(layer * kept[..., None] * np.float32(1 / 255)).astype(np.uint8)


def tinted(pixels: Recorded, kept: list[Recorded]) -> Recorded:
    """Pixels, of each of whose first three channels a share is kept."""
    lit = pixels[..., :3] * FUNCTIONS["stack"](pixels.recorder, kept, -1)
    return _rounded(np.clip(lit, 0, 255)).astype(np.uint8)


def placed(under: Recorded, cells: Cells, part: Recorded) -> Recorded:
    """A picture with part of it replaced."""
    left, top, right, bottom = cells.left, cells.top, cells.right, cells.bottom
    middle = [under[top:bottom, :left], part, under[top:bottom, right:]]
    record = under.recorder
    row = FUNCTIONS["concatenate"](record, middle, 1)
    return FUNCTIONS["concatenate"](record, [under[:top], row, under[bottom:]], 0)


def to_pixels(values: Recorded) -> Recorded:
    """Round 0..255 to uint8."""
    return (values + np.float32(0.5)).astype(np.uint8)


def numbers(record: Recorder, values: tuple[Any, ...]) -> Recorded:
    """Numbers, some of them of the graph, as one (n,) array."""
    parts = [
        value if isinstance(value, Recorded) else Recorded(record, record.constant(value, FLOAT), FLOAT, 0, False)
        for value in values
    ]
    return FUNCTIONS["stack"](record, [part.astype(FLOAT) for part in parts])


def _rounded(values: Recorded) -> Recorded:
    return values.like(values.recorder.node("Round", [values.name]))


def _with_margin(values: Recorded) -> Recorded:
    join = FUNCTIONS["concatenate"]
    tall = join(values.recorder, [2 * values[:1] - values[1:2], values, 2 * values[-1:] - values[-2:-1]], 0)
    left, right = 2 * tall[:, :1] - tall[:, 1:2], 2 * tall[:, -1:] - tall[:, -2:-1]
    return join(values.recorder, [left, tall, right], 1)


def _batched(values: Recorded) -> str:
    if values.a_frame:
        return values.name
    return values.recorder.node("Unsqueeze", [values.name, values.recorder.constant([0], np.int64)])


def _moved(values: Recorded, axes: tuple[int, ...]) -> str:
    return values.recorder.node("Transpose", [_batched(values)], perm=list(axes))


def _grid_sample(values: Recorded, where: Recorded) -> Recorded:
    """GridSample takes one picture a map. One picture for all frames: their maps go below each other, as one."""
    record = values.recorder
    values = values.astype(FLOAT)
    channels = values.rank == 3
    rows, columns = values.shape[:2]
    scale = 2 / numbers(record, (columns, rows))
    spot = where * scale + (0.5 * scale - 1)  # from px to -1..1 between the picture's outer edges
    flat = where.rank == 2  # (n, 2) positions
    spot = spot[None] if flat else spot
    planar = (
        _moved(values, (0, 3, 1, 2))
        if channels
        else record.node("Unsqueeze", [_batched(values), record.constant(ONE, np.int64)])
    )
    name = spot.name if spot.a_frame else _batched(spot)
    shape = record.node("Shape", [name], start=0, end=3)
    stacked = not values.a_frame
    if stacked:
        width = record.node("Shape", [name], start=2, end=3)
        rows_of_all = record.node(
            "Concat", [record.constant([1, -1], np.int64), width, record.constant([2], np.int64)], axis=0
        )
        name = record.node("Reshape", [name, rows_of_all])
    elif not spot.a_frame:
        frames = record.node("Concat", [frames_in(values), record.node("Shape", [name], start=1)], axis=0)
        name = record.node("Expand", [name, frames])
        shape = record.node("Shape", [name], start=0, end=3)
    sampled = record.node("GridSample", [planar, name], mode="bilinear", padding_mode="border", align_corners=0)
    sampled = record.node("Transpose", [sampled], perm=[0, 2, 3, 1])
    depth = record.node("Shape", [planar], start=1, end=2)
    sampled = record.node("Reshape", [sampled, record.node("Concat", [shape, depth], axis=0)])
    a_frame = values.a_frame or where.a_frame
    result = Recorded(record, sampled, FLOAT, 3, True)
    if not a_frame:
        result = Recorded(record, record.node("Squeeze", [sampled, record.constant([0], np.int64)]), FLOAT, 3, False)
    result = result if channels else result[..., 0]
    return result[0] if flat else result


REPLACED = {
    name: globals()[name]
    for name in (
        "sample",
        "sample_photo",
        "shifted",
        "invert",
        "weighted",
        "bounds",
        "around",
        "to_pixels",
        "blend",
        "dimmed",
        "over",
        "faded",
        "tinted",
        "placed",
    )
}
REPLACED_METHODS = {(Grid, "to_nodes"): to_nodes, (Grid, "at"): at, (Grid, "enlarge"): enlarge}
