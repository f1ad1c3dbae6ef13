"""Whose turn it is: clients share the workers fairly, priorities go first, each ticket gets a video of its own."""

import threading
from collections import Counter
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from express import services, tasks, transitions
from express.clients import Client as Asker
from express.estimates import Outlook
from express.inputs import VideoRequest
from express.models import ApiKey, Priority, Status, Video, Worker
from express.routing import GPU_QUEUE
from express.turns import next_turn
from tests import factories

pytestmark = pytest.mark.django_db


def waiting(client: str, **fields: object) -> Video:
    """A video that joins the queue now."""
    video = Video(client=client, text="Hello.", photo="photos/a", **fields)
    video.turn = next_turn(video)
    video.save()
    return video


def served(count: int, queue: str = "render") -> list[str]:
    """The clients of the next videos; each one is done before the next is begun."""
    clients = []
    for _ in range(count):
        video = transitions.claim_next(queue, "a:1")
        assert video is not None
        clients.append(video.client)
        transitions.fail(video, {"code": "done"}, rejected=False)
    return clients


def test_a_client_with_many_videos_does_not_keep_others_waiting() -> None:
    for _ in range(30):
        waiting("many")
    assert served(5) == ["many"] * 5
    late = waiting("one")
    assert Outlook().position(late) == 2  # behind the one whose turn it is
    assert "one" in served(2)


def test_clients_take_turns() -> None:
    for client in ("a", "b", "c"):
        for _ in range(10):
            waiting(client)
    first = served(15)
    assert max(Counter(first).values()) <= 6
    assert served(15).count("c") >= 4


def test_what_counts_is_work_and_not_videos() -> None:
    for _ in range(10):
        waiting("long", effort_s=10.0)
        waiting("short", effort_s=1.0)
    assert Counter(served(10))["short"] >= 8


def test_who_was_away_has_saved_nothing_up() -> None:
    for _ in range(20):
        waiting("steady")
    served(10)
    for _ in range(10):
        waiting("back")
    assert 4 <= Counter(served(10))["back"] <= 6


def test_clients_take_turns_at_the_workers_with_a_gpu_too(photo: bytes, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(tasks.render_video, "apply_async", lambda args, queue: None)
    settings.GPU_FROM_EFFORT_S = 0.001
    Worker.objects.create(id="gpu:1", name="gpu", queues=[GPU_QUEUE], seen_at=timezone.now())
    for client, count in (("many", 4), ("one", 1)):
        for number in range(count):
            request = VideoRequest(photo=photo, text=f"Number {number}.")
            services.send(services.create_video(request, Asker(client), enqueue=False))
    assert "one" in served(2, GPU_QUEUE)


def test_priorities_go_first_whoever_waits() -> None:
    for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH):
        waiting(priority.name, priority=priority)
    assert served(3) == ["HIGH", "NORMAL", "LOW"]


def test_a_ticket_opens_its_own_queue_alone() -> None:
    waiting("a", queue="render-gpu")
    assert transitions.claim_next("render", "a:1") is None
    assert served(1, "render-gpu") == ["a"]


def test_the_place_in_the_queue_is_the_order_in_which_it_is_served() -> None:
    videos = [waiting(client, effort_s=effort) for effort in (1.0, 3.0) for client in "aabac"]
    waiting("z", priority=Priority.HIGH)
    places = {video.pk: Outlook().position(video) for video in videos}
    for place in range(1, len(videos) + 2):
        video = transitions.claim_next("render", "a:1")
        assert video is not None
        assert places.get(video.pk, 1) == place


def test_a_video_whose_worker_died_is_next() -> None:
    lost = waiting("a")
    for _ in range(5):
        waiting("b")
    claimed = transitions.claim_next("render", "a:1")
    assert claimed == lost
    transitions.requeue(claimed)
    assert transitions.claim_next("render", "b:1") == lost


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_get_a_video_each() -> None:
    for number in range(24):
        waiting(f"client {number % 5}")
    claimed: list[Video | None] = []

    def work(worker: str) -> None:
        for _ in range(4):
            claimed.append(transitions.claim_next("render", worker))
        connection.close()

    threads = [threading.Thread(target=work, args=[f"host:{number}"]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({video.pk for video in claimed if video}) == 24
    assert not Video.objects.filter(status=Status.QUEUED).exists()
    assert set(Video.objects.values_list("attempt", flat=True)) == {1}
    assert transitions.claim_next("render", "late:1") is None


def test_one_client_s_thousand_do_not_starve_another_s_one() -> None:
    """As by the API: the turn is given when the row is made."""
    turn = 0.0
    rows = []
    for _ in range(1000):
        rows.append(Video(client="key:1", text="Hello.", photo="photos/a", turn=turn))
        turn += 1.0
    Video.objects.bulk_create(rows)
    served(3)
    late = waiting("key:2")
    assert Outlook().position(late) == 2  # behind the one whose turn it is
    assert "key:2" in served(2)


def test_a_priority_above_a_client_s_own_is_refused(
    client: Client, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.render_video, "delay", lambda video_id: None)
    _, secret = ApiKey.issue(name="Urgent", max_priority=Priority.HIGH)
    expected = {"": 400, secret: 202}
    for key, status in expected.items():
        form = {"image": SimpleUploadedFile("a.jpg", photo), "priority": "high"}
        headers = {"Prefer": "respond-async"} | ({"X-Api-Key": key} if key else {})
        assert client.post("/api/express/create", form, headers=headers).status_code == status
    assert Video.objects.get().priority == Priority.HIGH


def test_more_work_is_longer_speech_larger_pictures_and_more_frames(photo: bytes) -> None:
    def effort(**request: object) -> float:
        asked = {"photo": photo, "text": "Hello. " * 10, "options": {}} | request
        return services.create_video(VideoRequest(**asked), Asker("a"), enqueue=False).effort_s

    usual = effort()
    assert effort(text="Hello. " * 40) > 2 * usual
    assert effort(options={"fps": 50.0}) > 1.5 * usual
    assert effort(options={"resolution": 256}) < usual
    assert effort(text="", audio=factories.spoken_wav("Hello.")) < usual


def test_an_ended_video_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks.render_video, "delay", sent.append)
    video = factories.processing_video(attempt=2, crashes=2)
    late_worker = Video.objects.get(pk=video.pk)
    transitions.cancel(video)
    assert services.retry_video(video)
    assert (video.status, video.crashes, video.attempt, video.completed_at) == (Status.QUEUED, 0, 2, None)
    assert sent == [str(video.pk)]
    assert transitions.claim(video, "b:2")
    assert not transitions.beat(late_worker, "frames", 0.5)  # it never heard of the cancel
