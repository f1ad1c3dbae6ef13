"""What NumPy's operators and functions are in a graph. Importing this makes them known to arrays.Recorded."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from training.graph.arrays import FUNCTIONS, UFUNCS, Recorded, Recorder, frames_in

FLOAT, BOOL = np.float32, np.bool_


def joint(record: Recorder, *values: Any, dtype: DTypeLike | None = None) -> tuple[list[str], int, bool, np.dtype[Any]]:
    """Operands of one type and, in the graph, of ranks that broadcast as the frame's arrays do."""
    known = [value for value in values if isinstance(value, Recorded)]
    dtype = np.dtype(dtype) if dtype else _common_type(values)
    rank = max(value.rank if isinstance(value, Recorded) else np.ndim(value) for value in values)
    a_frame = any(value.a_frame for value in known)
    names = []
    for value in values:
        if not isinstance(value, Recorded):
            names.append(record.constant(value, dtype))
            continue
        cast = value.astype(dtype)
        if value.a_frame and value.rank < rank:
            cast = cast._with_axes(list(range(1, 1 + rank - value.rank)))
        names.append(cast.name)
    return names, rank, a_frame, dtype


def _common_type(values: Sequence[Any]) -> np.dtype[Any]:
    types = {value.dtype if isinstance(value, Recorded) else np.asarray(value).dtype for value in values}
    if any(kind.kind == "f" for kind in types):
        return np.dtype(np.float32)
    arrays = {value.dtype for value in values if isinstance(value, Recorded)}
    if np.dtype(np.uint8) in arrays and len(arrays) > 1:
        return np.dtype(np.float32)
    return np.dtype(np.bool_) if types == {np.dtype(np.bool_)} else (arrays - {np.dtype(np.bool_)}).pop()


def _operator(kind: str, result: DTypeLike | None = None, takes: DTypeLike | None = None) -> Callable[..., Recorded]:
    def record_it(record: Recorder, *values: Any) -> Recorded:
        names, rank, a_frame, dtype = joint(record, *values, dtype=takes)
        return Recorded(record, record.node(kind, names), result or dtype, rank, a_frame)

    return record_it


def _square(record: Recorder, value: Any) -> Recorded:
    return _operator("Mul")(record, value, value)


def _power(record: Recorder, one: Any, other: Any) -> Recorded:
    return (
        _square(record, one)
        if np.ndim(other) == 0 and other == 2
        else _operator("Pow", takes=FLOAT)(record, one, other)
    )


def _matmul(record: Recorder, vector_: Recorded, matrix: Recorded) -> Recorded:
    if not (vector_.a_frame and vector_.rank == 1 and matrix.rank == 2 and not matrix.a_frame):
        raise TypeError("only a frame's numbers times a photo's matrix can be recorded")
    return vector_.like(record.node("MatMul", [vector_.name, matrix.name]))


def _not_equal(record: Recorder, one: Any, other: Any) -> Recorded:
    return _operator("Not")(record, _operator("Equal", np.bool_)(record, one, other))


def _multiply(record: Recorder, one: Any, other: Any) -> Recorded:
    pair = [
        part.astype(np.float32) if isinstance(part, Recorded) and part.dtype == np.bool_ else part
        for part in (one, other)
    ]
    return _operator("Mul")(record, *pair)


UFUNCS |= {
    "add": _operator("Add"),
    "subtract": _operator("Sub"),
    "multiply": _multiply,
    "divide": _operator("Div", takes=FLOAT),
    "floor_divide": _operator("Div"),  # of whole numbers that are not negative
    "power": _power,
    "square": _square,
    "negative": _operator("Neg"),
    "absolute": _operator("Abs"),
    "exp": _operator("Exp", takes=FLOAT),
    "sqrt": _operator("Sqrt", takes=FLOAT),
    "cos": _operator("Cos", takes=FLOAT),
    "sin": _operator("Sin", takes=FLOAT),
    "floor": _operator("Floor"),
    "minimum": _operator("Min"),
    "maximum": _operator("Max"),
    "less": _operator("Less", BOOL),
    "less_equal": _operator("LessOrEqual", BOOL),
    "greater": _operator("Greater", BOOL),
    "greater_equal": _operator("GreaterOrEqual", BOOL),
    "equal": _operator("Equal", BOOL),
    "not_equal": _not_equal,
    "bitwise_and": _operator("And", BOOL),
    "bitwise_or": _operator("Or", BOOL),
    "invert": _operator("Not", BOOL),
    "matmul": _matmul,
}


def _where(record: Recorder, condition: Any, one: Any, other: Any) -> Recorded:
    rank = max(getattr(value, "rank", np.ndim(value)) for value in (condition, one, other))
    names, _, a_frame, dtype = joint(record, one, other)
    aligned = [
        value._with_axes(list(range(1, 1 + rank - value.rank)))
        if isinstance(value, Recorded) and value.a_frame and value.rank < rank
        else value
        for value in (condition, one, other)
    ]
    names = [aligned[0].name] + [
        value.astype(dtype).name if isinstance(value, Recorded) else record.constant(value, dtype)
        for value in aligned[1:]
    ]
    return Recorded(record, record.node("Where", names), dtype, rank, a_frame or condition.a_frame)


def _clip(record: Recorder, value: Any, low: Any, high: Any) -> Recorded:
    value = UFUNCS["maximum"](record, value, low) if low is not None else value
    return UFUNCS["minimum"](record, value, high) if high is not None else value


def _concatenate(record: Recorder, values: Sequence[Any], axis: int = 0) -> Recorded:
    a_frame = any(value.a_frame for value in values)
    rank, dtype = values[0].rank, values[0].dtype
    at = (axis if axis >= 0 else axis + rank) + int(a_frame)
    if a_frame:
        one = next(value for value in values if value.a_frame)
        values = [for_every_frame(value, one) for value in values]
    names = [value.name for value in values]
    return Recorded(record, record.node("Concat", names, axis=at), dtype, rank, a_frame)


def for_every_frame(value: Recorded, other: Recorded) -> Recorded:
    """An array of the photo repeated for every frame of another's batch."""
    if value.a_frame:
        return value
    record = value.recorder
    shape = record.node("Concat", [frames_in(other), record.node("Shape", [value.name])], axis=0)
    return Recorded(record, record.node("Expand", [value.name, shape]), value.dtype, value.rank, True)


def _stack(record: Recorder, values: Sequence[Any], axis: int = 0) -> Recorded:
    values = _broadcast(record, values)
    rank = values[0].rank
    at = axis if axis >= 0 else axis + rank + 1
    wide = [value._with_axes([at + int(value.a_frame)]) for value in values]
    return _concatenate(record, wide, at)


def _broadcast(record: Recorder, values: Sequence[Any]) -> list[Recorded]:
    """Arrays and numbers brought to one shape by adding zeros of the others."""
    zeros: Any = 0.0
    for value in values:
        if isinstance(value, Recorded):
            zeros = zeros + value * 0
    return [zeros + value for value in values]


FUNCTIONS |= {
    "where": _where,
    "clip": _clip,
    "concatenate": _concatenate,
    "stack": _stack,
    "any": lambda record, value, **options: True,
    "ndim": lambda record, value: value.rank,
    "zeros_like": lambda record, value, **options: value * 0,
    "ones_like": lambda record, value, **options: value * 0 + 1,
}
