"""Whatever comes in, the answer is a 400 with its own code and a hint, at once, and nothing stays behind."""

import io
import time
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests import factories
from tests.live import LiveService

Form = dict[str, Any]


def three_hours_of_audio() -> bytes:
    """A small file that lasts three hours: FLAC packs silence well."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=1000, layout="mono")
        block = np.zeros((1, 1000 * 60), np.int16)
        block[0, ::500] = 8000
        for minute in range(180):
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 1000, minute * 1000 * 60
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def cat() -> bytes:
    from skimage.data import cat as cat_photo

    return factories.encoded(Image.fromarray(cat_photo()))


CASES: dict[str, tuple[Callable[[], Form], set[str]]] = {
    "an empty body": (dict, {"image_missing"}),
    "no image": (lambda: {"text": "Hello."}, {"image_missing"}),
    "an empty image": (lambda: {"image": b""}, {"image_unreadable"}),
    "a text file": (lambda: {"image": b"To whom it may concern"}, {"image_unreadable"}),
    "a truncated JPEG": (lambda: {"image": factories.portrait_jpeg()[:30_000]}, {"image_unreadable"}),
    "a 48 px icon": (
        lambda: {"image": factories.encoded(factories.portrait().resize((48, 48)), "PNG")},
        {"face_too_small", "face_not_found"},
    ),
    "a decompression bomb": (lambda: {"image": factories.bomb_png()}, {"image_too_large"}),
    "a landscape": (lambda: {"image": factories.landscape_jpeg()}, {"face_not_found"}),
    "a cat": (lambda: {"image": cat()}, {"face_not_found"}),
    "two equal faces": (lambda: {"image": factories.two_portraits_jpeg()}, {"multiple_faces"}),
    "silent audio": (lambda: {"audio": factories.silence_wav()}, {"audio_silent"}),
    "corrupt audio": (lambda: {"audio": bytes(range(256)) * 100}, {"audio_unreadable"}),
    "empty audio": (lambda: {"audio": b""}, {"audio_unreadable"}),
    "three hours of audio": (lambda: {"audio": three_hours_of_audio()}, {"audio_too_long"}),
    "a text of 100,000 characters": (lambda: {"text": "words " * 16_667}, {"text_too_long"}),
    "a text of emoji alone": (lambda: {"text": "😀🎉👍"}, {"text_unspeakable"}),
    "a text of spaces": (lambda: {"text": "   "}, {"text_unspeakable"}),
    "an unknown voice": (lambda: {"voice_id": "nobody"}, {"unknown_voice"}),
    "an unknown avatar": (lambda: {"image": None, "avatar_id": "nobody"}, {"unknown_avatar"}),
    "0 frames per second": (lambda: {"fps": 0}, {"invalid_option"}),
    "10,000 frames per second": (lambda: {"fps": 10_000}, {"invalid_option"}),
    "a face that is not there": (lambda: {"face_index": 7}, {"invalid_option"}),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_its_own_code_and_leaves_nothing(live_service: LiveService, case: str) -> None:
    make, codes = CASES[case]
    form = make()
    if form and "image" not in form and case != "no image":
        form["image"] = factories.portrait_jpeg()
    form = {name: value for name, value in form.items() if value is not None}
    rows, files = live_service.rows(), live_service.files()
    began = time.monotonic()
    answer = live_service.create(**form)
    assert time.monotonic() - began < 20  # seconds; one or two when the machine has nothing else to do
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["code"] in codes
    assert error["message"]
    assert error["hint"]
    assert error["retryable"] is False
    assert "Traceback" not in answer.text
    assert live_service.rows() == rows
    assert live_service.files() == files


def test_two_equal_faces_are_listed_and_one_can_be_chosen(live_service: LiveService) -> None:
    photo = factories.two_portraits_jpeg()
    error = live_service.create(image=photo).json()["error"]
    assert [face["face_index"] for face in error["details"]["faces"]] == [0, 1]
    assert live_service.create(image=photo, text="Me!", face_index=1).status_code == 200


def test_no_video_is_left_processing(live_service: LiveService, photo: bytes) -> None:
    live_service.create(image=photo, text="Hi.")
    assert live_service.rows("SELECT count(*) FROM express_video WHERE status = 'processing'") == [(0,)]
