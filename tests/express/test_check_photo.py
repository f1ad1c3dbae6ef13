"""POST /api/express/check: what a photo would get."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from express.models import Video
from tests import factories

pytestmark = pytest.mark.django_db


def check(client: Client, photo: bytes, **form: str) -> Any:
    return client.post("/api/express/check", {"image": SimpleUploadedFile("a.jpg", photo)} | form)


def test_a_good_photo_s_face_is_described(client: Client, photo: bytes) -> None:
    told = check(client, photo).json()
    assert (told["usable"], told["verdict"], told["face_index"]) == (True, "ok", 0)
    assert (told["width"], told["height"]) == (512, 512)
    (face,) = told["faces"]
    x, y, width, height = face["box"]
    assert 150 < x < 250 and 30 < y < 130 and 60 < width < 160 and 80 < height < 180
    assert abs(face["pose"]["yaw"]) < 40 and face["presence"] > 0.5
    assert not Video.objects.exists()


def test_several_faces_are_listed_and_can_be_chosen(client: Client) -> None:
    both = factories.two_portraits_jpeg()
    told = check(client, both).json()
    assert (told["usable"], told["verdict"], told["face_index"]) == (False, "multiple_faces", None)
    assert "face_index" in told["hint"]
    assert len(told["faces"]) == 2
    assert check(client, both, face_index="1").json()["face_index"] == 1


def test_boxes_are_in_the_photo_s_own_pixels(client: Client, photo: bytes) -> None:
    full, small = (check(client, photo, resolution=side).json()["faces"][0]["box"] for side in ("512", "256"))
    assert full == pytest.approx(small, abs=12)


@pytest.mark.parametrize(
    ("photo", "verdict"), [(factories.landscape_jpeg(), "face_not_found"), (b"not a photo", "image_unreadable")]
)
def test_a_photo_that_cannot_talk_is_told_why(client: Client, photo: bytes, verdict: str) -> None:
    answer = check(client, photo)
    told = answer.json()
    assert (answer.status_code, told["usable"], told["verdict"], told["faces"]) == (200, False, verdict, [])
    assert told["hint"]


def test_a_request_that_is_none_is_refused(client: Client, photo: bytes) -> None:
    assert client.post("/api/express/check", {}).json()["error"]["code"] == "image_missing"
    assert check(client, photo, resolution="1").json()["error"]["code"] == "invalid_option"
