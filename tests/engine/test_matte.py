"""The person apart from the background: how well the two are told apart, and that the background keeps still."""

import cv2
import numpy as np
import pytest

from engine.arkit import INDEX
from engine.errors import BackgroundUnclear
from engine.face import find_faces
from engine.matte import find_matte, is_plausible, part
from engine.photo import Picture
from engine.renderer import build_rig
from engine.renderer.cutout import cut_out
from engine.renderer.head import LIVELY
from tests.engine.pictures import all_face, portrait, two_astronauts

REST = np.zeros(len(INDEX), np.float32)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.asarray(portrait())


@pytest.fixture(scope="module")
def alpha(photo: np.ndarray) -> np.ndarray:
    found = find_matte(photo, find_faces(photo)[0])
    assert found is not None
    return found


def test_the_face_is_the_person_and_the_wall_is_not(photo: np.ndarray, alpha: np.ndarray) -> None:
    points = find_faces(photo)[0].landmarks_px[:468, :2].astype(int)
    assert np.mean(alpha[points[:, 1], points[:, 0]] > 250) > 0.98
    assert alpha[20:200, :60].max() == 0  # the flag and the wall behind
    assert 0.3 < np.mean(alpha > 127) < 0.7


def test_a_photo_that_is_all_face_has_no_matte() -> None:
    close = np.asarray(all_face())
    assert find_matte(close, find_faces(close)[0]) is None


def test_a_cut_out_photo_brings_its_own_matte_and_a_vignette_does_not(photo: np.ndarray, alpha: np.ndarray) -> None:
    face = find_faces(photo)[0]
    harder = np.where(alpha > 127, 255, 0).astype(np.uint8)
    own = part(Picture(photo, harder, "PNG"), face, "transparent")
    assert own is not None
    assert np.array_equal(own.alpha, harder)
    y, x = np.mgrid[:512, :512]
    vignette = np.where(np.hypot(x - 256, y - 256) < 330, 255, 0).astype(np.uint8)
    parted = part(Picture(photo, vignette, "PNG"), face, "transparent")
    assert parted is not None
    assert parted.alpha[200, 20] == 0  # within the vignette, but wall
    assert parted.alpha[511, 0] == 0  # a shoulder, but outside of the vignette


def test_a_neighbour_is_not_taken_along(photo: np.ndarray) -> None:
    pair = np.asarray(two_astronauts())
    face = find_faces(pair)[0]
    cutout = part(Picture(pair, None, "PNG"), face, "original")
    assert cutout is None or not cutout.alone
    alone = part(Picture(photo, None, "PNG"), find_faces(photo)[0], "original")
    assert alone is not None
    assert alone.alone


def test_where_there_is_no_matte_only_the_original_background_can_be_had() -> None:
    close = np.asarray(all_face())
    picture, face = Picture(close, None, "PNG"), find_faces(close)[0]
    assert part(picture, face, "original") is None
    for background in ("blur", "transparent", "#123456"):
        with pytest.raises(BackgroundUnclear):
            part(picture, face, background)


def test_a_matte_that_misses_the_face_or_decides_nothing_is_refused(photo: np.ndarray, alpha: np.ndarray) -> None:
    face = find_faces(photo)[0]
    good = alpha.astype(np.float32) / 255
    assert is_plausible(good, face)
    assert not is_plausible(1 - good, face)
    assert not is_plausible(np.ones_like(good), face)
    assert not is_plausible(cv2.blur(good, (121, 121)), face)


def test_the_layers_at_rest_are_the_photo(photo: np.ndarray, alpha: np.ndarray) -> None:
    cutout = cut_out(photo, alpha)
    assert np.array_equal(cutout.rest(), photo)
    rig = build_rig(photo, find_faces(photo)[0], cutout)
    assert np.array_equal(rig.frame(REST), photo)


def test_the_background_keeps_still_while_the_head_moves(photo: np.ndarray, alpha: np.ndarray) -> None:
    face = find_faces(photo)[0]
    cutout = cut_out(photo, alpha)
    parted, whole = build_rig(photo, face, cutout), build_rig(photo, face)
    # Beyond what the head's edge sweeps over.
    behind = cv2.dilate(cutout.alpha, np.ones((71, 71), np.uint8)) == 0
    assert behind.mean() > 0.05
    swept = np.zeros(photo.shape[:2], bool)
    for sign in (1, -1):
        pose = (0.5 * sign * LIVELY).astype(np.float32)
        assert np.array_equal(parted.frame(REST, pose)[behind], photo[behind])
        swept |= np.any(whole.frame(REST, pose) != photo, axis=2)
    assert swept[behind].mean() > 0.2  # the background would move along, were it not apart


def test_the_whole_head_turns_and_the_frame_does_not_tear(photo: np.ndarray, alpha: np.ndarray) -> None:
    face = find_faces(photo)[0]
    rig = build_rig(photo, face, cut_out(photo, alpha))
    nod = find_faces(rig.frame(REST, np.array([0, 0, 0, 0.05, 0, 0], np.float32)))[0]
    head_width = 15.0 * np.linalg.norm(face.landmarks_px[263] - face.landmarks_px[33]) / 8.9
    moved = (nod.landmarks_px - face.landmarks_px)[:468, 0]
    assert np.median(moved) == pytest.approx(0.05 * head_width, rel=0.15)
    basis = rig.whole_basis.reshape(6, rig.whole.rows, rig.whole.columns, 2)
    shoulders = alpha[-1, np.clip(rig.whole_nodes[-1, :, 0].astype(int), 0, 511)] > 250
    lowest = basis[:, -1, shoulders]  # cut by the frame: they may slide along its border, not across
    assert np.abs(lowest[..., 1]).max() < 0.03 * np.abs(basis[..., 1]).max()


def test_a_photo_that_was_cut_out_is_parted_by_its_own_opacity(photo: np.ndarray, alpha: np.ndarray) -> None:
    own = part(Picture(photo, alpha, "PNG"), find_faces(photo)[0], "blur")
    assert own is not None
    assert np.array_equal(own.alpha, alpha)


def soft_disc() -> tuple[np.ndarray, np.ndarray]:
    """A red disc with a soft edge before a green wall, and the disc's opacity."""
    y, x = np.mgrid[:200, :200].astype(np.float32)
    share = np.clip((60 - np.hypot(x - 100, y - 100)) / 8 + 0.5, 0, 1)[..., None]
    rgb = share * np.array([200, 40, 30]) + (1 - share) * np.array([20, 160, 60])
    return np.round(rgb).astype(np.uint8), np.round(share[..., 0] * 255).astype(np.uint8)


def test_soft_edges_take_no_old_background_along() -> None:
    rgb, alpha = soft_disc()
    blue = cut_out(rgb, alpha, "#0000ff").rest().astype(np.float32)
    share = alpha[..., None] / 255
    wanted = share * np.array([200, 40, 30]) + (1 - share) * np.array([0, 0, 255])
    assert np.abs(blue - wanted).max() < 12
    assert np.array_equal(blue[0, 0], [0, 0, 255])


def test_what_is_behind_the_person_is_carried_on() -> None:
    rgb, alpha = soft_disc()
    plate = cut_out(rgb, alpha).plate
    assert plate is not None
    assert np.abs(plate.astype(int) - [20, 160, 60]).max() < 12


def test_over_nothing_the_frame_has_an_opacity(photo: np.ndarray, alpha: np.ndarray) -> None:
    rig = build_rig(photo, find_faces(photo)[0], cut_out(photo, alpha, "transparent"))
    rest = rig.frame(REST)
    assert rest.shape == (*photo.shape[:2], 4)
    assert np.array_equal(rest[..., 3], alpha)
    shifted = rig.frame(REST, np.array([0, 0, 0, 0.05, 0, 0], np.float32))
    assert shifted[20:200, :60, 3].max() == 0
    assert np.array_equal(rest[alpha == 255][:, :3], photo[alpha == 255])


def test_loose_hair_goes_with_the_head() -> None:
    """A dark strand beside the person, which the matte missed, is not left behind on the wall."""
    rgb = np.full((400, 400, 3), 180, np.uint8)
    rgb[100:400, 150:250] = (90, 60, 40)
    alpha = np.zeros((400, 400), np.uint8)
    alpha[100:400, 150:250] = 255
    rgb[150:300, 252] = 30
    cutout = cut_out(rgb, alpha)
    assert np.array_equal(cutout.rest(), rgb)
    assert cutout.alpha[200, 252] > 180
    assert cutout.plate is not None
    assert cutout.plate[200, 252].min() > 140
