"""POST /api/express/create against the running service."""

import io
import time

import av
import pytest

from tests import factories
from tests.live import LiveService

ASYNC = {"Prefer": "respond-async"}


def duration_s(mp4: bytes) -> float:
    with av.open(io.BytesIO(mp4)) as container:
        assert container.duration is not None
        return container.duration / av.time_base


def test_a_photo_alone_says_the_greeting(live_service: LiveService, photo: bytes) -> None:
    answer = live_service.create(image=photo)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["ETag"]
    assert duration_s(answer.content) > 3
    video_id = answer.headers["X-Video-Id"]
    assert answer.headers["Content-Location"] == f"/api/express/video/{video_id}"
    again = live_service.client.get(answer.headers["Content-Location"])
    assert again.content == answer.content
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_a_photo_says_the_text_in_the_voice_that_was_named(live_service: LiveService, photo: bytes) -> None:
    voices = [voice["id"] for voice in live_service.client.get("/api/voices").json()]
    spoken = [live_service.create(image=photo, text="Good morning!", voice_id=voice) for voice in voices[:2]]
    assert [answer.status_code for answer in spoken] == [200] * len(spoken)
    assert len({answer.content for answer in spoken}) == len(spoken)


def test_a_photo_says_the_recording(live_service: LiveService, photo: bytes) -> None:
    audio = factories.spoken_wav("This is what I recorded.")
    answer = live_service.create(image=photo, audio=audio, text="Not this.")
    assert answer.status_code == 200, answer.text
    recorded_s = (len(audio) - 44) / 2 / 16_000
    assert duration_s(answer.content) == pytest.approx(recorded_s, abs=0.1)


def test_an_avatar_says_the_text(live_service: LiveService) -> None:
    avatar = live_service.client.get("/api/avatars").json()[0]["id"]
    answer = live_service.create(avatar_id=avatar, text="Hi.")
    assert answer.status_code == 200, answer.text


def test_who_does_not_want_to_wait_gets_an_address_to_ask(live_service: LiveService, photo: bytes) -> None:
    began = time.monotonic()
    answer = live_service.create(image=photo, text="One moment.", user_data="mine", headers=ASYNC)
    assert answer.status_code == 202
    address = answer.headers["Location"]
    assert time.monotonic() - began < 30
    first = live_service.client.get(address)
    if first.status_code != 200:
        assert (first.status_code, first.headers["Content-Type"]) == (202, "application/json")
        assert int(first.headers["Retry-After"]) >= 1
    video = live_service.wait_for(answer.json()["id"])
    assert (video["status"], video["progress"], video["user_data"]) == ("completed", 100, "mine")
    assert set(video["timings"]) >= {"photo", "face", "rig", "motion", "render", "encode", "total"}
    mp4 = live_service.client.get(video["video_url"])
    assert mp4.status_code == 200
    assert duration_s(mp4.content) == pytest.approx(video["duration"], abs=0.1)
    thumbnail = live_service.client.get(video["thumbnail_url"])
    assert thumbnail.headers["Content-Type"] == "image/jpeg"
    assert thumbnail.content.startswith(b"\xff\xd8")


def test_a_wait_that_runs_out_ends_in_202_and_the_video_still_comes(live_service: LiveService, photo: bytes) -> None:
    answer = live_service.create(image=photo, text="Too slow for no time at all.", headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=0"
    assert live_service.wait_for(answer.json()["id"])["status"] == "completed"


def test_the_same_request_gives_the_same_frames(live_service: LiveService, photo: bytes) -> None:
    form = {"image": photo, "text": "Again.", "seed": 3, "fps": 12}
    fresh = {"Cache-Control": "no-cache"}
    first, second = (live_service.create(**form, headers=fresh) for _ in range(2))
    assert first.headers["ETag"] == second.headers["ETag"]


def test_the_same_request_is_answered_by_the_first_one_s_video(live_service: LiveService, photo: bytes) -> None:
    first, second = (live_service.create(image=photo, text="Once.", fps=12) for _ in range(2))
    assert first.content == second.content
    assert first.headers["X-Video-Id"] != second.headers["X-Video-Id"]
    shown = live_service.client.get(f"/api/express/videos/{second.headers['X-Video-Id']}").json()
    assert (shown["reused"], shown["progress"]) == (True, 100)
    live_service.client.delete(f"/api/express/videos/{first.headers['X-Video-Id']}")
    assert live_service.client.get(second.headers["Content-Location"]).content == second.content


def test_a_canceled_video_answers_404_and_says_so(live_service: LiveService, photo: bytes) -> None:
    answer = live_service.create(image=photo, text="Never mind. " * 60, headers=ASYNC)
    address = f"/api/express/videos/{answer.json()['id']}"
    canceled = live_service.client.post(f"{address}/cancel")
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    video = live_service.client.get(answer.headers["Location"])
    assert (video.status_code, video.json()["error"]["code"]) == (404, "canceled")
    # The worker is free for the next one at once, not when the long text is rendered.
    assert live_service.create(image=photo, text="Next.").status_code == 200


def test_a_deleted_video_answers_410_and_leaves_no_file(live_service: LiveService, photo: bytes) -> None:
    answer = live_service.create(image=photo, text="Forget me.")
    before = live_service.files()
    video_id = answer.headers["X-Video-Id"]
    assert live_service.client.delete(f"/api/express/videos/{video_id}").status_code == 204
    gone = live_service.client.get(f"/api/express/video/{video_id}")
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "video_gone")
    assert len(before - live_service.files()) == 3  # photo, video, poster


def test_the_video_comes_in_the_format_that_was_asked_for(live_service: LiveService, photo: bytes) -> None:
    answer = live_service.create(image=photo, text="Hi.", output_format="webm")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "video/webm"
    with av.open(io.BytesIO(answer.content)) as container:
        assert container.streams.video[0].codec_context.name == "vp9"
    stored = live_service.client.get(answer.headers["Content-Location"])
    assert stored.headers["Content-Type"] == "video/webm"
