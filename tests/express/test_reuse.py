"""The same request is rendered once and the same photo looked at once, unless somebody does not want that."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from engine.face import find_faces
from express import analyses, rendering, services, tasks, transitions
from express.clients import Client as Asker
from express.inputs import VideoRequest
from express.models import Analysis, Status, Video
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = {"fps": 10.0, "resolution": 256}


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that faces are really looked for."""
    seen: list[int] = []

    def find(rgb: Any) -> Any:
        seen.append(1)
        return find_faces(rgb)

    monkeypatch.setattr(analyses, "find_faces", find)
    return seen


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody renders here by himself."""
    monkeypatch.setattr(tasks.render_video, "delay", lambda video_id: None)


def ask(photo: bytes, client: str = "a", **fields: Any) -> Video:
    request = VideoRequest(**{"photo": photo, "text": "Hi.", "options": QUICK} | fields)
    video = services.create_video(request, Asker(client), enqueue=False)
    video.refresh_from_db()
    return video


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


def test_the_same_request_is_rendered_once_and_each_video_can_be_deleted(photo: bytes, media_root: Path) -> None:
    first = ask(photo, user_data="one")
    rendering.render_video(first.pk)
    first.refresh_from_db()
    stored = files(media_root)
    second = ask(photo, user_data="two")
    assert (second.status, second.reused, second.user_data) == (Status.COMPLETED, True, "two")
    assert second.result.name == first.result.name
    assert second.duration_s == first.duration_s
    assert files(media_root) == stored
    services.delete_video(first)
    assert second.result.read()
    assert second.poster.read()
    assert ask(photo).reused
    for video in Video.objects.filter(removed_at=None):
        services.delete_video(video)
    assert files(media_root) == set()
    assert not ask(photo).reused


def test_who_asked_not_to_wait_gets_an_address_also_of_a_video_that_was_there(client: Client, photo: bytes) -> None:
    def create() -> Any:
        form = {"image": SimpleUploadedFile("photo.jpg", photo), "text": "Hi.", "fps": "10", "resolution": "256"}
        return client.post("/api/express/create", form, headers={"Prefer": "respond-async"})

    rendering.render_video(create().json()["id"])
    again = create()
    assert (again.status_code, again.json()["status"], again.json()["reused"]) == (202, "completed", True)
    assert client.get(again.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "other", [{"text": "Ho."}, {"options": QUICK | {"seed": 1}}, {"client": "b"}, {"reuse": False}]
)
def test_what_differs_is_made_anew(photo: bytes, other: dict[str, Any]) -> None:
    first = ask(photo)
    transitions.claim(first, "a:1")
    fields = {name: getattr(factories.completed_video(), name) for name in ("result", "poster", "completed_at")}
    Video.objects.filter(pk=first.pk).update(status=Status.COMPLETED, duration_s=1.0, width=2, height=2, **fields)
    assert ask(photo).reused
    assert not ask(photo, **other).reused


def test_nobody_gets_a_video_that_is_gone_or_over(photo: bytes) -> None:
    first = ask(photo)
    rendering.render_video(first.pk)
    Video.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not ask(photo).reused


def test_nobody_gets_a_video_whose_files_are_gone(photo: bytes) -> None:
    first = ask(photo)
    rendering.render_video(first.pk)
    first.refresh_from_db()
    waiting = Video.objects.create(fingerprint=first.fingerprint, client=first.client, photo=first.photo, text="Hi.")
    first.result.storage.delete(first.result.name)
    assert not ask(photo).reused
    transitions.claim(waiting, "a:1")
    assert not transitions.share(waiting)


def test_both_can_be_switched_off(photo: bytes, settings: Any, looks: list[int]) -> None:
    settings.REUSE_VIDEOS = settings.REUSE_ANALYSES = False
    first, second = ask(photo), ask(photo)
    rendering.render_video(first.pk)
    assert (first.fingerprint, second.fingerprint) == ("", "")
    assert not ask(photo).reused
    assert not Analysis.objects.exists()


def test_the_header_asks_for_a_fresh_one(client: Client, photo: bytes) -> None:
    for header, is_shared in (("", True), ("max-age=0, no-cache", False)):
        headers = {"Prefer": "respond-async"} | ({"Cache-Control": header} if header else {})
        form = {"image": SimpleUploadedFile("a.jpg", photo)}
        answer = client.post("/api/express/create", form, headers=headers)
        video = Video.objects.get(pk=answer.headers["X-Video-Id"])
        assert bool(video.fingerprint) == is_shared
        assert answer.json()["reused"] is False


def test_those_that_wait_for_the_same_are_served_by_one_rendering(photo: bytes, monkeypatch: Any) -> None:
    videos = [ask(photo) for _ in range(3)]
    rendered: list[Video] = []
    real = rendering.photo_of

    def photo_of(video: Video) -> bytes:
        rendered.append(video)
        assert transitions.claim_next("render", "b:2") is None  # no other worker makes it at the same time
        return real(video)

    monkeypatch.setattr(rendering, "photo_of", photo_of)
    rendering.render_next("render")
    assert len(rendered) == 1
    rows = list(Video.objects.filter(pk__in=[video.pk for video in videos]))
    assert {row.status for row in rows} == {Status.COMPLETED}
    assert len({row.result.name for row in rows}) == 1
    assert sorted(row.reused for row in rows) == [False, True, True]


def test_a_video_that_fails_fails_alone(photo: bytes, monkeypatch: Any) -> None:
    first, second = ask(photo), ask(photo)
    first.photo.storage.delete(first.photo.name)
    assert not rendering.render_next("render")  # the other one gets a ticket, and a task's whole time
    assert rendering.render_next("render")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.FAILED, Status.COMPLETED)


def test_the_same_photo_is_looked_at_once(client: Client, photo: bytes, looks: list[int]) -> None:
    client.post("/api/express/check", {"image": SimpleUploadedFile("a.jpg", photo), "resolution": "256"})
    video = ask(photo)
    ask(photo, client="b", text="Another text.")
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert video.status == Status.COMPLETED
    assert len(looks) == 1
    ask(photo, reuse=False)
    assert len(looks) == 2


def test_what_was_found_is_found_again_to_the_bit(photo: bytes) -> None:
    from engine.photo import open_photo

    rgb = open_photo(photo).rgb
    first, again = analyses.FaceFinder()(rgb), analyses.FaceFinder()(rgb)
    assert len(first) == len(again) == 1
    assert (first[0].landmarks_px == again[0].landmarks_px).all()
    assert (first[0].blendshapes == again[0].blendshapes).all()
    assert (first[0].box_px, first[0].pose, first[0].presence) == (again[0].box_px, again[0].pose, again[0].presence)
    assert analyses.FaceFinder()(rgb * 0) == analyses.FaceFinder()(rgb * 0) == []


def test_landmarks_go_with_the_video_or_after_an_hour(photo: bytes) -> None:
    services.delete_video(ask(photo))
    assert not Analysis.objects.exists()
    ask(photo)
    Analysis.objects.update(created_at=timezone.now() - timedelta(hours=1, seconds=1))
    assert analyses.remove_old() == 1
