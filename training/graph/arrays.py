"""Arrays that write down what is done to them: NumPy expressions become the nodes of an ONNX graph.

A Recorded stands for an array of one frame, or of one photo. Those of a frame have one more axis in the graph, the
frames of a batch; the code that is recorded never sees it, as it never does on the CPU.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike, NDArray
from onnx import TensorProto, helper, numpy_helper

# ONNX Runtime's CUDA kernels are bound to versions of operators: those for GridSample-16 and Resize-13, which 17 has,
# are in every release since 1.17; GridSample-20 was left to the CPU by several.
OPSET = 17
CHANNELS = 4
LAST = np.iinfo(np.int64).max  # the end of an open slice
ONNX_TYPE = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.uint8): TensorProto.UINT8,
    np.dtype(np.int64): TensorProto.INT64,
    np.dtype(np.bool_): TensorProto.BOOL,
}
UFUNCS: dict[str, Callable[..., "Recorded"]] = {}  # by NumPy's names; operators.py fills both
FUNCTIONS: dict[str, Callable[..., Any]] = {}


class Recorder:
    """The graph so far."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._initializers: list[onnx.TensorProto] = []
        self._done: dict[tuple[Any, ...], str] = {}

    def node(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node, or find the same one; return the name of its output."""
        key = (kind, tuple(inputs), repr(sorted(attributes.items())))
        if key not in self._done:
            self._done[key] = f"v{len(self.nodes)}"
            self.nodes.append(helper.make_node(kind, list(inputs), [self._done[key]], **attributes))
        return self._done[key]

    def constant(self, value: Any, dtype: DTypeLike) -> str:
        """A constant of the graph; equal ones are kept once."""
        array = np.asarray(value, dtype)
        key = str(array.dtype), array.shape, array.tobytes()
        if key not in self._constants:
            name = self._constants[key] = f"c{len(self._constants)}"
            self._initializers.append(numpy_helper.from_array(array, name))
        return self._constants[key]

    def input(self, name: str, like: NDArray[Any], *, a_frame: bool) -> "Recorded":
        """An input of the graph: of a frame, with the batch as its first axis, or of the photo.

        Its lengths are free, but for channels: a last axis that is short, of anything but a table.
        """
        dtype, rank = like.dtype, like.ndim
        shape: list[str | int] = [f"{name}.{axis}" for axis in range(rank)]
        if rank not in (0, 2) and like.shape[-1] <= CHANNELS:
            shape[-1] = like.shape[-1]
        shape = ["frames", *shape] if a_frame else shape
        self.inputs.append(helper.make_tensor_value_info(name, ONNX_TYPE[dtype], shape))
        return Recorded(self, name, dtype, rank, a_frame)

    def model(self, outputs: dict[str, "Recorded"]) -> onnx.ModelProto:
        """The finished model."""
        named = [helper.make_node("Identity", [value.name], [name]) for name, value in outputs.items()]
        shapes = [
            helper.make_tensor_value_info(name, ONNX_TYPE[value.dtype], [f"{name}.{i}" for i in range(value.rank + 1)])
            for name, value in outputs.items()
        ]
        used = {name for node in self.nodes for name in node.input}
        inputs = [value for value in self.inputs if value.name in used]
        graph = helper.make_graph(self.nodes + named, "frames", inputs, shapes, self._initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


class Recorded(NDArrayOperatorsMixin):
    """An array in the graph. rank: its axes, that of the batch not counted. a_frame: whether it has that axis."""

    __slots__ = ("a_frame", "dtype", "name", "rank", "recorder")

    def __init__(self, recorder: Recorder, name: str, dtype: DTypeLike, rank: int, a_frame: bool) -> None:
        self.recorder, self.name, self.dtype = recorder, name, np.dtype(dtype)
        self.rank, self.a_frame = rank, a_frame

    def __bool__(self) -> bool:
        """Take every branch: in code that is recorded, an `if` may only skip work that would change nothing."""
        return True

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "Recorded":
        if method != "__call__" or options or ufunc.__name__ not in UFUNCS:
            raise TypeError(f"cannot record {ufunc.__name__} {method} {options}")
        return UFUNCS[ufunc.__name__](self.recorder, *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function.__name__ not in FUNCTIONS:
            raise TypeError(f"cannot record {function.__name__}")
        return FUNCTIONS[function.__name__](self.recorder, *args, **options)

    @property
    def shape(self) -> tuple["Recorded", ...]:
        """Lengths of the axes, as numbers in the graph."""
        return tuple(_length(self, axis) for axis in range(self.rank))

    @property
    def ndim(self) -> int:
        """How many axes a frame's array has."""
        return self.rank

    @property
    def size(self) -> int:
        """Never known, and never 0: boxes of the graph are not empty."""
        return 1

    def astype(self, dtype: DTypeLike, **_options: Any) -> "Recorded":
        """Cast; floats lose their fraction."""
        dtype = np.dtype(dtype)
        if dtype == self.dtype:
            return self
        return self.like(self.recorder.node("Cast", [self.name], to=ONNX_TYPE[dtype]), dtype=dtype)

    def like(self, name: str, *, dtype: DTypeLike | None = None, rank: int | None = None) -> "Recorded":
        """Another array of the same batch."""
        return Recorded(self.recorder, name, dtype or self.dtype, self.rank if rank is None else rank, self.a_frame)

    def __getitem__(self, index: Any) -> "Recorded":
        """Slices (their ends may be numbers of the graph), single places, new axes and an ellipsis."""
        index = index if isinstance(index, tuple) else (index,)
        taken = sum(part is not None and part is not Ellipsis for part in index)
        if Ellipsis in index:
            at = index.index(Ellipsis)
            index = index[:at] + (slice(None),) * (self.rank - taken) + index[at + 1 :]
        batch = int(self.a_frame)
        starts, ends, axes, dropped, added = [], [], [], [], []
        axis = place = 0
        for part in index:
            if part is None:
                added.append(place + batch)
            elif isinstance(part, slice):
                if part.start is not None or part.stop is not None:
                    starts.append(0 if part.start is None else part.start)
                    ends.append(LAST if part.stop is None else part.stop)
                    axes.append(axis + batch)
            else:
                starts.append(part)
                ends.append(part + 1 if part != -1 else LAST)
                axes.append(axis + batch)
                dropped.append(axis + batch)
                place -= 1
            axis += part is not None
            place += 1
        return self._sliced(starts, ends, axes)._without(dropped)._with_axes(added)

    def _sliced(self, starts: list[Any], ends: list[Any], axes: list[int]) -> "Recorded":
        if not axes:
            return self
        record = self.recorder
        sides = [vector(record, starts), vector(record, ends), record.constant(axes, np.int64)]
        return self.like(record.node("Slice", [self.name, *sides]))

    def _without(self, axes: list[int]) -> "Recorded":
        if not axes:
            return self
        name = self.recorder.node("Squeeze", [self.name, self.recorder.constant(axes, np.int64)])
        return self.like(name, rank=self.rank - len(axes))

    def _with_axes(self, axes: list[int]) -> "Recorded":
        if not axes:
            return self
        name = self.recorder.node("Unsqueeze", [self.name, self.recorder.constant(axes, np.int64)])
        return self.like(name, rank=self.rank + len(axes))


def _length(value: Recorded, axis: int) -> Recorded:
    record, at = value.recorder, axis + int(value.a_frame)
    name = record.node("Shape", [value.name], start=at, end=at + 1)
    return Recorded(record, record.node("Squeeze", [name, record.constant([0], np.int64)]), np.int64, 0, False)


def frames_in(value: Recorded) -> str:
    """The name of the (1,) number of frames in a batch, or of 1 for an array of the photo."""
    record = value.recorder
    return record.node("Shape", [value.name], start=0, end=1) if value.a_frame else record.constant([1], np.int64)


def vector(record: Recorder, values: Sequence[Any]) -> str:
    """Whole numbers, some of them of the graph, as one (n,) tensor."""
    if not any(isinstance(value, Recorded) for value in values):
        return record.constant(values, np.int64)
    one = record.constant([0], np.int64)
    parts = [
        record.node("Unsqueeze", [value.name, one])
        if isinstance(value, Recorded)
        else record.constant([value], np.int64)
        for value in values
    ]
    return record.node("Concat", parts, axis=0) if len(parts) > 1 else parts[0]
