"""Frames drawn on a GPU, in batches, by a graph that was recorded from this renderer's own code (training/graph).

A photo's arrays go up once; for every batch only its commands go up, and its finished frames come down. On the CPU
OpenCV draws: there the graph takes about 40 times as long, almost half of it in GridSample.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine.renderer.inputs import Arrays, named_arrays
from engine.renderer.warp import Pixels
from engine.sessions import CUDA, gpu_number, open_session

if TYPE_CHECKING:
    from engine.renderer.rig import Command, Rig

GRAPH = Path(__file__).parent / "weights" / "frames.onnx"
FRAMES = 16  # of a batch, at most
WORK_BYTES = 150  # a px of a frame: a few copies of it and of its map in float32
BATCH_BYTES = 2 << 30
LIDS = 2
TYPES = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8, "tensor(int64)": np.int64}


class Device:
    """Draws rigs' frames with a session of the graph; where: "cuda" or "cpu", and which of them."""

    def __init__(self, session: ort.InferenceSession, where: str, number: int = 0) -> None:
        self._session, self._where, self._number = session, where, number
        self._inputs = {value.name: value for value in session.get_inputs()}

    def frames(self, rig: "Rig", commands: "Iterable[Command]") -> Iterator[Pixels]:
        """Yield the frame of each command: (h, w, 3) RGB, or (h, w, 4) where nothing is behind the person."""
        binding = self._session.io_binding()
        self._bind(binding, self._of_photo(rig))
        layered = rig.source.rgb.shape[2] == 4
        height, width = rig.source.rgb.shape[:2]
        size = int(np.clip(BATCH_BYTES // (WORK_BYTES * height * width), 1, FRAMES))
        commands = iter(commands)
        while batch := list(islice(commands, size)):
            self._bind(binding, self._of_frames(batch))
            binding.clear_binding_outputs()  # else a last, smaller batch would have to be as large
            for output in ("person", "alpha") if layered else ("frames",):
                binding.bind_output(output, "cpu")
            self._session.run_with_iobinding(binding)
            drawn = binding.copy_outputs_to_cpu()
            yield from np.concatenate([drawn[0], drawn[1][..., None]], axis=-1) if layered else drawn[0]

    def _bind(self, binding: ort.IOBinding, arrays: Arrays) -> None:
        for name in arrays.keys() & self._inputs.keys():
            array = arrays[name]
            # Single numbers are lengths and places of boxes, which ONNX Runtime needs on the CPU.
            where, number = (self._where, self._number) if array.ndim else ("cpu", 0)
            binding.bind_ortvalue_input(name, ort.OrtValue.ortvalue_from_numpy(array, where, number))

    def _of_photo(self, rig: "Rig") -> Arrays:
        """The arrays of a photo; stand-ins for what it lacks, such as lids that can close."""
        arrays = named_arrays(rig, "rig")
        person = rig.source.person
        arrays.setdefault("rig.source.alpha", np.full(person.shape[:2], 255, np.uint8))
        arrays.setdefault("rig.source.plate", person)
        lacking = [value for name, value in self._inputs.items() if name.startswith("rig.") and name not in arrays]
        return arrays | {value.name: _stand_in(value) for value in lacking}

    def _of_frames(self, batch: "list[Command]") -> Arrays:
        """The arrays of a batch, (frames, …) each. The graph has all lids: those that the photo lacks stay open."""
        named = [named_arrays(command, "command") for command in batch]
        arrays = {name: np.stack([one[name] for one in named]) for name in named[0]}
        lids = np.zeros((len(batch), LIDS, 3), np.float32)
        lids[:, : arrays["command.lids"].shape[1]] = arrays["command.lids"]
        return arrays | {"command.lids": lids}


@cache
def open_device(provider: str = CUDA) -> Device:
    """The graph on a GPU, or on the CPU: slow, but it shows what the graph draws."""
    session = open_session(GRAPH, provider=provider)
    return Device(session, "cuda", gpu_number()) if provider == CUDA else Device(session, "cpu")


def _stand_in(value: ort.NodeArg) -> NDArray[Any]:
    """A part that a photo has not: one cell that never shows. Ones, since nothing divides by them; no colour."""
    kind = TYPES[value.type]
    if not value.shape:
        return np.array(0 if value.name.endswith((".left", ".top")) else 1, kind)
    shape = [length if isinstance(length, int) else 1 for length in value.shape]
    return np.zeros(shape, kind) if kind == np.uint8 else np.ones(shape, kind)
