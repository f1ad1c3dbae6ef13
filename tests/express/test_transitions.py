"""A video's way from the queue to its end: who may move it, and what the database holds true."""

import errno
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from engine import Rendered
from express import services, tasks, transitions
from express.errors import StorageUnavailable
from express.estimates import Outlook
from express.inputs import VideoRequest
from express.models import Status, Video, WebhookDelivery, Worker
from express.routing import GPU_QUEUE
from express.services import removal
from tests import factories

pytestmark = pytest.mark.django_db
RENDERED = Rendered(
    duration_s=2.0,
    frames=50,
    width=512,
    height=512,
    fps=25.0,
    provider="CPUExecutionProvider",
    timings={"total": 1.0},
    poster=b"",
)
FILES = {"result": "videos/a.mp4", "sha256": "ab" * 32, "poster": "posters/a.jpg"}
ERROR = {"code": "some_fault", "message": "", "hint": "", "details": {}, "retryable": False}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were given to the broker, which is not asked here."""
    ids: list[str] = []
    monkeypatch.setattr(tasks.render_video, "delay", ids.append)
    return ids


def test_one_worker_alone_gets_the_video() -> None:
    video = factories.queued_video()
    other = Video.objects.get(pk=video.pk)
    assert transitions.claim(video, "a:1")
    assert not transitions.claim(other, "b:2")
    video.refresh_from_db()
    assert (video.status, video.worker, video.attempt) == (Status.PROCESSING, "a:1", 1)


def test_a_worker_that_was_replaced_can_change_nothing() -> None:
    old = factories.queued_video()
    transitions.claim(old, "a:1")
    assert transitions.requeue(Video.objects.get(pk=old.pk))
    new = Video.objects.get(pk=old.pk)
    transitions.claim(new, "b:2")
    assert not transitions.beat(old, "frames", 0.9)
    assert not transitions.complete(old, RENDERED, **FILES)
    assert not transitions.fail(old, ERROR, rejected=False)
    assert transitions.beat(new, "frames", 0.5)
    assert transitions.complete(new, RENDERED, **FILES)


def test_a_canceled_video_stays_canceled() -> None:
    video = factories.processing_video()
    assert transitions.cancel(video)
    assert not transitions.complete(video, RENDERED, **FILES)
    assert not transitions.cancel(video)


@pytest.mark.parametrize(
    "impossible",
    [
        {"status": "sleeping"},
        {"status": Status.PROCESSING},
        {"status": Status.COMPLETED, "completed_at": timezone.now()},
        {"status": Status.FAILED, "completed_at": timezone.now()},
        {"status": Status.FAILED, "error": ERROR},
        {"status": Status.QUEUED, "error": ERROR},
        {"progress": 1.5},
    ],
)
def test_the_database_refuses_a_state_that_cannot_be(impossible: dict[str, Any]) -> None:
    video = factories.queued_video()
    with pytest.raises(IntegrityError), transaction.atomic():
        Video.objects.filter(pk=video.pk).update(**impossible)


def test_a_dead_worker_s_video_goes_back_to_the_queue(sent: list[str]) -> None:
    old = timezone.now() - timedelta(minutes=1)
    dead, alive = factories.processing_video(heartbeat_at=old), factories.processing_video()
    assert services.requeue_lost() == 1
    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.status, alive.status) == (Status.QUEUED, Status.PROCESSING)
    assert sent == [str(dead.pk)]


def test_a_video_that_kills_its_workers_fails_after_three(sent: list[str]) -> None:
    old = timezone.now() - timedelta(minutes=1)
    video = factories.processing_video(heartbeat_at=old, attempt=5, crashes=2)
    services.requeue_lost()
    video.refresh_from_db()
    assert (video.status, video.error["code"]) == (Status.FAILED, "worker_crashed")
    assert sent == []


def test_a_message_that_the_broker_did_not_take_is_sent_later(sent: list[str]) -> None:
    video = factories.queued_video(created_at=timezone.now() - timedelta(seconds=30))
    assert services.requeue_lost() == 1
    assert services.requeue_lost() == 0
    assert sent == [str(video.pk)]


def test_a_broker_that_is_away_costs_no_video(photo: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(video_id: str) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(tasks.render_video, "delay", refuse)
    with TestCase.captureOnCommitCallbacks(execute=True):
        video = services.create_video(VideoRequest(photo=photo, text="Hi."))
    video.refresh_from_db()
    assert (video.status, video.enqueued_at) == (Status.QUEUED, None)
    assert video.photo.read() == photo


def test_a_message_that_the_broker_lost_is_sent_again_for_the_head_of_the_queue(sent: list[str]) -> None:
    old = timezone.now() - timedelta(minutes=5)
    videos = [factories.queued_video(enqueued_at=old, photo="") for _ in range(services.HEAD + 3)]
    services.requeue_lost()
    assert sent == [str(video.pk) for video in videos[: services.HEAD]]


def test_a_long_queue_does_not_hide_what_the_broker_lost_of_another_one(sent: list[str]) -> None:
    now = timezone.now()
    Worker.objects.create(id="gpu:1", name="gpu", queues=[GPU_QUEUE], seen_at=now)
    for _ in range(services.HEAD):
        factories.queued_video(enqueued_at=now, photo="", queue=GPU_QUEUE)
    lost = factories.queued_video(enqueued_at=now - timedelta(minutes=5), photo="", turn=1000.0)
    services.requeue_lost()
    assert sent == [str(lost.pk)]


def test_videos_expire_when_their_time_is_over() -> None:
    over = factories.completed_video(expires_at=timezone.now() - timedelta(seconds=1))
    kept = factories.completed_video(expires_at=timezone.now() + timedelta(days=1))
    name = over.result.name
    assert services.remove_expired() == 1
    assert services.remove_expired() == 0
    over.refresh_from_db()
    kept.refresh_from_db()
    assert over.removed_at
    assert not over.result.storage.exists(name)
    assert kept.result.storage.exists(kept.result.name)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files that cannot be deleted."""
    names: list[str] = []
    real = FileSystemStorage.delete

    def delete(storage: FileSystemStorage, name: str) -> None:
        if name in names:
            raise PermissionError(errno.EACCES, "not yours")
        real(storage, name)

    monkeypatch.setattr(FileSystemStorage, "delete", delete)
    return names


def test_a_file_that_cannot_be_deleted_keeps_no_other_video_from_expiring(stuck: list[str]) -> None:
    videos = [factories.completed_video(expires_at=timezone.now() - timedelta(seconds=1)) for _ in range(4)]
    stuck += [videos[1].result.name, videos[2].result.name]
    assert services.remove_expired() == 2
    assert set(Video.objects.filter(removed_at=None)) == {videos[1], videos[2]}
    stuck.clear()
    assert services.remove_expired() == 2


def test_nobody_knocks_at_a_storage_that_is_away_for_each_of_many_videos(stuck: list[str]) -> None:
    for _ in range(5):
        stuck.append(factories.completed_video(expires_at=timezone.now() - timedelta(seconds=1)).result.name)
    with pytest.raises(StorageUnavailable):
        services.remove_expired()


def test_two_janitors_tell_of_an_expired_video_once(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.completed_video(callback_url="https://example.org/hook", expires_at=timezone.now() - timedelta(seconds=1))
    real, others = removal.delete_video, [services.remove_expired]

    def after_another_janitor(video: Video) -> bool:
        if others:
            assert others.pop()() == 1
        return real(video)

    monkeypatch.setattr(removal, "delete_video", after_another_janitor)
    assert services.remove_expired() == 0
    assert [told.event for told in WebhookDelivery.objects.all()] == ["video.expired"]


def test_a_video_that_is_deleted_while_somebody_tries_it_again_is_deleted(
    sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    video = factories.queued_video()
    monkeypatch.setattr(removal, "remove_needless", services.retry_video)
    services.delete_video(Video.objects.get(pk=video.pk))
    assert len(sent) == 1
    video.refresh_from_db()
    assert (video.status, bool(video.removed_at)) == (Status.CANCELED, True)


def test_the_queue_says_who_is_next_and_how_long_it_takes() -> None:
    now = timezone.now()
    factories.completed_video(effort_s=10.0, started_at=now - timedelta(seconds=10), completed_at=now)
    first, second = factories.queued_video(effort_s=10.0), factories.queued_video(effort_s=10.0)
    assert [Outlook().position(first), Outlook().position(second)] == [1, 2]
    assert Outlook().eta_s(second) == pytest.approx(20.0)
    busy = factories.processing_video(effort_s=10.0, started_at=now - timedelta(seconds=6), progress=0.5)
    assert Outlook().position(busy) is None
    assert Outlook().eta_s(busy) == pytest.approx(5.5, abs=1.5)
