"""The graph that draws on GPUs: it draws what OpenCV draws. Here it runs on the CPU, slowly, on small photos."""

import cv2
import numpy as np
import onnx
import pytest
import skimage.data

from engine.arkit import INDEX
from engine.errors import GpuUnavailable
from engine.face import Face, find_faces
from engine.motion.types import MotionTrack
from engine.renderer import Rig, build_rig, device
from engine.renderer.cutout import Cutout
from engine.renderer.device import GRAPH, Device, open_device
from engine.sessions import CPU, CUDA, live_providers
from training.graph.example import example_of_everything
from training.graph.record import record

LOOKS: tuple[dict[str, float], ...] = (
    {},
    {"jawOpen": 0.35, "mouthSmileLeft": 0.4, "tongueOut": 0.45},
    {"jawOpen": 1.0},
    {"mouthPucker": 0.8, "jawOpen": 0.1},
    {"mouthClose": 1.0, "jawOpen": 0.2},
    {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 0.55, "browInnerUp": 0.6, "eyeLookInRight": 0.2},
    {"eyeLookOutLeft": 0.3, "eyeLookInRight": 0.3, "eyeLookUpLeft": 0.1, "eyeLookUpRight": 0.1},
)
TURN = np.array([0.08, 0.05, 0.04, 0.02, 0.01, 0.02], np.float32)


def small() -> np.ndarray:
    """The astronaut's head and shoulders, a face 130 px high."""
    return cv2.resize(skimage.data.astronaut()[:220, 120:340], (240, 240), interpolation=cv2.INTER_AREA)


def face_in(rgb: np.ndarray) -> Face:
    return find_faces(rgb)[0]


def motion(head: np.ndarray) -> MotionTrack:
    weights = np.zeros((len(LOOKS), len(INDEX)), np.float32)
    for row, look in zip(weights, LOOKS, strict=True):
        for name, amount in look.items():
            row[INDEX[name]] = amount
    return MotionTrack(25.0, weights, np.tile(head, (len(LOOKS), 1)).astype(np.float32))


def drawn_by(graph: Device, rig: Rig, track: MotionTrack) -> list[np.ndarray]:
    return [frame.copy() for frame in graph.frames(rig, map(rig.command, track.weights, track.head))]


def difference(graph: Device, rig: Rig, track: MotionTrack) -> int:
    """The most by which any channel of any pixel differs from what OpenCV draws."""
    ours = [frame.copy() for frame in rig.frames(track)]
    theirs = drawn_by(graph, rig, track)
    assert len(theirs) == len(ours)
    return max(int(np.abs(one.astype(int) - other).max()) for one, other in zip(ours, theirs, strict=True))


@pytest.fixture(scope="module")
def graph() -> Device:
    return open_device(CPU)


@pytest.fixture(scope="module")
def rig() -> Rig:
    return build_rig(small(), face_in(small()))


@pytest.mark.parametrize("head", [np.zeros(6, np.float32), TURN], ids=["still", "turned"])
def test_graph_and_opencv_draw_the_same_frames(graph: Device, rig: Rig, head: np.ndarray) -> None:
    assert difference(graph, rig, motion(head)) <= 2


def test_at_rest_the_graph_gives_the_photo_back(graph: Device, rig: Rig) -> None:
    still = MotionTrack(25.0, np.zeros((1, len(INDEX)), np.float32), np.zeros((1, 6), np.float32))
    assert np.array_equal(drawn_by(graph, rig, still)[0], small())


def test_frames_are_the_same_in_batches_of_any_size(graph: Device, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = drawn_by(graph, rig, motion(TURN))
    monkeypatch.setattr(device, "FRAMES", 4)  # of six frames: a whole batch and half of one
    for one, other in zip(at_once, drawn_by(graph, rig, motion(TURN)), strict=True):
        assert np.array_equal(one, other)


def test_a_photo_with_shut_lips_eyes_that_stay_as_they_are_and_another_shape(graph: Device) -> None:
    photo = small()[:230, :200].copy()
    face = face_in(photo)
    face.blendshapes[INDEX["eyeBlinkLeft"]] = face.blendshapes[INDEX["eyeBlinkRight"]] = 1.0
    rig = build_rig(photo, face)
    assert len(rig.lids) == 0
    assert difference(graph, rig, motion(TURN)) <= 2


@pytest.mark.parametrize("behind", [True, False], ids=["plate", "nothing"])
def test_a_person_who_is_parted_from_the_background(graph: Device, behind: bool) -> None:
    photo = small()
    rows, columns = np.mgrid[0:240, 0:240]
    alpha = np.clip(900 - 8 * np.hypot(rows - 140, columns - 110), 0, 255).astype(np.uint8)
    plate = photo[::-1].copy() if behind else None
    rig = build_rig(photo, face_in(photo), Cutout(photo, alpha, plate, alone=True))
    assert drawn_by(graph, rig, motion(TURN))[0].shape == (240, 240, 3 if behind else 4)
    assert difference(graph, rig, motion(TURN)) <= 2


def test_the_graph_is_what_the_renderers_code_is_now() -> None:
    """When this fails: python -m training.graph.record."""
    assert onnx.load(GRAPH).graph == record(*example_of_everything()).graph


@pytest.mark.skipif(live_providers()[0] == CUDA, reason="there is a GPU")
def test_who_asks_for_a_gpu_where_none_is_hears_so() -> None:
    with pytest.raises(GpuUnavailable):
        open_device(CUDA)
