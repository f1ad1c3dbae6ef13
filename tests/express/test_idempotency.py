"""One Idempotency-Key, one video: sent twice, at once, with another body, and a day later."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from express import services, tasks, transitions
from express.inputs import VideoRequest
from express.models import IdempotencyKey, Status, Video
from express.services import create as create_service
from tests import factories
from tests.express.test_transitions import ERROR

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "/api/express/create"
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody renders here."""
    monkeypatch.setattr(tasks.render_video, "delay", lambda video_id: None)


def create(client: Client, photo: bytes, key: str = "order-17", headers: dict[str, str] = ASYNC, **form: str) -> Any:
    form = {"text": "Hello.", "image": SimpleUploadedFile("a.jpg", photo)} | form
    return client.post(CREATE, form, headers={"Idempotency-Key": key, **headers})


def test_the_same_request_gets_the_same_answer(client: Client, photo: bytes) -> None:
    first, second = create(client, photo), create(client, photo, key='"order-17"')
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.headers["X-Video-Id"] == second.headers["X-Video-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Video.objects.count() == 1


def test_a_video_that_was_waited_for_comes_again_as_bytes(
    client: Client, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(video_id: str) -> None:
        video = factories.completed_video(b"the film")
        fields = ("result", "poster", "result_sha256", "duration_s", "width", "height", "started_at", "completed_at")
        Video.objects.filter(pk=UUID(video_id)).update(
            status=Status.COMPLETED, **{name: getattr(video, name) for name in fields}
        )

    monkeypatch.setattr(tasks.render_video, "delay", render)
    answers = [create(client, photo, headers={}) for _ in range(2)]
    assert [(answer.status_code, answer.getvalue()) for answer in answers] == [(200, b"the film")] * 2
    services.delete_video(Video.objects.get(pk=answers[0].headers["X-Video-Id"]))
    assert create(client, photo).status_code == 410


@pytest.mark.parametrize("change", [{"text": "Goodbye."}, {"fps": "30"}])
def test_another_body_is_refused(client: Client, photo: bytes, change: dict[str, str]) -> None:
    create(client, photo)
    answer = create(client, photo, **change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "idempotency_key_reused")
    other_photo = create(client, factories.encoded(factories.portrait().convert("L")))
    assert other_photo.status_code == 422


def test_the_second_of_two_at_once_hears_that_the_first_is_in_flight(client: Client, photo: bytes) -> None:
    answers: list[Any] = []

    def first() -> None:
        answers.append(create(Client(), photo, headers={"Prefer": "wait=20"}))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        while not Video.objects.exists():
            assert thread.is_alive()
        meanwhile = create(client, photo)
        video = Video.objects.get()
        assert (meanwhile.status_code, meanwhile.json()["error"]["code"]) == (409, "idempotency_in_flight")
        assert meanwhile.headers["Location"] == f"/api/express/video/{video.pk}"
        assert meanwhile.headers["Retry-After"]
    finally:
        Video.objects.all().update(status=Status.CANCELED, completed_at=timezone.now())
        thread.join()
    assert answers[0].status_code == 409
    again = create(client, photo)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "canceled")
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_dozen_at_once_create_one_video(photo: bytes) -> None:
    statuses: list[int] = []

    def send() -> None:
        statuses.append(create(Client(), photo).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Video.objects.count() == 1
    assert set(statuses) <= {202, 409}
    assert 202 in statuses


def test_a_refused_request_gives_its_key_back(client: Client, photo: bytes) -> None:
    assert create(client, photo, text="🙂").status_code == 400
    assert create(client, photo).status_code == 202


def test_a_failed_video_is_told_again_until_it_is_tried_again(client: Client, photo: bytes) -> None:
    create(client, photo, headers={"Prefer": "wait=0"})
    IdempotencyKey.objects.update(status=500)
    video = Video.objects.get()
    transitions.claim(video, "a:1")
    transitions.fail(video, ERROR, rejected=False)
    assert create(client, photo).status_code == 500


def test_a_key_lasts_a_day(client: Client, photo: bytes) -> None:
    create(client, photo)
    yesterday = timezone.now() - timedelta(hours=24, seconds=1)
    IdempotencyKey.objects.update(created_at=yesterday)
    assert create(client, photo, text="Something else.").status_code == 202
    assert Video.objects.count() == 2
    IdempotencyKey.objects.update(created_at=yesterday)
    assert services.remove_old_keys() == 1


def test_a_key_whose_web_process_was_killed_is_free_again(client: Client, photo: bytes, settings: Any) -> None:
    create(client, photo)
    row = IdempotencyKey.objects.get()
    IdempotencyKey.objects.update(status=None, video=None, created_at=timezone.now() - timedelta(minutes=10))
    assert create(client, photo).status_code == 202
    assert IdempotencyKey.objects.get().pk != row.pk


def test_a_request_that_lost_its_key_to_a_later_one_creates_nothing(
    client: Client, photo: bytes, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was at it for so long that its client sent it again, and was let in: only one of the two may go on."""
    later: list[Any] = []

    def checked(request: VideoRequest) -> Video:
        monkeypatch.setattr(create_service, "checked", real)
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=1))
        later.append(create(Client(), photo))
        return real(request)

    real = create_service.checked
    monkeypatch.setattr(create_service, "checked", checked)
    first = create(client, photo)
    assert (first.status_code, first.json()["error"]["code"]) == (409, "idempotency_in_flight")
    assert later[0].status_code == 202
    assert Video.objects.count() == 1
    assert sum(path.is_file() for path in media_root.rglob("*")) == 1
    assert create(client, photo).headers["X-Video-Id"] == later[0].headers["X-Video-Id"]


def test_each_client_has_keys_of_its_own(client: Client, photo: bytes) -> None:
    ids = {
        client.post(
            CREATE,
            {"text": "Hi.", "image": SimpleUploadedFile("a.jpg", photo)},
            headers={"Idempotency-Key": "1", **ASYNC},
            REMOTE_ADDR=address,
        ).headers["X-Video-Id"]
        for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2")
    }
    assert len(ids) == 3  # an IPv6 client has a whole network to itself


@pytest.mark.parametrize("key", ["", "x" * 256, "white space", "\x07"])
def test_a_key_that_is_none_is_refused(client: Client, photo: bytes, key: str) -> None:
    answer = create(client, photo, key=key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_idempotency_key")
