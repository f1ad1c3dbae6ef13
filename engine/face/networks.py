"""MediaPipe's three face networks, run by LiteRT as they are published."""

import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from engine import weights

Floats = NDArray[np.float32]


class Network:
    """One .tflite network with one input; calls are serialised, because an interpreter holds its own tensors."""

    def __init__(self, model: bytes) -> None:
        with _quiet_stderr():
            self._interpreter = Interpreter(model_content=model, num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        self._lock = threading.Lock()

    def __call__(self, tensor: Floats) -> list[Floats]:
        """Run the network: one input of its own shape in, a list of output arrays out."""
        with self._lock:
            self._interpreter.set_tensor(self._input, tensor)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(index) for index in self._outputs]


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """LiteRT writes "INFO: Created TensorFlow Lite XNNPACK delegate" to fd 2 and has no switch for it."""
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


@cache
def network(name: str) -> Network:
    """Return "face_detector", "face_landmarks_detector" or "face_blendshapes", loaded once a process."""
    with zipfile.ZipFile(weights.path("face-landmarker")) as bundle:
        return Network(bundle.read(f"{name}.tflite"))
