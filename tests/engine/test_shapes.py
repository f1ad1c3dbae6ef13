"""What each ARKit weight does to a face: the table of face units, and the fields made from it."""

import cv2
import numpy as np
import pytest
import skimage.data

from bench.faces import weights
from engine.arkit import ARKIT_NAMES
from engine.face import Face, find_faces
from engine.renderer import Rig, build_rig, controls
from engine.renderer.faceunits import FaceUnits, face_units, fitted_units, together
from engine.renderer.folds import how_far, jacobians
from engine.renderer.geometry import (
    CHIN,
    FOREHEAD,
    LEFT_CORNER,
    LOWER_INNER,
    NOSE_BASE,
    RIGHT_CORNER,
    UPPER_INNER,
    UPPER_OUTER,
    head_frame,
)
from engine.renderer.warp import sample

UPPER_LIP, LOWER_LIP = 13, 14
NOT_OURS = {"tongueOut", "mouthClose", "eyeBlinkLeft", "eyeBlinkRight"}  # tongue, seal and lids are drawn otherwise
SPOKEN = (
    {"jawOpen": 0.6, "mouthFunnel": 0.7},
    {"jawOpen": 0.3, "mouthPucker": 0.8},
    {"mouthStretchLeft": 0.7, "mouthStretchRight": 0.7, "mouthLowerDownLeft": 0.5, "mouthUpperUpRight": 0.4},
    {"mouthRollLower": 0.8, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4, "jawOpen": 0.1},
    {"mouthClose": 1.0, "mouthPressLeft": 0.6, "mouthPressRight": 0.6, "jawOpen": 0.2},
)
WHOLE_MOUTH = {"jawLeft", "mouthLeft", "mouthPressLeft"}  # these go to a side, or close, with all of it
ONE_SIDED = [name for name in controls.SHAPE_NAMES if name.endswith("Left") and name not in WHOLE_MOUTH]
MOUTH_SHAPES = [name for name in controls.SHAPE_NAMES if name.startswith(("jaw", "mouth"))]


@pytest.fixture(scope="module")
def units() -> FaceUnits:
    return face_units()


@pytest.fixture(scope="module")
def mirror(units: FaceUnits) -> np.ndarray:
    """(468,) the landmark on the other side of the face."""
    away = np.linalg.norm(units.rest_cm[:, None] - units.rest_cm[None] * (-1, 1, 1), axis=2)
    return away.argmin(axis=1)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return cv2.resize(skimage.data.astronaut()[30:250, 100:350], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def face(photo: np.ndarray) -> Face:
    return find_faces(photo)[0]


@pytest.fixture(scope="module")
def rig(photo: np.ndarray, face: Face) -> Rig:
    return build_rig(photo, face)


def moves_cm(rig: Rig, face: Face, asked: np.ndarray, marks: tuple[int, ...]) -> np.ndarray:
    """(2, n, 2) how far upper and lower layer move some landmarks, in cm of a face that looks at the camera."""
    moves = np.tensordot(controls.amounts(asked, rig.own_gap_cm), rig.basis, 1)
    where = face.landmarks_px[list(marks), :2][None]
    return np.stack([rig.grid.at(layer, where)[0] for layer in moves]) / head_frame(face).px_per_cm


def test_every_weight_that_moves_skin_has_a_shape() -> None:
    wanted = {name for name in ARKIT_NAMES if not name.startswith("eyeLook")} - NOT_OURS
    assert set(controls.SHAPE_NAMES) == wanted


def test_left_and_right_units_are_mirror_images(units: FaceUnits, mirror: np.ndarray) -> None:
    for name, moves in units.moves_cm.items():
        twin = name.replace("Left", "?").replace("Right", "Left").replace("?", "Right")
        apart = np.linalg.norm(moves - units.moves_cm[twin][mirror] * (-1, 1, 1), axis=1)
        assert np.percentile(apart, 95) < 0.02, name


def test_a_one_sided_unit_moves_its_own_side(units: FaceUnits) -> None:
    for name in ONE_SIDED:
        length = np.linalg.norm(units.moves_cm[name], axis=1)
        x = units.rest_cm[:, 0]
        assert length[x > 1].max() > 0.2, name
        assert length[x < -1.5].max() < 0.45 * length.max(), name


@pytest.mark.parametrize(
    ("name", "landmark", "axis", "least", "most"),
    [
        ("jawOpen", LOWER_LIP, 1, 2.5, 4.0),
        ("jawOpen", UPPER_LIP, 1, -0.3, 0.3),
        ("jawOpen", CHIN, 1, 1.5, 3.5),
        ("jawOpen", CHIN, 2, 1.5, 3.5),  # the jaw turns: the chin goes down and back
        ("jawOpen", FOREHEAD, 1, -0.01, 0.01),
        ("jawForward", CHIN, 2, -1.2, -0.5),
        ("jawLeft", CHIN, 0, 0.4, 1.0),
        ("mouthPucker", LEFT_CORNER, 0, -0.8, -0.2),
        ("mouthPucker", UPPER_LIP, 2, -1.2, -0.4),
        ("mouthFunnel", UPPER_LIP, 1, -0.8, -0.2),
        ("mouthFunnel", LOWER_LIP, 1, 0.3, 1.0),
        ("mouthSmileLeft", LEFT_CORNER, 1, -2.0, -0.6),
        ("mouthSmileLeft", LEFT_CORNER, 0, 0.3, 1.2),
        ("mouthFrownLeft", LEFT_CORNER, 1, 0.3, 1.0),
        ("mouthStretchLeft", LEFT_CORNER, 0, 0.3, 1.0),
        ("mouthUpperUpLeft", 312, 1, -0.8, -0.2),
        ("mouthLowerDownLeft", 317, 1, 0.2, 0.8),
        ("browInnerUp", 285, 1, -0.8, -0.2),
        ("browDownLeft", 285, 1, 0.1, 0.9),
        ("cheekPuff", 434, 2, -1.6, -0.6),
        ("noseSneerLeft", 358, 1, -0.6, -0.05),
    ],
)
def test_a_unit_moves_its_landmark_the_right_way(
    units: FaceUnits, name: str, landmark: int, axis: int, least: float, most: float
) -> None:
    assert least < units.moves_cm[name][landmark, axis] < most


def test_a_thin_lip_is_squeezed_less_than_a_full_one(units: FaceUnits) -> None:
    thin = units.rest_cm.copy()
    upper = list(UPPER_OUTER[1:-1])
    thin[upper, 1] = units.rest_cm[list(UPPER_INNER[1:-1]), 1] - 0.25
    squeezed = [fitted_units(face)["mouthRollUpper"] for face in (units.rest_cm, thin)]
    full_cm, thin_cm = (float(moves[0, 1] - moves[UPPER_LIP, 1]) for moves in squeezed)
    assert 0 < thin_cm < 0.25
    assert thin_cm < 0.6 * full_cm


def test_lips_held_together_do_not_part(units: FaceUnits) -> None:
    moves = together(units.moves_cm["jawOpen"])
    assert np.allclose(moves[list(UPPER_INNER)], moves[list(LOWER_INNER)], atol=1e-5)


def test_a_jaw_that_opens_takes_lower_lip_and_chin_down_and_leaves_the_nose(rig: Rig, face: Face) -> None:
    upper, lower = moves_cm(rig, face, weights(jawOpen=1.0), (UPPER_LIP, LOWER_LIP, CHIN, NOSE_BASE))
    assert 1.2 < lower[1, 1] - upper[0, 1] < 2.2  # a smile relaxes by half of its own gap meanwhile
    assert 0.8 < lower[2, 1] < 2.0
    assert np.abs(upper[3]).max() < 0.15


def test_the_corners_of_the_mouth_stay_closed(rig: Rig, face: Face) -> None:
    for name in MOUTH_SHAPES:
        upper, lower = moves_cm(rig, face, weights(**{name: 1.0}), (RIGHT_CORNER, LEFT_CORNER))
        assert np.abs(upper - lower).max() < 0.05, name


@pytest.mark.parametrize("name", ONE_SIDED)
def test_a_weight_of_one_side_leaves_the_other_alone(rig: Rig, face: Face, name: str) -> None:
    marks = tuple(range(468))
    moved = np.linalg.norm(moves_cm(rig, face, weights(**{name: 1.0}), marks), axis=2).max(axis=0)
    x = head_frame(face).to_head(face.landmarks_px[:468])[:, 0]
    assert moved[x > 0.5].max() > 0.1
    assert moved[x < -2].max() < 0.45 * moved.max()


def test_no_shape_of_the_mouth_moves_eyes_brows_or_forehead(rig: Rig, face: Face) -> None:
    y = head_frame(face).to_head(face.landmarks_px[:468])[:, 1]
    above = tuple(np.flatnonzero(y < y[6]))
    for name in MOUTH_SHAPES:
        moved_px = moves_cm(rig, face, weights(**{name: 1.0}), above)[0] * head_frame(face).px_per_cm
        assert np.linalg.norm(moved_px, axis=1).max() < 1, name


@pytest.mark.parametrize("asked", [*({name: 1.0} for name in controls.SHAPE_NAMES), *SPOKEN], ids="+".join)
def test_what_is_seen_of_a_layer_never_folds(rig: Rig, asked: dict[str, float]) -> None:
    upper, lower, _ = rig._sources(controls.amounts(weights(**asked), rig.own_gap_cm), None)
    for sources, below, sign in ((upper, rig.lips.below_upper, -1), (lower, rig.lips.below_lower, 1)):
        area = jacobians(sources - rig.nodes, rig.grid.cell_px)
        seen = sign * sample(below, rig.grid.to_nodes(sources)) > 0
        assert area[seen].min() > 0


def test_a_field_that_would_fold_goes_less_far() -> None:
    squeeze = np.zeros((1, 2, 8, 9, 2), np.float32)
    squeeze[..., 0] = -1.5 * 4 * np.arange(9)  # turns the grid inside out
    everywhere = np.ones((8, 9), bool)
    far = how_far(squeeze, 4, (everywhere, everywhere))
    assert 0.4 < far[0] < 0.6
    assert jacobians(squeeze[0, 0] * far[0], 4).min() >= 0.19


def test_an_f_brings_the_lower_lip_to_the_teeth_of_a_smile(rig: Rig, face: Face) -> None:
    _, lower = moves_cm(rig, face, weights(mouthRollLower=1.0, jawOpen=0.1), (LOWER_LIP,))
    assert lower[0, 1] < -0.5 * rig.own_gap_cm
