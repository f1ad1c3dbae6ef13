"""Cutting a photo to another shape: around the face, never enlarged."""

import numpy as np
import pytest
from PIL import Image

from engine import Options
from engine.face import Face, find_faces
from engine.framing import ASPECT_RATIOS, crop_box
from engine.pipeline import look
from tests.engine.pictures import astronaut, encoded, portrait

CUTS = [name for name, ratio in ASPECT_RATIOS.items() if ratio]


def in_a_field(width: int, height: int, left: int, top: int) -> Image.Image:
    """The astronaut's head somewhere in a grey picture."""
    field = Image.new("RGB", (width, height), (120, 130, 140))
    field.paste(portrait(400), (left, top))
    return field


@pytest.mark.parametrize("shape", CUTS)
@pytest.mark.parametrize("place", [(1200, 900, 0, 0), (1200, 900, 800, 500), (700, 1300, 150, 600)])
def test_it_is_the_largest_part_of_its_shape_and_shows_the_face(shape: str, place: tuple[int, ...]) -> None:
    width, height = place[:2]
    picture, face = look(encoded(in_a_field(*place), "PNG"), Options(aspect_ratio=shape, resolution=2000))
    ratio = ASPECT_RATIOS[shape]
    assert ratio is not None
    found_width, found_height = picture.size_px
    assert found_width / found_height == pytest.approx(ratio, rel=0.01)
    assert found_width >= width - 2 or found_height >= height - 2
    assert found_width <= width and found_height <= height
    points = face.landmarks_px[:468, :2]
    assert points.min() > 0
    assert np.all(points.max(axis=0) < picture.size_px)


@pytest.mark.parametrize("shape", ["1:1", "9:16", "16:9"])
def test_the_face_that_is_told_is_where_it_is_seen(shape: str) -> None:
    picture, face = look(encoded(in_a_field(1300, 1000, 600, 300), "PNG"), Options(aspect_ratio=shape, resolution=640))
    seen = find_faces(picture.rgb)[0]
    apart = np.linalg.norm(seen.landmarks_px[:468, :2] - face.landmarks_px[:468, :2], axis=1)
    assert np.median(apart) < 0.02 * seen.height_px
    assert face.box_px == pytest.approx(seen.box_px, abs=0.04 * seen.height_px)


def test_a_cut_has_the_resolution_that_was_asked_for_where_the_photo_has_it() -> None:
    data = encoded(astronaut().resize((1400, 1400)))
    assert look(data, Options(aspect_ratio="16:9", resolution=1280))[0].size_px == (1280, 720)
    assert look(data, Options(aspect_ratio="16:9", resolution=3000))[0].size_px == (1400, 788)
    assert look(data, Options(resolution=1280))[0].size_px == (1280, 1280)


def face_at(x: float, y: float, height: float) -> Face:
    """A face of given height whose eyes' middle is at (x, y)."""
    face = find_faces(np.asarray(portrait()))[0]
    scale = height / face.height_px
    eyes = (face.landmarks_px[263, :2] + face.landmarks_px[33, :2]) / 2 * scale
    return face.scaled(scale).moved(x - eyes[0], y - eyes[1])


def test_the_eyes_stand_a_little_above_the_middle() -> None:
    left, top, width, height = crop_box((1000, 2000), face_at(450, 900, 200), 1.0)
    assert (width, height) == (1000, 1000)
    assert left == 0
    assert 0.35 < (900 - top) / height < 0.45


def test_a_large_head_keeps_its_hair() -> None:
    face = face_at(500, 700, 500)
    _, top, _, height = crop_box((1000, 2000), face, 16 / 9)
    forehead, chin = face.landmarks_px[10, 1], face.landmarks_px[152, 1]
    assert top < forehead
    assert top + height > chin - 0.35 * face.height_px
