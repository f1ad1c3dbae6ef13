"""GET /api/express/videos and POST …/retry."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from express import services, tasks
from express.models import ApiKey, Status
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "/api/express/videos"


@pytest.fixture
def key() -> dict[str, str]:
    return {"X-Api-Key": ApiKey.issue(name="Owner")[1]}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody renders here."""
    monkeypatch.setattr(tasks.render_video, "delay", lambda video_id: None)


def test_a_key_lists_its_own_videos_newest_first(client: Client, key: dict[str, str]) -> None:
    owner, stranger = ApiKey.objects.get(), ApiKey.issue(name="Stranger")[0]
    ours = [factories.queued_video(owner=owner, photo="", user_data=str(number)) for number in range(5)]
    factories.queued_video(owner=stranger, photo="")
    factories.queued_video(photo="")
    listed: list[str] = []
    token = None
    pages = 0
    while pages == 0 or token:
        page = client.get(LIST, {"limit": "2"} | ({"token": token} if token else {}), headers=key).json()
        listed += [video["id"] for video in page["videos"]]
        token, pages = page["next_token"], pages + 1
        factories.queued_video(owner=owner, photo="")  # what comes in meanwhile moves no page
    assert listed == [str(video.pk) for video in reversed(ours)]
    assert pages == 3


def test_the_list_can_be_asked_for_one_status(client: Client, key: dict[str, str]) -> None:
    owner = ApiKey.objects.get()
    factories.queued_video(owner=owner, photo="")
    failed = factories.ended_video(Status.FAILED, owner=owner, photo="")
    page = client.get(LIST, {"status": "failed"}, headers=key).json()
    assert [video["id"] for video in page["videos"]] == [str(failed.pk)]


def test_without_a_key_there_is_no_list(client: Client) -> None:
    factories.queued_video(photo="")
    answer = client.get(LIST)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"token": "x"}, {"token": "1-1"}, {"status": "x"}])
def test_a_query_that_is_none_is_refused(client: Client, key: dict[str, str], query: dict[str, str]) -> None:
    answer = client.get(LIST, query, headers=key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_option")


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELED])
def test_what_failed_or_was_canceled_goes_back_to_the_queue(client: Client, status: Status) -> None:
    video = factories.ended_video(status, crashes=3)
    answer = client.post(f"{LIST}/{video.pk}/retry")
    assert (answer.status_code, answer.json()["status"], answer.json()["error"]) == (202, "queued", None)
    assert answer.headers["Location"] == f"/api/express/video/{video.pk}"


def test_nothing_else_is_tried_again(client: Client) -> None:
    videos: list[Any] = [
        factories.queued_video(),
        factories.processing_video(),
        factories.completed_video(),
        factories.ended_video(Status.REJECTED),
        factories.ended_video(Status.FAILED, photo=""),
    ]
    for video in videos:
        answer = client.post(f"{LIST}/{video.pk}/retry")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_retryable")
    gone = factories.ended_video(Status.FAILED)
    services.delete_video(gone)
    over = factories.ended_video(Status.FAILED, expires_at=timezone.now() - timedelta(seconds=1))
    assert [client.post(f"{LIST}/{video.pk}/retry").status_code for video in (gone, over)] == [410, 410]


def test_the_admin_tries_again_too(admin_client: Client) -> None:
    video = factories.ended_video(Status.FAILED)
    admin_client.post("/admin/express/video/", {"action": "retry", "_selected_action": [str(video.pk)]})
    video.refresh_from_db()
    assert video.status == Status.QUEUED


def test_a_page_of_waiting_videos_looks_the_queue_up_once(
    client: Client, key: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    owner = ApiKey.objects.get()
    for _ in range(30):
        factories.queued_video(photo="", owner=owner)
    with django_assert_max_num_queries(8):
        page = client.get(LIST, {"limit": "30"}, headers=key).json()
    assert sorted(video["queue_position"] for video in page["videos"]) == list(range(1, 31))
