"""POST /api/express/create when the client waits: the answer follows what became of the video."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from express import rendering, services, tasks
from express.models import Status, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Takes what shall happen to a video instead of a broker and a worker process."""

    def takes(job: Callable[[UUID], Any]) -> None:
        monkeypatch.setattr(tasks.render_video, "delay", lambda video_id: job(UUID(video_id)))

    return takes


def create(client: Client, photo: bytes) -> Any:
    form = {"image": SimpleUploadedFile("a.jpg", photo), "text": "Hello.", "fps": "10", "resolution": "256"}
    return client.post("/api/express/create", form)


def test_a_completed_video_is_the_answer(client: Client, photo: bytes, worker: Callable[..., None]) -> None:
    worker(rendering.render_video)
    answer = create(client, photo)
    video = Video.objects.get()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "video/mp4")
    assert answer.getvalue() == video.result.read()
    assert answer.headers["X-Video-Id"] == str(video.pk)


def test_what_only_the_worker_could_refuse_is_a_400_too(
    client: Client, photo: bytes, worker: Callable[..., None], settings: Any, media_root: Path
) -> None:
    settings.MAX_SPEECH_S = 0.1  # only synthesis tells how long a text lasts
    worker(rendering.render_video)
    answer = create(client, photo)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "text_too_long")
    assert Video.objects.get().status == Status.REJECTED
    assert [path for path in media_root.rglob("*") if path.is_file()] == []


def test_a_fault_of_ours_is_a_500_that_names_the_video(
    client: Client, photo: bytes, worker: Callable[..., None]
) -> None:
    def photo_lost(video_id: UUID) -> None:
        Video.objects.get(pk=video_id).photo.delete(save=False)
        rendering.render_video(video_id)

    worker(photo_lost)
    answer = create(client, photo)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["retryable"]) == (500, "internal_error", True)
    assert answer.headers["X-Video-Id"] == str(Video.objects.get().pk)


def test_a_video_that_is_canceled_meanwhile_is_a_409(client: Client, photo: bytes, worker: Callable[..., None]) -> None:
    worker(lambda video_id: services.cancel_video(Video.objects.get(pk=video_id)))
    answer = create(client, photo)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "canceled")


def test_a_wait_that_runs_out_is_a_202(
    client: Client, photo: bytes, worker: Callable[..., None], settings: Any
) -> None:
    settings.CREATE_WAIT_S = 0.1
    worker(lambda video_id: None)
    answer = create(client, photo)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
