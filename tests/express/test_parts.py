"""A long video that several workers make together: cut, rendered in parts, joined, and nothing of it left over."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from django.test import Client
from django.utils import timezone

from engine import speak
from express import services, tasks, transitions
from express.inputs import VideoRequest
from express.models import Kind, Part, Status, Video, Worker
from express.parts import cutting, work
from express.parts import transitions as parts
from express.routing import GPU_QUEUE

pytestmark = pytest.mark.django_db(transaction=True)  # the heartbeat's thread has to see the rows
TEXT = "One sentence comes first. Then there is another one, and a last one."
QUICK = {"fps": 10.0, "resolution": 208}


@pytest.fixture(autouse=True)
def sent(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The messages to the workers, of which there are two, each with one slot."""
    settings.SPLIT_ABOVE_S = 2.0
    monkeypatch.setattr(cutting, "SHORTEST_PART_S", 1.0)
    for name in ("here:1", "there:1"):
        Worker.objects.create(id=name, name=name, queues=["render"], slots=1, seen_at=timezone.now())
    messages: list[int] = []
    monkeypatch.setattr(tasks.render_part, "apply_async", lambda args, queue: messages.append(args[0]))
    return messages


def cut(photo: bytes, **fields: Any) -> Video:
    """A video that a worker has cut, and of which it has done the sound."""
    request = VideoRequest(**{"photo": photo, "text": TEXT, "options": QUICK} | fields)
    video = services.create_video(request, enqueue=False)
    work.make_next("render", tasks.send_parts)
    video.refresh_from_db()
    return video


def do_all(messages: list[int]) -> None:
    while messages:
        tasks.render_part(messages.pop(0))


def stored(media_root: Path) -> list[Path]:
    return [path for path in (media_root / "parts").rglob("*") if path.is_file()]


def frames_of(video: Video) -> int:
    with av.open(io.BytesIO(video.result.read())) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}
        return sum(1 for _ in container.decode(video=0))


def silent(part: Part) -> Part:
    """The part, begun by a worker that has not been heard of since."""
    assert parts.claim(part, "gone:1")
    Part.objects.filter(pk=part.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    return part


def test_a_long_video_is_made_in_parts_of_which_nothing_stays(photo: bytes, media_root: Path, sent: list[int]) -> None:
    video = cut(photo, options=QUICK | {"captions": "burned"})
    assert (video.status, Part.objects.filter(kind=Kind.FRAMES).count(), len(sent)) == (Status.PROCESSING, 2, 2)
    do_all(sent)
    video.refresh_from_db()
    assert video.status == Status.COMPLETED, video.error
    assert frames_of(video) == round(speak(TEXT).duration_s * 10 + 0.499)
    assert video.duration_s == pytest.approx(speak(TEXT).duration_s, abs=0.1)
    assert (video.width, video.height, video.fps) == (208, 208, 10)
    assert video.poster.read().startswith(b"\xff\xd8")
    assert video.captions()[0].text.startswith("One sentence")
    assert {"render", "encode", "total"} <= set(video.timings)
    assert Part.objects.count() == 0
    assert stored(media_root) == []


@pytest.mark.parametrize(
    ("duration_s", "workers", "count"),
    [(300, 1, 1), (1, 8, 1), (10, 4, 4), (60, 2, 2), (61, 2, 4), (300, 3, 12), (20, 100, 20)],
)
def test_every_worker_gets_as_many_parts_as_the_others(duration_s: float, workers: int, count: int) -> None:
    assert cutting.how_many(duration_s, workers) == count


def test_those_that_wait_for_the_same_get_it_once_the_parts_are_joined(photo: bytes, sent: list[int]) -> None:
    video = cut(photo)
    same = services.create_video(VideoRequest(photo=photo, text=TEXT, options=QUICK), enqueue=False)
    assert transitions.claim_next("render", "there:1") is None
    do_all(sent)
    video.refresh_from_db()
    same.refresh_from_db()
    assert (same.status, same.reused, same.result.name) == (Status.COMPLETED, True, video.result.name)
    assert same.render_s is not None


@pytest.mark.parametrize("ends", [transitions.cancel, lambda video: transitions.fail(video, {}, rejected=False)])
def test_those_that_wait_for_the_same_are_rendered_when_it_ends_without_a_result(
    photo: bytes, sent: list[int], ends: Callable[[Video], Any], monkeypatch: Any
) -> None:
    tickets: list[str] = []
    monkeypatch.setattr(tasks.render_video, "apply_async", lambda args, queue: tickets.append(queue))
    video = cut(photo)
    same = services.create_video(VideoRequest(photo=photo, text=TEXT, options=QUICK), enqueue=False)
    tasks.render_part(sent.pop(0))
    assert tickets == [], "it may still come"
    ends(video)
    do_all(sent)
    assert tickets == ["render"]
    assert work.make_next("render", tasks.send_parts)
    do_all(sent)
    same.refresh_from_db()
    assert (same.status, same.reused) == (Status.COMPLETED, False)


def test_nothing_is_cut_where_that_is_switched_off(settings: Any) -> None:
    settings.SPLIT_ABOVE_S = 0.0
    assert cutting.how_many(300, 4) == 1


def test_no_more_messages_are_out_than_there_are_workers(photo: bytes, sent: list[int], monkeypatch: Any) -> None:
    monkeypatch.setattr(cutting, "PART_S", 0.8)
    video = cut(photo)
    assert Part.objects.filter(kind=Kind.FRAMES).count() == 5
    assert len(sent) == 2
    assert parts.take_due(video) == []
    tasks.render_part(sent.pop(0))
    assert len(sent) == 2


def test_the_longest_parts_are_done_first(photo: bytes, sent: list[int], monkeypatch: Any) -> None:
    monkeypatch.setattr(cutting, "PART_S", 0.8)
    video = cut(photo)
    lengths = [part.last - part.first for part in Part.objects.filter(kind=Kind.FRAMES)]
    assert len(set(lengths)) > 1
    done = []
    while sent:
        done.append(Part.objects.get(pk=sent.pop(0)))
        tasks.render_part(done[-1].pk)
    assert [part.last - part.first for part in done if part.kind == Kind.FRAMES] == sorted(lengths, reverse=True)
    video.refresh_from_db()
    assert video.status == Status.COMPLETED


def test_a_part_is_done_by_one_worker(photo: bytes, sent: list[int]) -> None:
    cut(photo)
    part = Part.objects.get(pk=sent[0])
    assert parts.claim(part, "one:1")
    assert not parts.claim(Part.objects.get(pk=sent[0]), "other:1")


def test_what_a_dead_worker_had_is_done_again_and_nothing_else(photo: bytes, sent: list[int]) -> None:
    video = cut(photo)
    first, second = sent
    tasks.render_part(first)
    done = Part.objects.get(pk=first).completed_at
    lost = silent(Part.objects.get(pk=second))
    sent.clear()
    assert services.requeue_lost() == 0
    assert services.recover_parts() == 1
    assert sent == [second]
    assert not parts.beat(lost, "frames", 0.5)  # should it come back
    do_all(sent)
    video.refresh_from_db()
    assert (video.status, video.attempt) == (Status.COMPLETED, 1)
    assert done is not None


def test_a_part_that_kills_its_workers_fails_the_video(photo: bytes, media_root: Path, sent: list[int]) -> None:
    video = cut(photo)
    for _ in range(3):
        silent(Part.objects.get(pk=sent[0]))
        services.recover_parts()
    video.refresh_from_db()
    assert (video.status, video.error["code"]) == (Status.FAILED, "worker_crashed")
    services.recover_parts()
    assert (Part.objects.count(), stored(media_root)) == (0, [])


def test_a_message_that_the_broker_did_not_take_is_sent_again(photo: bytes, sent: list[int], monkeypatch: Any) -> None:
    def away(args: Any, queue: str) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(tasks.render_part, "apply_async", away)
        cut(photo)
    assert sent == []
    services.recover_parts()
    assert len(sent) == 2


def test_parts_whose_workers_with_a_gpu_are_gone_are_done_by_the_others(
    photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = cut(photo)
    queues: list[str] = []
    monkeypatch.setattr(tasks.render_part, "apply_async", lambda args, queue: queues.append(queue))
    Video.objects.filter(pk=video.pk).update(queue=GPU_QUEUE)
    services.recover_parts()
    assert queues == ["render"] * 2


def test_a_canceled_video_takes_its_parts_along(photo: bytes, media_root: Path, sent: list[int]) -> None:
    video = cut(photo)
    part = Part.objects.get(pk=sent[0])
    assert parts.claim(part, "one:1")
    assert transitions.cancel(video)
    assert not parts.beat(part, "frames", 0.5)  # so that its worker stops
    do_all(sent)
    services.recover_parts()
    assert (Part.objects.count(), stored(media_root)) == (0, [])


def test_deleting_a_video_deletes_its_parts_at_once(photo: bytes, media_root: Path) -> None:
    video = cut(photo)
    services.delete_video(video)
    assert (Part.objects.count(), stored(media_root)) == (0, [])


def test_the_video_s_progress_is_the_mean_of_its_parts(photo: bytes, sent: list[int]) -> None:
    video = cut(photo)
    for pk, progress in zip(sent, (0.5, 0.3), strict=True):
        part = Part.objects.get(pk=pk)
        assert parts.claim(part, "one:1")
        Video.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=1))
        assert parts.beat(part, "frames", progress)
    video.refresh_from_db()
    assert video.progress == pytest.approx(0.4, abs=0.03)
    assert video.stage == "frames"


def test_what_is_wrong_with_a_part_is_wrong_with_the_video(photo: bytes, sent: list[int]) -> None:
    video = cut(photo)
    video.photo.storage.delete(video.photo.name)
    tasks.render_part(sent[0])
    video.refresh_from_db()
    assert (video.status, video.error["code"]) == (Status.FAILED, "internal_error")


def test_the_admin_shows_who_does_which_part(photo: bytes, sent: list[int], admin_client: Client) -> None:
    video = cut(photo)
    part = Part.objects.get(pk=sent[0])
    assert parts.claim(part, "one:1")
    page = admin_client.get(f"/admin/express/video/{video.pk}/change/").content.decode()
    assert f"frames {part.number}: 0% one:1" in page
