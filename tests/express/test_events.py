"""GET …/events: what a client hears of a video, and when it ends."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from express import transitions
from express.models import Status, Video
from express.slots import Slots
from express.views import events
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look more often than a server does."""
    monkeypatch.setattr(events, "LOOK_EVERY_S", 0.02)


def open_stream(client: Client, video: Video, last: str = "") -> Any:
    headers = {"Last-Event-ID": last} if last else {}
    return client.get(f"/api/express/videos/{video.pk}/events", headers=headers)


def told(answer: Any) -> Iterator[dict[str, Any]]:
    """Each event, with its name, its id and the video's JSON."""
    for block in answer.streaming_content:
        lines = dict(line.split(": ", 1) for line in block.decode().strip().split("\n"))
        if "event" in lines:
            yield {"event": lines["event"], "id": lines["id"], "video": json.loads(lines["data"])}


def test_every_change_is_told_until_the_end(client: Client) -> None:
    video = factories.processing_video()

    def work() -> None:
        for percent in (10, 50):
            transitions.beat(video, "frames", percent / 100)
            time.sleep(0.2)
        transitions.fail(video, {"code": "some_fault", "message": "", "hint": "", "details": {}}, rejected=False)
        connection.close()

    thread = threading.Thread(target=work)
    answer = open_stream(client, video)
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    thread.start()
    heard = list(told(answer))
    thread.join()
    assert [event["event"] for event in heard[-3:]] == ["progress", "progress", "failed"]
    assert [event["video"]["progress"] for event in heard[-3:-1]] == [10, 50]
    assert heard[-1]["video"]["error"]["code"] == "some_fault"
    assert len({event["id"] for event in heard}) == len(heard)


def test_who_comes_back_hears_only_what_is_new(client: Client) -> None:
    video = factories.completed_video(b"film")
    (end,) = told(open_stream(client, video))
    assert (end["event"], end["video"]["progress"]) == ("completed", 100)
    assert open_stream(client, video, end["id"]).status_code == 204
    assert len(list(told(open_stream(client, video, "1.processing.frames.40.0")))) == 1


def test_a_waiting_video_s_place_is_told_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "TELL_EVERY_S", 0.05)
    video = factories.queued_video()
    heard = told(open_stream(client, video))
    assert [next(heard)["video"]["queue_position"] for _ in range(3)] == [1, 1, 1]
    transitions.cancel(video)
    assert list(heard)[-1]["event"] == Status.CANCELED


def test_an_open_line_is_kept_alive(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "ALIVE_EVERY_S", 0.05)
    video = factories.processing_video()
    answer = open_stream(client, video)
    content = answer.streaming_content
    assert [next(content)[:8] for _ in range(3)] == [b"retry: 2", b"event: p", b": still "]
    answer.close()


def test_streams_leave_room_for_other_requests(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_streams", Slots(1))
    video = factories.processing_video()
    first = open_stream(client, video)
    refused = open_stream(client, video)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "too_many_streams")
    assert refused.headers["Retry-After"]
    first.close()  # one that nobody ever read
    second = open_stream(client, video)
    assert second.status_code == 200
    second.close()


def test_there_is_no_stream_of_what_is_not_there(client: Client) -> None:
    assert client.get("/api/express/videos/nothing/events").status_code == 404
