"""What the renderer promises about its frames."""

import itertools
import threading
import types

import cv2
import numpy as np
import pytest
import skimage.data

from engine.arkit import INDEX
from engine.errors import FaceNotFound
from engine.face import Face, find_faces
from engine.motion.types import MotionTrack
from engine.renderer import Rig, build_rig, controls, drawing
from engine.renderer.geometry import head_frame

STEPS = (0.0, 0.15, 0.3, 0.5, 0.75, 1.0)


def weights(*names: str, to: float = 1.0, **amounts: float) -> np.ndarray:
    out = np.zeros(len(INDEX), np.float32)
    for name in names:
        out[INDEX[name]] = to
    for name, amount in amounts.items():
        out[INDEX[name]] = amount
    return out


def face_in(rgb: np.ndarray) -> Face:
    return find_faces(rgb)[0]


def lip_gap_cm(rgb: np.ndarray) -> float:
    face = face_in(rgb)
    points = head_frame(face).to_head(face.landmarks_px)
    return float(points[14, 1] - points[13, 1])


def eye_opening(rgb: np.ndarray) -> float:
    """Height of both eyes over the distance between their outer corners."""
    points = face_in(rgb).landmarks_px[:, :2]
    heights = np.linalg.norm(points[[145, 374]] - points[[159, 386]], axis=1)
    return float(heights.sum() / np.linalg.norm(points[263] - points[33]))


def smiling() -> np.ndarray:
    """The astronaut's face at a size at which landmarks are exact."""
    return cv2.resize(skimage.data.astronaut()[30:250, 100:350], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


def blurred_and_grey() -> np.ndarray:
    grey = cv2.cvtColor(cv2.GaussianBlur(smiling(), (0, 0), 1.6), cv2.COLOR_RGB2GRAY)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


@pytest.fixture(scope="module", params=[smiling, blurred_and_grey], ids=["colour", "blurred-grey"])
def photo(request: pytest.FixtureRequest) -> np.ndarray:
    return request.param()


@pytest.fixture(scope="module")
def rig(photo: np.ndarray) -> Rig:
    return build_rig(photo, face_in(photo))


def test_at_rest_the_frame_is_the_photo(rig: Rig, photo: np.ndarray) -> None:
    assert np.array_equal(rig.frame(weights()), photo)


def test_an_open_jaw_parts_the_lips_more_and_more(rig: Rig) -> None:
    gaps = [lip_gap_cm(rig.frame(weights(jawOpen=step))) for step in STEPS]
    assert np.all(np.diff(gaps) > -0.12)  # what the landmarks of a blurred face jitter by
    assert gaps[-1] - gaps[0] > 0.8


def test_a_close_weight_shuts_the_lips_of_a_smile_whatever_the_jaw_does(rig: Rig) -> None:
    smile = lip_gap_cm(rig.frame(weights()))
    assert smile > 0.4
    assert lip_gap_cm(rig.frame(weights(mouthClose=1.0))) < 0.4 * smile
    assert lip_gap_cm(rig.frame(weights(mouthClose=1.0, jawOpen=0.3))) < 0.4 * smile


def test_shut_lips_show_nothing_of_the_inside(rig: Rig) -> None:
    seam = rig.lips
    upper, lower, _ = rig._sources(*_amounts(rig, weights(mouthClose=1.0, jawOpen=0.2)))
    _, cells = seam.joined(upper, lower)
    assert cells is not None
    origin = np.array([seam.interior.left, seam.interior.top], np.float32)
    above = cv2.remap(seam.fine_upper, rig.grid.enlarge(upper, cells) - origin, None, cv2.INTER_LINEAR)
    below = cv2.remap(seam.fine_lower, rig.grid.enlarge(lower, cells) - origin, None, cv2.INTER_LINEAR)
    hole = (above > seam.edge_cm) & (below < -seam.edge_cm)
    assert not hole.any()


def _amounts(rig: Rig, asked: np.ndarray) -> tuple[np.ndarray, None]:
    return controls.amounts(asked, rig.own_gap_cm), None


def test_a_blink_closes_both_eyes(rig: Rig) -> None:
    open_, shut = (eye_opening(rig.frame(weights(eyeBlinkLeft=x, eyeBlinkRight=x))) for x in (0.0, 1.0))
    assert shut < 0.65 * open_


def test_a_blink_is_whole_while_the_head_is_turned(rig: Rig) -> None:
    turned = np.array([0.12, 0.08, 0.05, 0.04, 0.02, 0], np.float32)
    open_, shut = (eye_opening(rig.frame(weights(eyeBlinkLeft=x, eyeBlinkRight=x), turned)) for x in (0.0, 1.0))
    assert shut < 0.65 * open_


def test_a_wink_leaves_the_other_eye_untouched(rig: Rig, photo: np.ndarray) -> None:
    frame = rig.frame(weights(eyeBlinkLeft=1.0))
    eye = face_in(photo).landmarks_px[468, :2].astype(int)  # the right one
    around = np.s_[eye[1] - 8 : eye[1] + 8, eye[0] - 12 : eye[0] + 12]
    assert np.array_equal(frame[around], photo[around])


@pytest.mark.parametrize(
    ("names", "reading"),
    [
        (("mouthPucker",), "mouthPucker"),
        (("mouthStretchLeft", "mouthStretchRight"), "mouthStretchLeft"),
        (("mouthSmileLeft", "mouthSmileRight"), "mouthSmileLeft"),
        (("browInnerUp",), "browInnerUp"),
    ],
)
def test_a_weight_can_be_read_back_from_the_frame(rig: Rig, names: tuple[str, ...], reading: str) -> None:
    seen = [face_in(rig.frame(weights(*names, to=step))).blendshapes[INDEX[reading]] for step in STEPS]
    assert np.corrcoef(np.argsort(np.argsort(seen)), np.arange(len(STEPS)))[0, 1] > 0.75
    assert seen[-1] > seen[0]


def test_outside_the_moving_box_a_still_head_leaves_the_photo_alone(photo: np.ndarray) -> None:
    wide = cv2.copyMakeBorder(photo, 200, 250, 300, 300, cv2.BORDER_CONSTANT, value=(40, 90, 160))
    rig = build_rig(wide, face_in(wide))
    frame = rig.frame(weights(jawOpen=0.8, mouthPucker=0.5, browInnerUp=1.0))
    left, top, right, bottom = rig.grid.box_px(rig.grid.whole)
    outside = np.ones(wide.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert np.array_equal(frame[outside], wide[outside])
    assert not np.array_equal(frame, wide)


def test_a_turned_head_tears_no_hole_into_the_border(rig: Rig, photo: np.ndarray) -> None:
    frame = rig.frame(weights(), np.array([0.15, 0.1, 0.08, 0.05, 0.05, 0.05], np.float32)).astype(int)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.abs(frame[edge] - photo[edge].astype(int)).mean() < 1.5


def test_yaw_turns_the_nose_to_the_right_as_seen_and_pitch_lowers_it(rig: Rig, photo: np.ndarray) -> None:
    nose = face_in(photo).landmarks_px[1, :2]
    yawed = face_in(rig.frame(weights(), np.array([0.12, 0, 0, 0, 0, 0], np.float32))).landmarks_px
    pitched = face_in(rig.frame(weights(), np.array([0, 0.12, 0, 0, 0, 0], np.float32))).landmarks_px
    assert yawed[1, 0] > nose[0] + 2
    assert pitched[1, 1] > nose[1] + 2


def test_face_and_frame_turn_as_one(rig: Rig) -> None:
    turned = rig._turned(np.array([0.1, 0.08, 0.05, 0.03, 0.02, 0], np.float32))
    assert turned is not None
    _, _, skull = rig._sources(np.zeros(controls.COUNT, np.float32), turned)
    left, top, right, bottom = rig.grid.box_px(rig.grid.whole)
    height, width = min(bottom, rig.source.person.shape[0]) - top, min(right, rig.source.person.shape[1]) - left
    around = rig.whole.enlarge(turned, rig.whole.whole)[top : top + height, left : left + width]
    face = rig.grid.enlarge(skull, rig.grid.whole)[:height, :width]
    assert np.abs(around - face).max() < 0.5


def test_the_same_motion_gives_the_same_frames(rig: Rig) -> None:
    motion = _motion(5)
    first = [frame.copy() for frame in rig.frames(motion)]
    again = [frame.copy() for frame in rig.frames(motion)]
    assert np.array_equal(np.stack(first), np.stack(again))


def test_a_frame_does_not_depend_on_the_one_before(rig: Rig) -> None:
    motion = _motion(4)
    last = [frame.copy() for frame in rig.frames(motion)][-1]
    assert np.array_equal(last, rig.frame(motion.weights[-1], motion.head[-1]))


def test_after_a_turn_the_head_comes_back_to_the_photo(rig: Rig, photo: np.ndarray) -> None:
    head = np.zeros((2, 6), np.float32)
    head[0] = 0.1
    motion = MotionTrack(25.0, np.zeros((2, 52), np.float32), head)
    assert np.array_equal([frame.copy() for frame in rig.frames(motion)][-1], photo)


def test_frames_come_one_at_a_time_in_a_few_buffers(rig: Rig) -> None:
    frames = rig.frames(_motion(50))
    assert isinstance(frames, types.GeneratorType)
    assert len({id(frame) for frame in itertools.islice(frames, 20)}) <= drawing.THREADS


def test_frames_come_in_order_whichever_is_ready_first(rig: Rig) -> None:
    motion = _motion(12)
    one_by_one = [rig.frame(weights, head) for weights, head in zip(motion.weights, motion.head, strict=True)]
    for frame, expected in zip(rig.frames(motion), one_by_one, strict=True):
        assert np.array_equal(frame, expected)


def test_who_stops_in_mid_video_leaves_no_thread_behind(rig: Rig) -> None:
    before = threading.active_count()
    frames = rig.frames(_motion(50))
    next(frames)
    frames.close()
    assert threading.active_count() == before


def test_a_face_of_32_px_and_one_that_fills_the_frame_both_talk() -> None:
    astronaut = skimage.data.astronaut()
    tiny = cv2.resize(astronaut, None, fx=0.35, fy=0.35, interpolation=cv2.INTER_AREA)
    tight = cv2.resize(astronaut[60:190, 165:285], None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    for rgb in (tiny, tight):
        frame = build_rig(rgb, face_in(rgb)).frame(weights(jawOpen=0.6, eyeBlinkLeft=1.0), np.full(6, 0.05, np.float32))
        assert frame.shape == rgb.shape
        assert frame.dtype == np.uint8
        assert np.abs(frame.astype(int) - rgb).mean() > 0.3


def test_a_photo_that_ends_above_the_mouth_still_blinks() -> None:
    photo = smiling()
    face = face_in(photo)
    upper_half = photo[: int(face.landmarks_px[1, 1]) + 4]
    rig = build_rig(upper_half, face)
    assert np.array_equal(rig.frame(weights()), upper_half)
    blinking = rig.frame(weights(eyeBlinkLeft=1.0, jawOpen=1.0, mouthPucker=0.5), np.full(6, 0.03, np.float32))
    assert blinking.shape == upper_half.shape
    assert not np.array_equal(blinking, upper_half)


def test_it_refuses_a_photo_that_ends_beside_the_mouth() -> None:
    photo = smiling()
    face = face_in(photo)
    right_half = photo[:, : int(face.landmarks_px[13, 0])]
    with pytest.raises(FaceNotFound):
        build_rig(right_half, face)


def test_a_photo_that_ends_at_the_brows_still_talks() -> None:
    photo = smiling()
    lower_half = photo[int(face_in(photo).landmarks_px[159, 1]) - 12 :].copy()
    frame = build_rig(lower_half, face_in(lower_half)).frame(weights(jawOpen=0.5, eyeBlinkLeft=1.0))
    assert frame.shape == lower_half.shape


def _motion(count: int) -> MotionTrack:
    random = np.random.default_rng(7)
    return MotionTrack(
        fps=25.0,
        weights=random.uniform(0, 0.4, (count, 52)).astype(np.float32),
        head=random.normal(0, 0.04, (count, 6)).astype(np.float32),
    )
