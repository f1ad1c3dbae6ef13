"""ONNX graphs with the Wav2Lip contract: its architecture with random weights, and graphs whose answer is known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

Batch = int | str
STAGES = 5  # each halves the face, as in models/wav2lip.py


class Graph:
    """A graph that is being written down."""

    def __init__(self, half: bool = False, seed: int = 0) -> None:
        self.kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
        self._type = np.float16 if half else np.float32
        self._random = np.random.default_rng(seed)
        self._nodes: list[NodeProto] = []
        self._tensors: list[TensorProto] = []

    def constant(self, values: Any, kind: type | None = None) -> str:
        """A tensor."""
        name = f"c{len(self._tensors)}"
        self._tensors.append(numpy_helper.from_array(np.asarray(values, kind or self._type), name))
        return name

    def add(self, operator: str, *inputs: str, domain: str = "", output: str = "", **attributes: Any) -> str:
        """A node with one output."""
        output = output or f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [output], domain=domain, **attributes))
        return output

    def conv(self, x: str, channels: tuple[int, int], size: int, pad: int = 1, strides: Sequence[int] = (1, 1)) -> str:
        """Convolution and ReLU, with random weights."""
        shape = (channels[1], channels[0], size, size)
        weights = self._random.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape)
        out = self.add("Conv", x, self.constant(weights), pads=[pad] * 4, strides=list(strides))
        return self.add("Relu", out)

    def grow(self, x: str, channels: tuple[int, int], size: int, stride: int) -> str:
        """Transposed convolution and ReLU: from one px to `size`, or twice the size."""
        shape = (*channels, size, size)
        weights = self._random.normal(0, (2 / (channels[0] * 4)) ** 0.5, shape)
        pad, more = (0, 0) if stride == 1 else (1, 1)
        tensors = x, self.constant(weights)
        out = self.add("ConvTranspose", *tensors, strides=[stride] * 2, pads=[pad] * 4, output_padding=[more] * 2)
        return self.add("Relu", out)

    def model(self, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]], opset: int = 17) -> ModelProto:
        """The whole file."""
        values = [
            [helper.make_tensor_value_info(name, self.kind, shape) for name, shape in group.items()]
            for group in (inputs, outputs)
        ]
        graph = helper.make_graph(self._nodes, "graph", *values, initializer=self._tensors)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def network(
    size: int = 96,
    *,
    half: bool = False,
    names: tuple[str, str, str] = ("mel", "vid", "gen"),
    batch: Batch = "batch",
    mel_first: bool = True,
    channels: int = 8,
    seed: int = 0,
) -> bytes:
    """The architecture of models/wav2lip.py with few channels and random weights."""
    mel, face, output = names
    graph = Graph(half, seed)
    heard = graph.conv(mel, (1, channels), 3)
    for strides in ((3, 1), (3, 3), (3, 2)):
        heard = graph.conv(heard, (channels, channels), 3, strides=strides)
    heard = graph.conv(heard, (channels, channels), 3, pad=0)
    seen = [graph.conv(face, (6, channels), 7, pad=3)]
    for _ in range(STAGES):
        seen.append(graph.conv(seen[-1], (channels, channels), 3, strides=(2, 2)))
    bottom = size // 2**STAGES
    x = graph.add("Concat", heard, graph.conv(seen[-1], (channels, channels), bottom, pad=0), axis=1)
    x = graph.grow(x, (2 * channels, channels), bottom, stride=1)
    for skip in reversed(seen[1:]):
        x = graph.grow(graph.add("Concat", x, skip, axis=1), (2 * channels, channels), 3, stride=2)
    x = graph.conv(graph.add("Concat", x, seen[0], axis=1), (2 * channels, channels), 3)
    weights = graph.constant(np.random.default_rng(seed).normal(0, 0.5, (3, channels, 1, 1)))
    graph.add("Sigmoid", graph.add("Conv", x, weights), output=output)
    inputs = {mel: [batch, 1, 80, 16], face: [batch, 6, size, size]}
    if not mel_first:
        inputs = dict(reversed(inputs.items()))
    return graph.model(inputs, {output: [batch, 3, size, size]}).SerializeToString()


def echo(size: int = 96, batch: Batch = "batch", scale: float = 1.0, shift: float = 0.0, half: bool = False) -> bytes:
    """Gives back the whole face that it was shown, its colours scaled and shifted."""
    graph = Graph(half)
    face = _whole_face(graph)
    face = graph.add("Add", graph.add("Mul", face, graph.constant(scale)), graph.constant(shift))
    graph.add("Clip", face, graph.constant(0), graph.constant(1), output="gen")
    return _contract(graph, size, batch)


def painter(size: int = 96, bgr: Sequence[float] | None = None) -> bytes:
    """Paints a spot below the middle: in a colour, or in the shade of how loud it is, from black to white."""
    graph = Graph()
    loud = graph.add("ReduceMax", "mel", axes=[1, 2, 3], keepdims=1)
    shade = graph.add("Mul", graph.add("Add", loud, graph.constant(4)), graph.constant(1 / 8))
    if bgr is not None:
        shade = graph.constant(np.reshape(bgr, (1, 3, 1, 1)))
    y, x = np.mgrid[0:size, 0:size] / size
    spot = (np.hypot((x - 0.5) / 0.16, (y - 0.78) / 0.09) < 1).astype(np.float32)[None, None]
    kept = graph.add("Mul", _whole_face(graph), graph.constant(1 - spot))
    graph.add("Add", kept, graph.add("Mul", graph.constant(spot), shade), output="gen")
    return _contract(graph, size, "batch")


def _whole_face(graph: Graph) -> str:
    start, end, axis = (graph.constant([value], np.int64) for value in (3, 6, 1))
    return graph.add("Slice", "vid", start, end, axis)


def _contract(graph: Graph, size: int, batch: Batch) -> bytes:
    shapes = {"mel": [batch, 1, 80, 16], "vid": [batch, 6, size, size]}
    return graph.model(shapes, {"gen": [batch, 3, size, size]}).SerializeToString()
