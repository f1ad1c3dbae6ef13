"""A disk that fills up: noticed before it is full, told, and got over."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from express import rendering
from express.models import Status, Video
from tests import factories

TOO_MUCH = 10**9  # megabytes that no disk has


@pytest.mark.django_db
def test_new_videos_are_refused_while_there_is_no_room(client: Client, photo: bytes, settings: Any) -> None:
    settings.MIN_FREE_DISK_MB = TOO_MUCH
    answer = client.post("/api/express/create", {"image": ContentFile(photo, "a.jpg")})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["retryable"]) == (503, "storage_full", True)
    assert answer.headers["Retry-After"] == "60"
    assert "MB are free" in error["message"]
    assert not Video.objects.exists()


@pytest.mark.django_db
def test_what_there_is_can_still_be_seen_and_removed(client: Client, settings: Any) -> None:
    video = factories.completed_video()
    settings.MIN_FREE_DISK_MB = TOO_MUCH
    assert client.get(f"/api/express/video/{video.pk}").status_code == 200
    assert client.delete(f"/api/express/videos/{video.pk}").status_code == 204


@pytest.mark.django_db(transaction=True)
def test_a_worker_begins_nothing_that_it_could_not_store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "FULL_PAUSE_S", 0.0)
    video = factories.queued_video(options={"fps": 10.0, "resolution": 256}, text="Hi.")
    settings.MIN_FREE_DISK_MB = TOO_MUCH
    assert not rendering.render_next("render")  # the ticket is for a worker that has room
    video.refresh_from_db()
    assert (video.status, video.attempt) == (Status.QUEUED, 0)
    settings.MIN_FREE_DISK_MB = 0
    rendering.render_next("render")
    video.refresh_from_db()
    assert video.status == Status.COMPLETED
