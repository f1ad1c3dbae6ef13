"""Finding faces, and choosing the one that talks."""

import numpy as np
import pytest
from PIL import Image

from engine.arkit import INDEX
from engine.errors import FaceNotFound, FaceTooSmall, FaceTurnedAway, InvalidOption, MultipleFaces
from engine.face import Face, HeadPose, choose_face, find_faces
from tests.engine.pictures import astronaut, landscape, portrait, two_astronauts


def found(image: Image.Image) -> list[Face]:
    return find_faces(np.asarray(image.convert("RGB")))


def test_it_finds_the_face_where_it_is():
    (face,) = found(astronaut())
    x, y, width, height = face.box_px
    assert 160 < x < 200 and 50 < y < 90  # measured by eye on the picture
    assert 70 < width < 110 and 90 < height < 130
    assert face.presence > 0.9
    nose, chin = face.landmarks_px[1], face.landmarks_px[152]
    assert np.hypot(nose[0] - 224, nose[1] - 131) < 8
    assert chin[1] > nose[1]


def test_it_reads_the_expression():
    (face,) = found(portrait())
    weights = {name: face.blendshapes[index] for name, index in INDEX.items()}
    assert weights["mouthSmileLeft"] > 0.5 and weights["mouthSmileRight"] > 0.5
    assert weights["jawOpen"] < 0.2 and weights["eyeBlinkLeft"] < 0.3


def test_it_knows_the_persons_left_from_right():
    (face,) = found(portrait())
    assert face.landmarks_px[263, 0] > face.landmarks_px[33, 0]  # the left eye is on the viewer's right


@pytest.mark.parametrize("angle", [-90, -30, 30, 90])
def test_the_pose_follows_a_turn_of_the_photo(angle):
    (level,) = found(portrait())
    (turned,) = found(portrait().rotate(-angle))
    assert turned.pose.roll - level.pose.roll == pytest.approx(angle, abs=4)
    assert turned.height_px == pytest.approx(level.height_px, rel=0.06)


def test_a_mirrored_face_looks_the_other_way():
    (face,) = found(portrait())
    (mirrored,) = found(portrait().transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert mirrored.pose.yaw == pytest.approx(-face.pose.yaw, abs=3)


@pytest.mark.parametrize("size_px", [96, 256, 1200, 3000])
def test_it_finds_the_same_landmarks_at_any_size(size_px):
    (face,) = found(portrait(512))
    (scaled,) = found(portrait(size_px))
    scale = size_px / 512
    error = np.linalg.norm(scaled.landmarks_px[:, :2] / scale - face.landmarks_px[:, :2], axis=1)
    assert np.median(error) < 0.02 * face.height_px


def test_it_finds_a_small_face_in_a_large_picture():
    canvas = Image.new("RGB", (1600, 1200), (90, 110, 130))
    canvas.paste(portrait(160), (1300, 900))
    (face,) = found(canvas)
    assert 1300 < face.landmarks_px[1, 0] < 1460


@pytest.mark.parametrize("image", [landscape(), Image.new("RGB", (300, 300)), Image.new("L", (20, 900), 128)])
def test_it_finds_nobody_where_nobody_is(image):
    assert found(image) == []
    with pytest.raises(FaceNotFound):
        choose_face([], image.size)


def test_it_asks_which_of_two_equal_faces_talks():
    faces = found(two_astronauts())
    with pytest.raises(MultipleFaces) as caught:
        choose_face(faces, (1024, 512))
    boxes = [entry["box"] for entry in caught.value.details["faces"]]
    assert sorted(x < 512 for x, *_ in boxes) == [False, True]


def test_face_index_names_the_face():
    faces = found(two_astronauts())
    assert choose_face(faces, (1024, 512), face_index=1) is faces[1]
    with pytest.raises(InvalidOption):
        choose_face(faces, (1024, 512), face_index=2)


def test_it_takes_the_clearly_largest_face():
    scene = Image.new("RGB", (900, 512), (60, 60, 60))
    scene.paste(portrait(512), (0, 0))
    scene.paste(portrait(200), (650, 100))
    faces = found(scene)
    assert len(faces) == 2
    assert choose_face(faces, scene.size).landmarks_px[1, 0] < 512


def test_it_refuses_a_face_of_an_icon():
    (face,) = found(portrait(48))
    with pytest.raises(FaceTooSmall) as caught:
        choose_face([face], (48, 48))
    assert caught.value.details["height"] < caught.value.details["min_height"]


@pytest.mark.parametrize("pose", [HeadPose(75, 0, 0), HeadPose(-75, 0, 0), HeadPose(0, 60, 0)])
def test_it_refuses_a_face_that_is_turned_away(pose):
    (face,) = found(portrait())
    turned = Face(face.box_px, face.landmarks_px, face.blendshapes, face.presence, pose)
    with pytest.raises(FaceTurnedAway) as caught:
        choose_face([turned], (512, 512))
    assert caught.value.details["yaw"] == pose.yaw
