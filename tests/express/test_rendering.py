"""What a worker does with a video: the real renderer, the real models, this process."""

import errno
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command

from express import leaving, rendering, services, transitions
from express.inputs import VideoRequest
from express.models import Status, Video
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)  # the heartbeat's thread has to see the row
QUICK = {"fps": 10.0, "resolution": 256}


def created(photo: bytes, **fields: Any) -> Video:
    return services.create_video(
        VideoRequest(**{"photo": photo, "text": "Hi.", "options": QUICK} | fields), enqueue=False
    )


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """away(folder, then): its files cannot be reached; `then` happens when somebody notices."""

    def fail(folder: str, then: Callable[[], object]) -> None:
        def wrapped(name: str) -> None:
            real = getattr(default_storage, name)

            def refuse(file: str, *args: Any, **options: Any) -> Any:
                if not file.startswith(folder):
                    return real(file, *args, **options)
                then()
                raise OSError(errno.EIO, "the bucket does not answer")

            monkeypatch.setattr(FileSystemStorage, name, lambda self, *args, **options: refuse(*args, **options))

        for name in ("open", "save"):
            wrapped(name)

    yield fail
    leaving.stay()


def test_a_rendered_video_has_its_files_and_figures(photo: bytes) -> None:
    video = created(photo)
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert video.status == Status.COMPLETED
    with av.open(io.BytesIO(video.result.read())) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (video.width, video.height) == (256, 256)
    assert video.poster.read().startswith(b"\xff\xd8")
    assert len(video.result_sha256) == 64
    assert video.speed is not None
    assert video.timings["total"] > 0


def test_a_second_delivery_renders_nothing(photo: bytes) -> None:
    video = created(photo)
    rendering.render_video(video.pk)
    video.refresh_from_db()
    first = video.result.name
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert (video.result.name, video.attempt) == (first, 1)


def test_what_the_engine_refuses_is_rejected_with_its_reason_and_forgotten(media_root: Path) -> None:
    video = factories.queued_video(photo=ContentFile(factories.landscape_jpeg(), "photo"))
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert (video.status, video.error["code"]) == (Status.REJECTED, "face_not_found")
    assert video.error["hint"]
    assert [path for path in media_root.rglob("*") if path.is_file()] == []


def test_a_fault_of_ours_fails_the_video_without_telling_its_inside(
    photo: bytes, media_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    video = created(photo)
    video.photo.storage.delete(video.photo.name)
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert (video.status, video.error["code"], video.error["retryable"]) == (Status.FAILED, "internal_error", True)
    assert str(media_root) not in str(video.error)
    assert "FileNotFoundError" in caplog.text  # for who runs the service


def test_a_video_that_was_taken_away_in_mid_job_leaves_no_file(photo: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    video = created(photo)
    real = transitions.complete

    def too_late(video: Video, *args: Any, **kwargs: Any) -> bool:
        transitions.cancel(video)
        return real(video, *args, **kwargs)

    monkeypatch.setattr(transitions, "complete", too_late)
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert video.status == Status.CANCELED
    storage = video.photo.storage
    assert not any(storage.exists(folder) and storage.listdir(folder)[1] for folder in ("videos", "posters"))


def test_a_video_that_takes_too_long_fails(photo: bytes, settings: Any) -> None:
    settings.RENDER_TIME_LIMIT_S = 0
    video = created(photo)
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert (video.status, video.error["code"]) == (Status.FAILED, "render_timeout")


@pytest.mark.parametrize("folder", ["photos", "videos"])
def test_a_worker_that_ends_while_the_storage_is_away_hands_its_video_back(
    folder: str, photo: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch, away: Callable[..., None]
) -> None:
    settings.OUTAGE_PATIENCE_S = 3600
    video = created(photo)
    away(folder, lambda: leaving.leave_in(0))
    assert not rendering.render_next("render")
    video.refresh_from_db()
    assert (video.status, video.crashes, video.error) == (Status.QUEUED, 0, None)
    leaving.stay()
    monkeypatch.undo()
    assert rendering.render_next("render")
    video.refresh_from_db()
    assert (video.status, video.crashes) == (Status.COMPLETED, 0)


def test_a_cancel_is_heard_while_the_storage_is_away(photo: bytes, settings: Any, away: Callable[..., None]) -> None:
    settings.OUTAGE_PATIENCE_S = 3600
    video = created(photo)
    away("videos", lambda: transitions.cancel(video))
    assert rendering.render_next("render")
    video.refresh_from_db()
    assert (video.status, video.result.name) == (Status.CANCELED, "")


def test_an_unknown_id_is_passed_over() -> None:
    import uuid

    rendering.render_video(uuid.uuid4())


def test_talk_writes_the_video_of_a_photo(photo: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "me.jpg", tmp_path / "talking.mp4"
    source.write_bytes(photo)
    call_command("talk", str(source), "--now", "--text", "Hi.", "--fps", "10", "--resolution", "256", "-o", str(target))
    with av.open(str(target)) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nobody"], "unknown_avatar"), (["no-such-file.jpg"], "No such file"), (["nobody", "--fps", "0"], "fps")],
)
def test_talk_says_in_words_what_is_wrong(arguments: list[str], code: str) -> None:
    with pytest.raises(CommandError, match=code):
        call_command("talk", *arguments, "--now")
