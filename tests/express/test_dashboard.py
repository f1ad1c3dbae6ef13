"""The admin's first page, the workers' page, and the questions that the list of videos answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from express import disk, stats
from express.models import Status, Video, Worker
from express.models.part import Kind, Part
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now


def worker(name: str = "host:1", **fields: Any) -> Worker:
    told = {"name": f"celery@{name}", "queues": ["render"], "device": "cpu", "slots": 2, "seen_at": NOW()}
    return Worker.objects.create(id=name, **told | fields)


def completed(took_s: float = 2.0, waited_s: float = 1.0, **fields: Any) -> Video:
    end = NOW()
    start = end - timedelta(seconds=took_s)
    times = {"completed_at": end, "started_at": start, "created_at": start - timedelta(seconds=waited_s)}
    return factories.completed_video(**times | {"duration_s": 6.0} | fields)


def shown(client: Client, query: str) -> set[Video]:
    found: set[Video] = set(client.get(f"/admin/express/video/?{query}").context["cl"].result_list)
    return found


def test_the_first_page_tells_how_the_service_does(admin_client: Client) -> None:
    busy = worker()
    completed()
    factories.queued_video(photo="", created_at=NOW() - timedelta(minutes=3))
    factories.processing_video(photo="", worker=f"{busy.pk}/77", stage="frames", progress=0.4)
    failed = factories.ended_video(Status.FAILED, photo="")
    page = admin_client.get("/admin/")
    board = page.context["board"]
    figures = {card.title: (card.figure, card.tone) for card in board["cards"]}
    assert figures["Workers"] == ("1", "")
    assert figures["Waiting"] == ("1", "amber")
    assert figures["Speed"] == ("3.0 ×", "")
    assert board["made"] == 1 and board["broken"] == 1
    assert [(row["code"], row["count"]) for row in board["failures"]] == [("some_fault", 1)]
    assert shown(admin_client, board["failures"][0]["url"].partition("?")[2]) == {failed}
    text = page.content.decode()
    assert "1 of 2 places busy" in text
    assert "frames</a>" in text


def test_an_empty_service_says_what_is_missing(admin_client: Client) -> None:
    text = admin_client.get("/admin/").content.decode()
    assert "manage.py doctor" in text
    assert "None did." in text


def test_the_first_page_asks_as_often_for_many_as_for_one(
    admin_client: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    def more(number: int) -> None:
        factories.processing_video(photo="", worker=worker(f"host:{number}").pk)
        completed()
        factories.ended_video(Status.REJECTED, photo="")

    more(1)
    with django_assert_max_num_queries(16) as one:
        admin_client.get("/admin/")
    for number in range(2, 6):
        more(number)
    with django_assert_num_queries(len(one)):
        admin_client.get("/admin/")


def test_who_may_not_see_videos_sees_no_figures(client: Client) -> None:
    client.force_login(User.objects.create_user("writer", is_staff=True))
    assert "tp-board" not in client.get("/admin/").content.decode()


def test_the_workers_page_says_who_is_at_what(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    gpu = {"id": "GPU-1", "name": "NVIDIA H200", "used_mb": 2048, "total_mb": 143_360}
    busy = worker("a:1", device="cuda:0", gpus=[gpu])
    worker("b:2", seen_at=NOW() - timedelta(minutes=5))
    worker("c:3", device="")
    for number in range(3):
        factories.processing_video(photo="", worker=f"a:1/{number}", stage="frames", progress=0.5)
    factories.processing_video(photo="", worker="a:11")
    with django_assert_max_num_queries(8):
        page = admin_client.get("/admin/express/worker/").content.decode()
    for word in (">busy<", ">lost<", ">starting<", "frames 50% and 2 more", "NVIDIA H200: 2.0 of 140 GiB"):
        assert word in page
    assert "NVIDIA H200" in admin_client.get(f"/admin/express/worker/{busy.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("why=face_not_found", {"rejected"}),
        ("odd=failed", {"failed"}),
        ("odd=slow", {"slow"}),
        ("odd=waited", {"late", "stuck"}),
        ("odd=again", {"again"}),
        ("odd=lost", {"lost"}),
        ("source=recording", {"recording"}),
        ("source=avatar", set()),
        ("made=hour&status__exact=queued", {"stuck"}),
        ("made=week&odd=lost", {"lost"}),
    ],
)
def test_the_list_answers_what_people_ask(admin_client: Client, query: str, expected: set[str]) -> None:
    error = {"code": "face_not_found", "message": "", "hint": "", "details": {}, "retryable": False}
    videos = {
        "rejected": factories.ended_video(Status.REJECTED, photo="", error=error),
        "failed": factories.ended_video(Status.FAILED, photo=""),
        "slow": completed(took_s=9.0),
        "late": completed(waited_s=90.0),
        "stuck": factories.queued_video(photo="", created_at=NOW() - timedelta(minutes=2)),
        "again": completed(attempt=2),
        "lost": completed(files_missing=True),
        "recording": completed(text=""),
    }
    names = {video.pk: name for name, video in videos.items()}
    assert {names[video.pk] for video in shown(admin_client, query)} == expected


def test_the_list_of_videos_asks_as_often_for_many_as_for_one(
    admin_client: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    completed()
    with django_assert_max_num_queries(20) as one:
        admin_client.get("/admin/express/video/")
    for _ in range(5):
        completed()
        factories.processing_video(photo="")
    with django_assert_num_queries(len(one)):
        admin_client.get("/admin/express/video/")


def test_hours_without_videos_are_counted_as_well() -> None:
    completed()
    hours = stats.hourly(24)
    assert len(hours) == 24
    assert sum(good for _, good, _ in hours) == 1


def test_a_disk_that_fills_up_is_seen(admin_client: Client, settings: Any) -> None:
    settings.MIN_FREE_DISK_MB = 10**9
    assert all(room.is_short for room in disk.rooms())
    assert "tp-alarm" in admin_client.get("/admin/").content.decode()


def test_parts_of_a_long_video_count_as_work(admin_client: Client) -> None:
    video = factories.processing_video(photo="", worker="a:1")
    cut = {"video": video, "video_attempt": video.attempt, "kind": Kind.FRAMES}
    busy = {"status": Status.PROCESSING, "worker": "b:2/3", "progress": 0.25, "attempt": 1}
    busy |= {"started_at": NOW(), "heartbeat_at": NOW()}
    Part.objects.create(number=0, **cut, **busy)
    Part.objects.create(number=1, **cut)
    worker("b:2")
    (queue,) = (queue for queue in stats.queues() if queue.name == "render")
    assert queue.depth == 1
    page = admin_client.get("/admin/express/worker/").content.decode()
    assert "frames 25%" in page


def test_a_worker_for_small_things_is_not_awaited(admin_client: Client) -> None:
    worker("small:1", queues=["default"], device="")
    page = admin_client.get("/admin/express/worker/").content.decode()
    assert ">idle<" in page
