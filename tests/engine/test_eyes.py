"""What the renderer promises about eyes: lids of skin that close where there is an eye to see."""

import dataclasses

import cv2
import numpy as np
import pytest

from engine.arkit import INDEX
from engine.face import Face, find_faces
from engine.renderer import Rig, build_rig
from engine.renderer.geometry import LEFT_LID, LEFT_UNDER, RIGHT_LID, RIGHT_UNDER
from engine.renderer.grain import find_grain, residual
from tests.engine.pictures import portrait

EYES = ((RIGHT_LID, RIGHT_UNDER), (LEFT_LID, LEFT_UNDER))
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


def blinking(amount: float, right: float | None = None) -> np.ndarray:
    """Weights of a blink, or of a wink where the right eye is told apart."""
    out = np.zeros(len(INDEX), np.float32)
    out[INDEX["eyeBlinkLeft"]] = amount
    out[INDEX["eyeBlinkRight"]] = amount if right is None else right
    return out


def within(face: Face, eye: int, shape: tuple[int, ...]) -> np.ndarray:
    """The pixels between the lids of an eye: 0 right, 1 left."""
    upper, under = EYES[eye]
    ring = np.concatenate([face.landmarks_px[list(upper), :2], face.landmarks_px[list(under)[::-1], :2]])
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(ring).astype(np.int32)], 1)
    return mask.astype(bool)


def around(face: Face, eye: int) -> tuple[slice, slice]:
    """A box around an eye, without the brow."""
    upper, under = EYES[eye]
    points = face.landmarks_px[list(upper + under), :2]
    (left, top), (right, bottom) = points.min(axis=0).astype(int) - 3, points.max(axis=0).astype(int) + 4
    return np.s_[top:bottom, left:right]


def face_in(rgb: np.ndarray) -> Face:
    return find_faces(rgb)[0]


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.array(portrait())


@pytest.fixture(scope="module")
def face(photo: np.ndarray) -> Face:
    return face_in(photo)


@pytest.fixture(scope="module")
def rig(photo: np.ndarray, face: Face) -> Rig:
    return build_rig(photo, face)


@pytest.mark.parametrize("eye", [0, 1])
def test_a_closed_lid_shows_skin_and_nothing_of_the_eye(rig: Rig, photo: np.ndarray, face: Face, eye: int) -> None:
    inside = within(face, eye, photo.shape)
    rows = np.flatnonzero(inside.any(axis=1))
    inside[rows[round(0.6 * len(rows))] :] = False  # there the lashes lie
    shut, opened = rig.frame(blinking(1.0))[inside].astype(float), photo[inside].astype(float)
    cheek_x, cheek_y = face.landmarks_px[(50, 280)[eye], :2].astype(int)
    skin = photo[cheek_y - 8 : cheek_y + 8, cheek_x - 8 : cheek_x + 8].reshape(-1, 3).mean(axis=0)
    assert np.median(np.abs(shut - skin).mean(axis=1)) < 45
    light, contrast = shut.mean(axis=1), np.ptp(np.percentile(opened.mean(axis=1), (10, 90)))
    assert np.ptp(np.percentile(light, (10, 90))) < 0.45 * contrast


def test_a_blink_covers_more_and_more_of_the_eye(rig: Rig, photo: np.ndarray, face: Face) -> None:
    for eye in (0, 1):
        inside = within(face, eye, photo.shape)
        frames = [rig.frame(blinking(step))[inside].astype(int) for step in STEPS]
        changed = [float((np.abs(frame - photo[inside]).max(axis=1) > 25).mean()) for frame in frames]
        assert changed[0] == 0 and changed[-1] > 0.6
        assert np.all(np.diff(changed) > 0.02)


def test_a_half_closed_lid_covers_the_eye_from_above_and_fades_nothing(rig: Rig, photo: np.ndarray, face: Face) -> None:
    half = rig.frame(blinking(0.5)).astype(int)
    for upper, under in EYES:
        x, top = face.landmarks_px[upper[4], :2].astype(int)
        bottom = int(face.landmarks_px[under[4], 1])
        column = np.abs(half[top:bottom, x - 1 : x + 2] - photo[top:bottom, x - 1 : x + 2]).max(axis=(1, 2))
        below = column[round(0.56 * len(column)) : round(0.7 * len(column))]
        assert column[: len(column) // 3].mean() > 3 * below.mean()
        assert below.mean() < 30  # the lid's shadow


def test_closing_eyes_are_read_as_closing(rig: Rig) -> None:
    seen = [face_in(rig.frame(blinking(step))).blendshapes for step in STEPS]
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        readings = [float(shapes[INDEX[name]]) for shapes in seen]
        assert np.all(np.diff(readings) > 0)
        assert readings[-1] > readings[0] + 0.3


def test_a_wink_moves_one_eye(rig: Rig, photo: np.ndarray, face: Face) -> None:
    frame = rig.frame(blinking(0.0, right=1.0))
    assert np.array_equal(frame[around(face, 1)], photo[around(face, 1)])
    assert np.abs(frame[around(face, 0)].astype(int) - photo[around(face, 0)]).mean() > 10


def test_a_blink_leaves_the_brows_and_all_else_alone(rig: Rig, photo: np.ndarray) -> None:
    frame = rig.frame(blinking(1.0))
    elsewhere = np.ones(photo.shape[:2], bool)
    for lid in rig.lids:
        height, width = lid.shape.shape[:2]
        elsewhere[lid.top : lid.top + height, lid.left : lid.left + width] = False
    assert np.array_equal(frame[elsewhere], photo[elsewhere])
    edge = np.abs(frame.astype(int) - photo)
    for lid in rig.lids:
        height, width = lid.shape.shape[:2]
        assert edge[lid.top, lid.left : lid.left + width].max() <= 2
        assert edge[lid.top : lid.top + height, [lid.left, lid.left + width - 1]].max() <= 2


def test_a_blink_starts_gently(rig: Rig, photo: np.ndarray, face: Face) -> None:
    frame = rig.frame(blinking(0.03)).astype(int)
    for eye in (0, 1):
        assert np.abs(frame[around(face, eye)] - photo[around(face, eye)]).mean() < 4


def test_eyes_that_are_closed_already_stay(photo: np.ndarray, face: Face) -> None:
    shapes = face.blendshapes.copy()
    shapes[[INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = 0.8
    asleep = build_rig(photo, dataclasses.replace(face, blendshapes=shapes))
    assert np.array_equal(asleep.frame(blinking(1.0)), photo)


@pytest.mark.parametrize("shine", [0, 40])
def test_eyes_behind_dark_glasses_stay(photo: np.ndarray, face: Face, shine: int) -> None:
    shaded = photo.copy()
    for eye in (0, 1):
        ys, xs = np.nonzero(within(face, eye, photo.shape))
        centre, width = (int(xs.mean()), int(ys.mean())), int(np.ptp(xs))
        cv2.ellipse(shaded, centre, (int(0.95 * width), int(0.75 * width)), 0, 0, 360, (25, 22, 20), -1, cv2.LINE_AA)
        shaded[centre[1] - 4 : centre[1] + 4, centre[0] + width // 2 : centre[0] + width // 2 + 10] += np.uint8(shine)
    assert np.array_equal(build_rig(shaded, face).frame(blinking(1.0)), shaded)


def test_the_rim_of_a_pair_of_glasses_stays_while_the_eye_behind_it_blinks(photo: np.ndarray, face: Face) -> None:
    glasses = photo.copy()
    rim = np.zeros(photo.shape[:2], np.uint8)
    for upper, under in EYES:
        points = face.landmarks_px[list(upper + under), :2]
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        width = right - left
        corners = [int(v) for v in (left - 0.3 * width, top - 0.22 * width, right + 0.3 * width, bottom + 0.6 * width)]
        cv2.rectangle(rim, corners[:2], corners[2:], 1, max(5, int(0.12 * width)))
    glasses[rim > 0] = (18, 16, 16)
    rig = build_rig(glasses, face)
    frame = rig.frame(blinking(1.0))
    assert len(rig.lids) == 2
    assert np.abs(frame[rim > 0].astype(int) - glasses[rim > 0]).max(axis=1).mean() < 4
    inside = within(face, 0, photo.shape)
    assert np.abs(frame[inside].astype(int) - glasses[inside]).mean() > 10


def looking(**amounts: float) -> np.ndarray:
    out = np.zeros(len(INDEX), np.float32)
    for name, amount in amounts.items():
        out[INDEX[f"eyeLook{name}"]] = amount
    return out


ASIDE = looking(OutLeft=0.2, InRight=0.2)  # 1.2 mm to the right as seen


def test_both_irises_move_where_they_are_told(rig: Rig, photo: np.ndarray, face: Face) -> None:
    there, back = (face_in(rig.frame(look)) for look in (ASIDE, looking(OutRight=0.2, InLeft=0.2)))
    corners = face.landmarks_px[[33, 133, 362, 263], 0]
    for iris in (468, 473):
        assert there.landmarks_px[iris, 0] > face.landmarks_px[iris, 0] + 0.6
        assert back.landmarks_px[iris, 0] < face.landmarks_px[iris, 0] - 0.6
    assert np.abs(there.landmarks_px[[33, 133, 362, 263], 0] - corners).max() < 1


def test_lids_and_skin_stay_while_the_eyes_move(rig: Rig, photo: np.ndarray, face: Face) -> None:
    frame = rig.frame(ASIDE)
    eyes = (within(face, 0, photo.shape) | within(face, 1, photo.shape)).astype(np.uint8)
    outside = cv2.dilate(eyes, np.ones((5, 5))) == 0
    assert np.array_equal(frame[outside], photo[outside])
    assert not np.array_equal(frame, photo)


def test_eyes_that_move_stay_as_sharp_and_show_no_lid(rig: Rig, photo: np.ndarray, face: Face) -> None:
    frame = rig.frame(ASIDE)
    for eye in (0, 1):
        inside = within(face, eye, photo.shape)
        before, after = (cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) for rgb in (photo, frame))
        was, is_ = (cv2.Laplacian(grey, cv2.CV_32F)[inside].std() for grey in (before, after))
        assert 0.7 < is_ / was < 1.3
        assert np.abs(np.percentile(before[inside], (5, 95)) - np.percentile(after[inside], (5, 95))).max() < 12


def test_eyes_without_a_plain_iris_do_not_move(photo: np.ndarray, face: Face) -> None:
    blank = photo.copy()
    for eye in (0, 1):
        blank[within(face, eye, photo.shape)] = (190, 185, 180)
    assert np.array_equal(build_rig(blank, face).frame(ASIDE), blank)


def test_a_closed_lid_is_as_grainy_as_the_skin_around_it(photo: np.ndarray, face: Face) -> None:
    noise = np.random.default_rng(3).normal(0, 9, (*photo.shape[:2], 1))
    grainy = np.clip(photo + noise, 0, 255).astype(np.uint8)
    frame = build_rig(grainy, face).frame(blinking(1.0))
    cheek_x, cheek_y = face.landmarks_px[50, :2].astype(int)
    usual = residual(grainy[cheek_y - 12 : cheek_y + 12, cheek_x - 12 : cheek_x + 12]).std()
    for eye in (0, 1):
        inside = cv2.erode(within(face, eye, photo.shape).astype(np.uint8), np.ones((9, 9))).astype(bool)
        lid = residual(frame)[inside]
        assert 0.6 < float(lid.std()) / usual < 1.4
        assert np.abs(residual(grainy)[inside]).mean() > 0  # the eye itself


def test_grain_is_as_strong_as_the_skins_and_shows_none_of_its_features(photo: np.ndarray, face: Face) -> None:
    noise = np.random.default_rng(4).normal(0, 7, (*photo.shape[:2], 3))
    grainy = np.clip(photo + noise, 0, 255).astype(np.uint8)
    texture = find_grain(grainy, face).over(200, 300)
    assert texture.shape == (200, 300, 3)
    assert abs(float(texture.mean())) < 0.2
    assert 4 < float(texture.std()) < 9
    assert float(find_grain(np.asarray(cv2.GaussianBlur(photo, (0, 0), 4), np.uint8), face).over(64, 64).std()) < 1
