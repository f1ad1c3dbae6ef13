"""What is seen between parted lips: teeth that hang where they should, a tongue that rises, light that fits."""

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data

from bench.faces import weights
from engine.face import Face, find_faces
from engine.renderer import Rig, build_rig
from engine.renderer.palette import LUMA

GREEN = np.array([0, 255, 0, 255], np.uint8)
PARTS = ("cavity", "tongue", "tip", "jaw", "skull")


def face_in(rgb: np.ndarray) -> Face:
    return find_faces(rgb)[0]


def smiling() -> np.ndarray:
    """The astronaut's face, which shows its upper teeth."""
    return cv2.resize(skimage.data.astronaut()[30:250, 100:350], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


def painted(rig: Rig, *parts: str) -> Rig:
    """The rig with some of the inside's parts green where they are, and the others taken away."""
    inner = rig.lips.interior
    textures = {}
    for part in PARTS:
        texture = getattr(inner, part)
        opaque = np.full(texture.shape[:2], 255, np.uint8) if part == "cavity" else texture[..., 3]
        colour = GREEN if part in parts else GREEN * 0
        textures[part] = (opaque[..., None] / 255 * colour).astype(np.uint8)
        textures[part][..., 3] = 0 if part == "cavity" else opaque if part in parts else 0
    bright = replace(inner, **textures, jaw_own=None, dusk=np.zeros(3, np.float32))
    return replace(rig, lips=replace(rig.lips, interior=bright))


def green(rig: Rig, *parts: str, **amounts: float) -> np.ndarray:
    """Where a frame shows some parts of the inside: (h, w) 0..1."""
    shown = painted(rig, *parts).frame(weights(**amounts)).astype(int)
    hidden = painted(rig).frame(weights(**amounts)).astype(int)
    return np.clip((shown - hidden)[..., 1] / 255, 0, 1)


def middle_y(seen: np.ndarray) -> float:
    return float((seen.sum(axis=1) * np.arange(len(seen))).sum() / seen.sum())


@pytest.fixture(scope="module")
def smile() -> Rig:
    photo = smiling()
    return build_rig(photo, face_in(photo))


@pytest.fixture(scope="module")
def closed(smile: Rig) -> Rig:
    """A photo of closed lips: the smiling one's frame with its lips shut."""
    photo = smile.frame(weights(mouthClose=1.0))
    return build_rig(photo, face_in(photo))


@pytest.fixture(scope="module")
def grey(closed: Rig) -> Rig:
    luma = cv2.cvtColor(closed.source.rgb, cv2.COLOR_RGB2GRAY)
    photo = cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB)
    return build_rig(photo, face_in(closed.source.rgb))


def test_closed_lips_show_nothing_of_the_inside(closed: Rig, smile: Rig) -> None:
    for rig in (closed, smile):
        for jaw in (0.0, 0.2):
            assert green(rig, *PARTS, mouthClose=1.0, jawOpen=jaw).max() < 0.35
    assert green(closed, *PARTS, jawOpen=0.5).max() > 0.95


def test_upper_teeth_hang_on_the_skull(closed: Rig, smile: Rig) -> None:
    for rig in (closed, smile):
        half, wide = (green(rig, "skull", jawOpen=jaw) for jaw in (0.6, 1.0))
        rows = [np.flatnonzero(seen.max(axis=1) > 0.5)[-1] for seen in (half, wide)]
        assert abs(rows[1] - rows[0]) <= 1


def test_lower_teeth_go_down_with_the_jaw(closed: Rig) -> None:
    heights = [
        middle_y(green(closed, "jaw", jawOpen=jaw, mouthLowerDownLeft=0.6, mouthLowerDownRight=0.6))
        for jaw in (0.3, 0.6, 0.9)
    ]
    assert np.all(np.diff(heights) > 4)


def test_a_small_opening_shows_little_of_the_teeth_and_less_light(closed: Rig) -> None:
    slight, wide = (closed.frame(weights(jawOpen=jaw)).astype(np.float32) @ LUMA for jaw in (0.12, 0.7))
    seen = [green(closed, "skull", jawOpen=jaw) > 0.95 for jaw in (0.12, 0.7)]
    assert np.percentile(slight[seen[0]], 90) < 0.9 * np.percentile(wide[seen[1]], 90)


def test_teeth_are_no_brighter_than_the_brightest_skin(closed: Rig, grey: Rig) -> None:
    for rig in (closed, grey):
        face = face_in(rig.source.rgb)
        hull = cv2.convexHull(face.landmarks_px[:468, :2].astype(np.float32)).astype(np.int32)
        skin = cv2.fillConvexPoly(np.zeros(rig.source.rgb.shape[:2], np.uint8), hull, 1) > 0
        brightest = np.percentile((rig.source.rgb @ LUMA)[skin], 97)
        for look in ({"jawOpen": 0.7}, {"jawOpen": 0.2, "mouthStretchLeft": 0.6, "mouthStretchRight": 0.6}):
            inside = green(rig, *PARTS, **look) > 0.9
            assert (rig.frame(weights(**look)) @ LUMA)[inside].max() < brightest


def test_the_inside_is_darker_towards_the_corners(closed: Rig) -> None:
    luma = closed.frame(weights(jawOpen=0.6)).astype(np.float32) @ LUMA
    inside = green(closed, *PARTS, jawOpen=0.6) > 0.9
    columns = np.flatnonzero(inside.any(axis=0))
    fifth = len(columns) // 5
    aside = np.r_[columns[:fifth], columns[-fifth:]]
    centre = columns[2 * fifth : -2 * fifth]
    assert luma[:, aside][inside[:, aside]].mean() < 0.7 * luma[:, centre][inside[:, centre]].mean()


def test_the_tongue_rises_to_the_upper_teeth(closed: Rig) -> None:
    tops = [
        np.flatnonzero(green(closed, "tongue", jawOpen=0.8, tongueOut=out).max(axis=1) > 0.5)[0]
        for out in (0.0, 0.12, 0.25)
    ]
    assert tops[2] < tops[1] < tops[0]
    assert tops[0] - tops[2] >= 0.3 * closed.lips.px_per_cm


def test_the_tongue_comes_between_the_teeth(closed: Rig) -> None:
    look = {"jawOpen": 0.35, "mouthLowerDownLeft": 0.3, "mouthLowerDownRight": 0.3}
    behind, between = (green(closed, "tip", **look, tongueOut=out) for out in (0.25, 0.5))
    assert not behind.any()
    assert between.max() > 0.9
    edge = np.flatnonzero(green(closed, "skull", **look).max(axis=1) > 0.5)[-1]
    rows = np.flatnonzero(between.max(axis=1) > 0.5)
    assert rows[0] <= edge < rows[-1]  # it covers the edges of the upper teeth and comes out under them


def test_a_black_and_white_photo_has_a_grey_inside(grey: Rig) -> None:
    frame = grey.frame(weights(jawOpen=0.8, tongueOut=0.2)).astype(int)
    assert np.ptp(frame, axis=2).max() <= 3


def test_a_sepia_photo_has_a_sepia_inside(closed: Rig) -> None:
    luma = cv2.cvtColor(closed.source.rgb, cv2.COLOR_RGB2GRAY)[..., None]
    photo = (luma * np.array([1.0, 0.85, 0.65])).astype(np.uint8)
    rig = build_rig(photo, face_in(closed.source.rgb))
    inside = green(rig, *PARTS, jawOpen=0.8) > 0.95
    red, green_, blue = rig.frame(weights(jawOpen=0.8))[inside].mean(axis=0)
    assert abs(green_ / red - 0.85) < 0.06
    assert abs(blue / red - 0.65) < 0.08


def test_a_colour_photo_has_a_reddish_throat(closed: Rig) -> None:
    inside = green(closed, "cavity", jawOpen=0.9) > 0.95
    red, green_, blue = closed.frame(weights(jawOpen=0.9))[inside].mean(axis=0)
    assert red > 1.3 * green_
    assert red > 1.3 * blue


def test_a_smiles_own_teeth_stay_as_they_are_while_the_jaw_drops(smile: Rig) -> None:
    photo = smile.source.rgb
    face = face_in(photo)
    x, top = face.landmarks_px[13, :2].astype(int)
    bottom = int(face.landmarks_px[14, 1])
    height = bottom - top
    teeth = np.s_[top + height // 2 : bottom - height // 4, x - height : x + height]
    frame = smile.frame(weights(jawOpen=0.6))
    assert np.abs(frame[teeth].astype(int) - photo[teeth]).mean() < 4


def test_a_mouth_that_begins_to_move_does_not_flicker(smile: Rig) -> None:
    frames = [smile.frame(weights(jawOpen=jaw)).astype(int) for jaw in (0.0, 0.01, 0.02, 0.03, 0.04)]
    steps = [np.abs(after - before).mean(axis=2) for before, after in itertools.pairwise(frames)]
    mouth = green(smile, *PARTS, jawOpen=0.04) > 0.5
    assert max(float(step[mouth].mean()) for step in steps) < 7


def test_a_smile_deepens_the_folds_beside_the_nose_and_nothing_on_the_lips(closed: Rig) -> None:
    plain = replace(closed, light=replace(closed.light, loss=np.zeros_like(closed.light.loss)))
    look = weights(mouthSmileLeft=1.0, mouthSmileRight=1.0)
    lit, unlit = (rig.frame(look).astype(np.float32) @ LUMA for rig in (closed, plain))
    kept = lit / np.maximum(unlit, 1)
    face = face_in(closed.frame(look))
    for fold in (206, 426):
        x, y = face.landmarks_px[fold, :2].astype(int)
        assert 0.8 < kept[y - 6 : y + 7, x - 6 : x + 7].min() < 0.98
    for lip in (0, 13, 14, 17):
        x, y = face.landmarks_px[lip, :2].astype(int)
        assert abs(kept[y, x] - 1) < 0.02
