"""What a video says, as files."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from express import rendering, services
from express.inputs import VideoRequest
from express.models import Status, Video
from tests import factories

CUES = [
    {"start_s": 0.25, "end_s": 1.5, "text": "Good morning."},
    {"start_s": 1.5, "end_s": 2.75, "text": "Tom & Jerry\nare here."},
]


def get(client: Client, video: Video, kind: str, **headers: str) -> Any:
    return client.get(f"/api/express/videos/{video.pk}/captions.{kind}", headers=headers)


@pytest.mark.django_db
def test_they_come_as_web_vtt(client: Client) -> None:
    answer = get(client, factories.completed_video(cues=CUES), "vtt")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert answer.getvalue().decode() == (
        "WEBVTT\n\n00:00:00.250 --> 00:00:01.500\nGood morning.\n\n"
        "00:00:01.500 --> 00:00:02.750\nTom &amp; Jerry\nare here.\n"
    )


@pytest.mark.django_db
def test_they_come_as_sub_rip_once_for_each_client(client: Client) -> None:
    video = factories.completed_video(cues=CUES)
    answer = get(client, video, "srt")
    assert answer.headers["Content-Type"] == "application/x-subrip; charset=utf-8"
    assert answer.getvalue().decode().startswith("1\n00:00:00,250 --> 00:00:01,500\nGood morning.\n")
    assert get(client, video, "srt", **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize(("cues", "kind"), [([], "vtt"), (CUES, "ass")])
def test_it_answers_404_where_there_are_none(client: Client, cues: list[Any], kind: str) -> None:
    answer = get(client, factories.completed_video(cues=cues), kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "captions_not_found")
    assert answer.json()["error"]["hint"]


@pytest.mark.django_db
def test_the_videos_json_says_where_they_are(client: Client) -> None:
    with_captions, without = factories.completed_video(cues=CUES), factories.completed_video()
    url = client.get(f"/api/express/videos/{with_captions.pk}").json()["captions_url"]
    assert client.get(url).status_code == 200
    assert client.get(f"/api/express/videos/{without.pk}").json()["captions_url"] is None


@pytest.mark.django_db
def test_they_go_with_a_deleted_video(client: Client) -> None:
    video = factories.completed_video(cues=CUES)
    services.delete_video(video)
    assert get(client, video, "vtt").status_code == 410
    assert Video.objects.get(pk=video.pk).cues == []


@pytest.mark.django_db(transaction=True)
def test_a_rendered_text_has_its_words_as_captions(photo: bytes) -> None:
    request = VideoRequest(
        photo=photo, text="Good morning, Eileen.", options={"fps": 10.0, "resolution": 256, "captions": "burned"}
    )
    video = services.create_video(request, enqueue=False)
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert video.status == Status.COMPLETED
    (cue,) = video.captions()
    assert cue.text == "Good morning, Eileen."
    assert 0 <= cue.start_s < cue.end_s <= video.duration_s


@pytest.mark.django_db
def test_an_unknown_kind_of_captions_is_refused(client: Client, photo: bytes) -> None:
    form = {"image": SimpleUploadedFile("a.jpg", photo), "captions": "loud"}
    answer = client.post("/api/express/create", form)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_option")
    assert answer.json()["error"]["details"]["choices"] == ["off", "file", "burned"]
