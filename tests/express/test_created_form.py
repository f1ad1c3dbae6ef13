"""What POST /api/express/create takes, and what it stores. Nothing is rendered here."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Avatar, Voice
from catalog.stock_voices import load_voices
from express.models import Status, Video
from tests import factories
from tests.engine.pictures import all_face, encoded

CREATE = "/api/express/create"
pytestmark = pytest.mark.django_db


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def create(client: Client, **form: Any) -> Any:
    return client.post(CREATE, form, headers={"Prefer": "respond-async"})


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_it_stores_the_photo_and_queues_the_greeting(client: Client, photo: bytes, settings: Any) -> None:
    answer = create(client, image=upload(photo))
    assert answer.status_code == 202
    video = Video.objects.get()
    assert (video.status, video.text) == (Status.QUEUED, settings.DEFAULT_GREETING)
    assert video.photo.read() == photo
    assert answer.headers["Location"] == f"/api/express/video/{video.pk}"
    assert answer.headers["X-Video-Id"] == str(video.pk)
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["status"] == "queued"
    assert answer.json()["queue_position"] == 1


def test_it_names_stored_files_unlike_the_client_did(client: Client, photo: bytes) -> None:
    create(client, image=upload(photo, "../../my-private-holiday.jpg"))
    name = Video.objects.get().photo.name
    assert "holiday" not in name
    assert ".." not in name


def test_it_keeps_the_options_that_were_given_and_only_those(client: Client, photo: bytes) -> None:
    create(client, image=upload(photo), fps="30", seed="7", head_motion="", user_data="order 42")
    video = Video.objects.get()
    assert video.options == {"fps": 30.0, "seed": 7}
    assert video.user_data == "order 42"


def test_it_lets_audio_win_over_text(client: Client, photo: bytes) -> None:
    create(client, image=upload(photo), audio=upload(factories.spoken_wav("Hello."), "a.wav"), text="Not this.")
    video = Video.objects.get()
    assert video.audio
    assert video.text == ""


def test_it_speaks_with_the_voice_that_was_named(client: Client, photo: bytes, voice: Voice) -> None:
    create(client, image=upload(photo), text="Good morning.", voice_id=voice.pk)
    assert Video.objects.get().voice == voice


def test_without_a_voice_the_texts_language_chooses_it(client: Client, photo: bytes) -> None:
    load_voices()
    for form, language in (({"text": "Guten Tag, wie geht es Ihnen heute?"}, "de-DE"), ({"language": "fr"}, "fr-FR")):
        assert create(client, image=upload(photo), **form).status_code == 202
        video = Video.objects.select_related("voice").latest("created_at")
        assert video.voice is not None
        assert video.voice.language == language


def test_a_text_in_a_language_without_a_voice_is_refused(client: Client, photo: bytes, voice: Voice) -> None:
    answer = create(client, image=upload(photo), text="Guten Tag, wie geht es Ihnen heute?")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "no_voice_for_language"
    assert answer.json()["error"]["details"]["languages"] == ["en-GB"]
    assert not Video.objects.exists()


def test_it_takes_an_avatar_instead_of_a_photo(client: Client, avatar: Avatar) -> None:
    answer = client.post(CREATE, {"avatar_id": avatar.pk}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert Video.objects.get().avatar == avatar


def test_it_takes_a_form_without_files_as_urlencoded(client: Client, avatar: Avatar) -> None:
    answer = client.post(
        CREATE,
        f"avatar_id={avatar.pk}&text=Hi",
        content_type="application/x-www-form-urlencoded",
        headers={"Prefer": "respond-async"},
    )
    assert answer.status_code == 202


def test_it_refuses_a_photo_and_an_avatar_at_once(client: Client, photo: bytes, avatar: Avatar) -> None:
    answer = create(client, image=upload(photo), avatar_id=avatar.pk)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_option"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[
            ("output_format", "avi"),
            ("fps", "0"),
            ("fps", "10000"),
            ("fps", "nan"),
            ("fps", "many"),
            ("resolution", "1"),
            ("seed", "-1"),
            ("speed", "0.4"),
            ("speed", "2.1"),
        ],
        *[("head_motion", "2"), ("expressiveness", "-1"), ("face_index", "-1"), ("user_data", "x" * 1001)],
        *[("captions", "1"), ("background", "blue"), ("background", "#12345"), ("aspect_ratio", "2:1")],
        ("watermark", "x"),
        ("txet", "a misspelt field"),
    ],
)
def test_it_refuses_an_option_that_it_cannot_honour(client: Client, photo: bytes, field: str, value: str) -> None:
    answer = create(client, image=upload(photo), **{field: value})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["option"]) == (400, "invalid_option", field)
    assert error["hint"]


def test_it_keeps_a_background_and_a_shape(client: Client, photo: bytes) -> None:
    answer = create(client, image=upload(photo), background="#20A060", aspect_ratio="4:5")
    assert answer.status_code == 202
    assert Video.objects.get().options == {"background": "#20A060", "aspect_ratio": "4:5"}


def test_it_refuses_transparency_in_a_format_that_has_none(client: Client, photo: bytes) -> None:
    error = create(client, image=upload(photo), background="transparent").json()["error"]
    assert (error["code"], error["details"]["choices"]) == ("no_transparency", ["webm", "mov"])
    assert "webm" in error["hint"]
    assert create(client, image=upload(photo), background="transparent", output_format="webm").status_code == 202


@pytest.mark.parametrize("source", ["photo", "avatar"])
def test_it_refuses_another_background_for_a_photo_that_has_none(client: Client, avatar: Avatar, source: str) -> None:
    close = encoded(all_face())
    if source == "avatar":
        avatar.image.save("close.jpg", ContentFile(close))
    form = {"image": upload(close)} if source == "photo" else {"avatar_id": avatar.pk}
    error = create(client, **form, background="blur").json()["error"]
    assert error["code"] == "background_unclear"
    assert error["hint"]
    assert not Video.objects.exists()
    form = {"image": upload(close)} if source == "photo" else {"avatar_id": avatar.pk}
    assert create(client, **form).status_code == 202


def test_it_refuses_a_photo_that_came_as_text_and_says_how_to_send_it(client: Client) -> None:
    error = create(client, image="photo.jpg").json()["error"]
    assert error["code"] == "image_missing"
    assert "@photo.jpg" in error["message"]


def test_it_answers_415_with_a_hint_to_a_bare_image(client: Client, photo: bytes) -> None:
    answer = client.post(CREATE, photo, content_type="image/jpeg")
    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json()["error"]["hint"]


def test_it_answers_400_to_a_broken_form(client: Client) -> None:
    answer = client.post(CREATE, b"no boundary here", content_type="multipart/form-data")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed_request"


def test_it_answers_413_to_more_than_it_takes(client: Client, photo: bytes, settings: Any) -> None:
    settings.MAX_REQUEST_BYTES = 1000
    answer = create(client, image=upload(photo))
    assert answer.status_code == 413
    assert answer.json()["error"]["details"]["limit_bytes"] == 1000


def test_it_answers_405_in_json_and_names_the_methods(client: Client) -> None:
    answer = client.get(CREATE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_it_answers_an_unknown_address_in_json(client: Client) -> None:
    answer = client.get("/api/expres/create")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_it_leaves_no_file_when_the_row_cannot_be_written(
    client: Client, photo: bytes, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the database is full")

    monkeypatch.setattr("django.db.models.query.QuerySet._insert", refuse)
    client.raise_request_exception = False
    answer = create(client, image=upload(photo))
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "Traceback" not in answer.content.decode()
    assert files(media_root) == []
