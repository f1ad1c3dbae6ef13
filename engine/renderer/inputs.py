"""A rig, or a frame's command, as named arrays: what the graph of a device takes."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def named_arrays(value: Any, name: str) -> Arrays:
    """Every array and number in a dataclass, however deep, by its path; what is None is left out."""
    if is_dataclass(value):
        parts = [(field.name, getattr(value, field.name)) for field in fields(value)]
    elif isinstance(value, list | tuple):
        parts = [(str(index), part) for index, part in enumerate(value)]
    elif value is None:
        return {}
    else:
        return {name: as_input(value)}
    return {path: array for key, part in parts for path, array in named_arrays(part, f"{name}.{key}").items()}


def as_input(value: Any) -> NDArray[Any]:
    """An array of a type that the graph knows: float32, uint8 or int64."""
    array = np.asarray(value)
    if array.dtype.kind == "f":
        return array.astype(np.float32, order="C", copy=False)
    return array.astype(np.uint8 if array.dtype == np.uint8 else np.int64, order="C", copy=False)
