"""GET and HEAD /api/express/video/{id}: ranges, ETags, and what there is instead of a video."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from express.models import Status, Video
from tests import factories

CONTENT = bytes(range(256)) * 8
pytestmark = pytest.mark.django_db


def get(client: Client, video: Video, **headers: str) -> Any:
    answer = client.get(f"/api/express/video/{video.pk}", headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer.body = answer.getvalue()
    return answer


@pytest.fixture
def video() -> Video:
    return factories.completed_video(CONTENT)


def test_it_serves_the_whole_file(client: Client, video: Video) -> None:
    answer = get(client, video)
    assert (answer.status_code, answer.body) == (200, CONTENT)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert str(video.pk) in answer.headers["Content-Disposition"]
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        *[("bytes=0-99", 0, 99), ("bytes=0-0", 0, 0), ("bytes=100-", 100, 2047)],
        *[("bytes=-10", 2038, 2047), ("bytes=-99999", 0, 2047), ("bytes=2000-9999", 2000, 2047)],
    ],
)
def test_it_serves_a_range(client: Client, video: Video, wanted: str, first: int, last: int) -> None:
    answer = get(client, video, range=wanted)
    assert (answer.status_code, answer.body) == (206, CONTENT[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("wanted", ["bytes=2048-", "bytes=9999-10000", "bytes=-0"])
def test_it_answers_416_outside_the_file(client: Client, video: Video, wanted: str) -> None:
    answer = get(client, video, range=wanted)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
    assert answer.json()["error"]["code"] == "range_not_satisfiable"


@pytest.mark.parametrize("wanted", ["bytes=9-3", "bytes=0-1,5-9", "lines=1-2", "bytes=-", "bytes=a-b"])
def test_it_serves_the_whole_file_for_a_range_that_it_does_not_take(client: Client, video: Video, wanted: str) -> None:
    answer = get(client, video, range=wanted)
    assert (answer.status_code, answer.body) == (200, CONTENT)


def test_it_answers_304_to_who_has_it(client: Client, video: Video) -> None:
    etag = get(client, video).headers["ETag"]
    answer = get(client, video, if_none_match=etag)
    assert (answer.status_code, answer.body, answer.headers["ETag"]) == (304, b"", etag)


def test_it_ignores_a_range_of_another_file(client: Client, video: Video) -> None:
    etag = get(client, video).headers["ETag"]
    assert get(client, video, range="bytes=0-9", if_range=etag).status_code == 206
    assert get(client, video, range="bytes=0-9", if_range='"another"').status_code == 200


def test_head_says_the_same_without_the_bytes(client: Client, video: Video) -> None:
    whole = get(client, video)
    head = client.head(f"/api/express/video/{video.pk}")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("make", [factories.queued_video, factories.processing_video])
def test_it_answers_202_in_json_while_the_video_is_made(client: Client, make: Any) -> None:
    video = make()
    answer = get(client, video)
    assert (answer.status_code, answer.json()["status"]) == (202, video.status)
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.FAILED, "some_fault"), (Status.REJECTED, "some_fault"), (Status.CANCELED, "canceled")],
)
def test_it_answers_404_with_the_reason_when_there_is_no_video(client: Client, status: Status, code: str) -> None:
    answer = get(client, factories.ended_video(status))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


@pytest.mark.parametrize("video_id", [str(uuid.uuid4()), "nonsense", "0"])
def test_it_answers_404_to_an_unknown_id(client: Client, video_id: str) -> None:
    for address in (f"/api/express/video/{video_id}", f"/api/express/videos/{video_id}"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "video_not_found")


def test_it_answers_410_after_the_time_is_over(client: Client) -> None:
    video = factories.completed_video(expires_at=timezone.now() - timedelta(seconds=1))
    for address in (f"/api/express/video/{video.pk}", f"/api/express/videos/{video.pk}"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "video_gone")


def test_the_json_tells_everything_about_a_completed_video(client: Client, video: Video) -> None:
    answer = client.get(f"/api/express/videos/{video.pk}")
    told = answer.json()
    assert told["status"] == "completed"
    assert told["progress"] == 100
    assert (told["width"], told["height"], told["fps"], told["duration"]) == (512, 512, 25.0, 1.0)
    assert told["queue_position"] is None
    assert told["error"] is None
    assert told["video_url"] == f"http://testserver/api/express/video/{video.pk}"
    thumbnail = client.get(told["thumbnail_url"])
    assert (thumbnail.status_code, thumbnail.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_json_of_a_failed_video_holds_its_error(client: Client) -> None:
    video = factories.ended_video(Status.FAILED)
    assert client.get(f"/api/express/videos/{video.pk}").json()["error"]["hint"] == "Mend it."


def test_deleting_removes_files_and_words_and_keeps_the_address(client: Client, video: Video) -> None:
    names = [file.name for file in video.files()]
    storage = video.photo.storage
    assert client.delete(f"/api/express/videos/{video.pk}").status_code == 204
    assert not any(storage.exists(name) for name in names)
    video.refresh_from_db()
    assert (video.text, video.user_data) == ("", "")
    assert client.get(f"/api/express/video/{video.pk}").status_code == 410
    assert client.delete(f"/api/express/videos/{video.pk}").status_code == 204


def test_an_ended_video_cannot_be_canceled(client: Client, video: Video) -> None:
    answer = client.post(f"/api/express/videos/{video.pk}/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_ended")
