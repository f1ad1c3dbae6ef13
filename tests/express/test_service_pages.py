"""Health, schema, docs, public media, the videos' admin."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from express.models import Status
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(admin_client: Client) -> Client:
    return admin_client


def test_healthz_answers_while_the_process_lives(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_answers_503_and_says_what_is_away(client: Client, settings: Any) -> None:
    from talkingphotos.celery import app

    before, app.conf.broker_url = app.conf.broker_url, "redis://127.0.0.1:1/0"
    try:
        answer = client.get("/readyz")
    finally:
        app.conf.broker_url = before
    assert answer.status_code == 503
    assert answer.json()["database"] == "ok"
    assert answer.json()["broker"] != "ok"


def test_the_schema_describes_the_video_as_binary_and_every_error(client: Client) -> None:
    schema = json.loads(client.get("/api/schema").content)
    assert schema["openapi"].startswith("3.1")
    create = schema["paths"]["/api/express/create"]["post"]
    assert create["responses"]["200"]["content"]["video/mp4"]["schema"] == {"type": "string", "format": "binary"}
    assert {"202", "400", "413", "415", "500"} <= set(create["responses"])
    assert "multipart/form-data" in create["requestBody"]["content"]


def test_the_docs_need_no_other_host(client: Client) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "https://" not in page.content.decode()
    assert (
        "script-src" in page.headers["Content-Security-Policy"]
        or "default-src 'self'" in (page.headers["Content-Security-Policy"])
    )


def test_only_the_catalog_s_media_are_public(client: Client, media_root: Path) -> None:
    for name in ("catalog/a.jpg", "photos/b.jpg"):
        path = media_root / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"bytes")
    public = client.get("/media/catalog/a.jpg")
    assert (public.status_code, public.getvalue()) == (200, b"bytes")
    for hidden in ("photos/b.jpg", "catalog/../photos/b.jpg", "catalog/none.jpg", "catalog", "catalog/"):
        assert client.get(f"/media/{hidden}").status_code == 404


def test_a_name_that_no_file_can_have_is_not_found(client: Client) -> None:
    for name in ("a%00b.jpg", "x" * 5000, "%F0%9F%98%80" * 70):
        assert client.get(f"/media/catalog/{name}").status_code == 404


def test_the_admin_lists_videos_of_every_status(admin: Client) -> None:
    factories.queued_video()
    factories.processing_video(stage="frames", progress=0.4)
    done = factories.completed_video()
    for status in (Status.FAILED, Status.REJECTED, Status.CANCELED):
        factories.ended_video(status)
    page = admin.get("/admin/express/video/").content.decode()
    assert "40%" in page
    assert "some_fault" in page
    assert f"/api/express/videos/{done.pk}/thumbnail" in page
    assert "real time" in page


def test_the_admin_plays_a_video_and_shows_what_was_sent(admin: Client) -> None:
    video = factories.completed_video(timings={"render": 1.25})
    page = admin.get(f"/admin/express/video/{video.pk}/change/").content.decode()
    assert f'<video src="/api/express/video/{video.pk}"' in page
    assert "1.25" in page
    assert 'name="_save"' not in page
    photo = admin.get(f"/admin/express/video/{video.pk}/photo")
    assert photo.getvalue() == factories.portrait_jpeg()
    assert admin.get(f"/admin/express/video/{video.pk}/audio").status_code == 404


def test_the_admin_shows_an_error_with_its_hint(admin: Client) -> None:
    video = factories.ended_video(Status.REJECTED)
    page = admin.get(f"/admin/express/video/{video.pk}/change/").content.decode()
    assert "some_fault" in page
    assert "Mend it." in page


def test_a_stranger_does_not_get_what_was_sent(client: Client) -> None:
    video = factories.queued_video()
    assert client.get(f"/admin/express/video/{video.pk}/photo").status_code == 302


@pytest.mark.parametrize(
    ("action", "status", "files"), [("cancel", Status.CANCELED, 1), ("remove", Status.CANCELED, 0)]
)
def test_the_admin_s_actions_do_what_they_say(admin: Client, action: str, status: Status, files: int) -> None:
    video = factories.queued_video()
    answer = admin.post("/admin/express/video/", {"action": action, "_selected_action": [str(video.pk)]}, follow=True)
    assert answer.status_code == 200
    video.refresh_from_db()
    assert video.status == status
    assert len(video.files()) == files
