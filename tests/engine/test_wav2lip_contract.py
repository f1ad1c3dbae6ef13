"""Which files are taken for lip-sync models, and how the others are refused."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from engine.errors import ModelUnfit
from engine.wav2lip import open_wav2lip, probe
from tests.engine.mouths import Graph, echo, network


def refusal(model: bytes) -> ModelUnfit:
    with pytest.raises(ModelUnfit) as caught:
        open_wav2lip(model)
    assert caught.value.code == "model_unfit"
    return caught.value


def echoing(mel: list[object], face: list[object], output: list[object], first: int = 3) -> bytes:
    """A graph that declares these shapes, and gives back what it was shown from channel `first` on."""
    graph = Graph()
    start, end, axis = (graph.constant([value], np.int64) for value in (first, 6, 1))
    graph.add("Slice", "vid", start, end, axis, output="gen")
    return graph.model({"mel": mel, "vid": face}, {"gen": output}).SerializeToString()


@pytest.mark.parametrize("size", [96, 192, 256, 288, 384])
def test_the_original_architecture_fits_in_every_size(size):
    contract = open_wav2lip(network(size)).contract
    assert (contract.size_px, contract.batch) == (size, None)
    assert (contract.mel, contract.face, contract.output) == ("mel", "vid", "gen")


def test_inputs_are_told_by_shape_whatever_their_names_and_order():
    contract = open_wav2lip(network(names=("input_2", "input_1", "out"), mel_first=False)).contract
    assert (contract.mel, contract.face, contract.output) == ("input_2", "input_1", "out")


def test_half_precision_and_fixed_batches_fit():
    contract = open_wav2lip(network(192, half=True, batch=3)).contract
    assert (contract.mel_dtype, contract.face_dtype, contract.batch) == ("float16", "float16", 3)


def test_shapes_that_a_file_leaves_open_are_found_by_trying():
    contract = open_wav2lip(echoing(["n", "c", "f", "t"], ["n", 6, "h", "w"], ["n", 3, "h", "w"])).contract
    assert (contract.size_px, contract.batch) == (96, None)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (echoing(["n", 1, 80, 16], ["n", 6, 128, 128], ["n", 3, 128, 128]), "vid (n, 6, 128, 128) tensor(float)"),
        (echoing(["n", 1, 40, 16], ["n", 6, 96, 96], ["n", 3, 96, 96]), "mel (n, 1, 40, 16)"),
        (
            echoing(["n", 1, 80, 16], ["n", 6, 96, 96], ["n", 4, 96, 96], first=2),
            "wanted: (n, 1, 80, 16) and (n, 6, S, S)",
        ),
        (echo(shift=float("nan")), "numbers that are not finite"),
        (b"hello", "ONNX Runtime cannot open it"),
        (b"", "ONNX Runtime cannot open it"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_reason(model, reason):
    assert reason in refusal(model).message


def test_colours_beyond_black_and_white_are_refused():
    graph = Graph()
    start, end, axis = (graph.constant([value], np.int64) for value in (3, 6, 1))
    face = graph.add("Slice", "vid", start, end, axis)
    graph.add("Mul", face, graph.constant(255.0), output="gen")
    shapes = {"mel": ["n", 1, 80, 16], "vid": ["n", 6, 96, 96]}
    error = refusal(graph.model(shapes, {"gen": ["n", 3, 96, 96]}).SerializeToString())
    assert "not 0 to 1" in error.message
    assert error.details["high"] == pytest.approx(255, abs=1)


def test_operators_that_nobody_knows_are_refused():
    graph = Graph()
    graph.add("Launder", "vid", domain="com.example", output="gen")
    model = graph.model({"mel": ["n", 1, 80, 16], "vid": ["n", 6, 96, 96]}, {"gen": ["n", 3, 96, 96]})
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    assert "Launder" in refusal(model.SerializeToString()).message


@pytest.mark.parametrize("place", ["weights.bin", "../weights.bin", "/etc/hostname"])
def test_weights_in_other_files_are_refused_even_where_they_lie_beside_it(tmp_path, monkeypatch, place):
    (tmp_path / "weights.bin").write_bytes(bytes(64))
    monkeypatch.chdir(tmp_path)
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", place), ("offset", "0"), ("length", "4")):
        tensor.external_data.add(key=key, value=value)
    graph = Graph()
    start, end, axis = (graph.constant([number], np.int64) for number in (3, 6, 1))
    graph.add("Add", graph.add("Slice", "vid", start, end, axis), "w", output="gen")
    model = graph.model({"mel": ["n", 1, 80, 16], "vid": ["n", 6, 96, 96]}, {"gen": ["n", 3, 96, 96]})
    model.graph.initializer.append(tensor)
    assert "save it as one file" in refusal(model.SerializeToString()).message


def test_a_probe_tells_contract_speed_size_and_hash(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(network(batch=2))
    probed = probe(path)
    assert (probed.contract.size_px, probed.contract.batch) == (96, 2)
    assert 0 < probed.frame_s < 5
    assert probed.bytes == path.stat().st_size
    assert len(probed.sha256) == 64


def test_a_probe_refuses_with_the_reason_that_its_child_found(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(ModelUnfit, match="ONNX Runtime cannot open it"):
        probe(path)


def test_a_model_that_eats_all_memory_ends_its_child_alone(tmp_path):
    graph = Graph()
    shape = graph.constant([200_000, 200_000], np.int64)
    tensor = helper.make_tensor("value", TensorProto.FLOAT, [1], [0.5])
    huge = graph.add("ReduceMax", graph.add("ConstantOfShape", shape, value=tensor), keepdims=0)
    start, end, axis = (graph.constant([number], np.int64) for number in (3, 6, 1))
    graph.add("Add", graph.add("Slice", "vid", start, end, axis), huge, output="gen")
    model = graph.model({"mel": ["n", 1, 80, 16], "vid": ["n", 6, 96, 96]}, {"gen": ["n", 3, 96, 96]})
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelUnfit):
        probe(path)


def test_a_probe_that_does_not_end_is_ended(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(network())
    with pytest.raises(ModelUnfit, match=r"more than 0\.05 s"):
        probe(path, time_limit_s=0.05)


def test_files_beyond_the_limit_are_not_even_opened(tmp_path):
    path = tmp_path / "model.onnx"
    with path.open("wb") as file:
        file.truncate((1 << 30) + 1)  # a hole: no disk is used
    with pytest.raises(ModelUnfit) as caught:
        probe(path)
    assert caught.value.details["max_bytes"] == 1 << 30
