"""Records the renderer's own code as an ONNX graph, for devices: python -m training.graph.record

Rig.draw() and all that it calls run once on arrays that write down what is done to them, so that there is one renderer
and not two. What warp.py and pixels.py do by OpenCV is done by the nodes of primitives.py. No photo gets into the
graph: a photo's arrays are its inputs, of any size. To be run again whenever the renderer's code changes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import onnx

from engine.renderer import Rig, warp
from engine.renderer import pixels as painting
from engine.renderer.device import GRAPH
from engine.renderer.inputs import as_input
from engine.renderer.rig import Command
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Grid
from training.graph import primitives
from training.graph.arrays import Recorded, Recorder
from training.graph.example import example_of_everything
from training.graph.operators import for_every_frame


def record(example: Rig, command: Command) -> onnx.ModelProto:
    """The graph of a rig and a command like these: what is None in them has no place in it."""
    recorder = Recorder()
    rig = _symbolic(recorder, example, "rig", a_frame=False)
    asked = _symbolic(recorder, command, "command", a_frame=True)
    canvas = RecordedCanvas(rig)
    with recording():
        rig.draw(canvas, asked)
    return recorder.model(canvas.finish())


class RecordedCanvas:
    """Canvas, in a graph: each frame starts as the photo, and parts of it are replaced."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._person: Any = rig.source.person
        self._alpha: Any = rig.source.alpha
        self._height, self._width = rig.source.person.shape[:2]

    def draw_head(self, sources: Any, face_sources: Any) -> None:
        """Sample all that moves."""
        rig = self._rig
        self._person, self._alpha = (for_every_frame(layer, sources) for layer in (self._person, self._alpha))
        for grid, cells, coarse in ((rig.whole, rig.moving, sources), (rig.grid, rig.grid.whole, face_sources)):
            box = self._clip(grid, cells)
            where = grid.enlarge(coarse * rig.source.scale, cells)[: box.bottom - box.top, : box.right - box.left]
            rgba = primitives.sample_photo(rig.source.fine, where)
            self._person = primitives.placed(self._person, box, rgba[..., :3])
            self._alpha = primitives.placed(self._alpha, box, rgba[..., 3])

    def finish(self) -> dict[str, Any]:
        """The frames as they are seen; the person and their opacity for when nothing is behind."""
        seen = primitives.blend(self._person, self._rig.source.plate, self._alpha, 255 - self._alpha.astype(np.float32))
        return {"frames": seen, "person": self._person, "alpha": self._alpha}

    def bands(self, _grid: Grid, cells: Cells) -> list[Cells]:
        """All at once."""
        return [cells]

    def part(self, cells: Cells) -> Any:
        """The frame under some cells of the face."""
        return self._person[self._clip(self._rig.grid, cells).slices]

    def paste(self, cells: Cells, pixels: Any) -> None:
        """Put pixels over some cells of the face."""
        box = self._clip(self._rig.grid, cells)
        self._person = primitives.placed(self._person, box, pixels[: box.bottom - box.top, : box.right - box.left])

    def _clip(self, grid: Grid, cells: Cells) -> Cells:
        left, top, right, bottom = grid.box_px(cells)
        return Cells(left, top, np.minimum(right, self._width), np.minimum(bottom, self._height))


def _symbolic(recorder: Recorder, value: Any, name: str, *, a_frame: bool) -> Any:
    """The same dataclasses with inputs of the graph in the place of arrays and numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {
            field.name: _symbolic(recorder, getattr(value, field.name), f"{name}.{field.name}", a_frame=a_frame)
            for field in fields(value)
        }
        return type(value)(**parts)
    if isinstance(value, list | tuple):
        return [_symbolic(recorder, part, f"{name}.{index}", a_frame=a_frame) for index, part in enumerate(value)]
    if value is None:
        return None
    return recorder.input(name, as_input(value), a_frame=a_frame)


class _Numpy:
    """NumPy, but for what makes plain arrays: here that leaves an array of the graph as it is."""

    class float32(np.float32):  # noqa: N801
        def __new__(cls, value: Any = 0.0) -> Any:
            return value.astype(np.float32) if isinstance(value, Recorded) else np.float32(value)

    @staticmethod
    def asarray(value: Any, dtype: Any = None, **options: Any) -> Any:
        if isinstance(value, Recorded):
            return value.astype(dtype) if dtype else value
        known = [part for part in value if isinstance(part, Recorded)] if isinstance(value, list | tuple) else []
        return primitives.numbers(known[0].recorder, tuple(value)) if known else np.asarray(value, dtype, **options)

    array = asarray

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


@contextmanager
def recording() -> Iterator[None]:
    """While inside, the renderer's modules call the graph's primitives in the place of OpenCV's."""
    modules = [module for name, module in sys.modules.items() if name.startswith("engine.renderer.")]
    originals = {
        getattr(home, name): node
        for name, node in primitives.REPLACED.items()
        for home in (warp, painting)
        if hasattr(home, name)
    }
    kept: list[tuple[Any, str, Any]] = []

    def replace(owner: Any, name: str, value: Any) -> None:
        kept.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    for module in modules:
        for name, value in list(vars(module).items()):
            if value is np:
                replace(module, name, _Numpy())
            elif callable(value) and getattr(value, "__hash__", None) and value in originals:
                replace(module, name, originals[value])
    for (owner, name), node in primitives.REPLACED_METHODS.items():
        replace(owner, name, node)
    replace(Source, "at", primitives.source_at)
    try:
        yield
    finally:
        for owner, name, value in reversed(kept):
            setattr(owner, name, value)


def main() -> None:
    """Write the graph."""
    model = record(*example_of_everything())
    onnx.checker.check_model(model, full_check=True)
    GRAPH.parent.mkdir(exist_ok=True)
    GRAPH.write_bytes(model.SerializeToString(deterministic=True))
    kib = GRAPH.stat().st_size / 1024
    print(f"{GRAPH.name}: {len(model.graph.node)} nodes, {len(model.graph.input)} inputs, {kib:.0f} KiB")


if __name__ == "__main__":
    main()
