"""A video's changes of state, each one conditional update: True for the one process that made it happen.

`attempt` is the fencing token. A worker that was taken for dead and replaced holds an old attempt,
so nothing that it writes later can touch the row.
"""

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from express import webhooks
from express.files import told_as_unavailable
from express.models import Status, Video, VideoQuerySet

if TYPE_CHECKING:
    from engine import Rendered

CLAIM_TRIES, CLAIM_AGAIN_S = 50, 0.02


def claim_next(queue: str, worker: str) -> Video | None:
    """Claim the video whose turn it is among those that wait in `queue`; None when none does.

    PostgreSQL passes over rows that others are claiming; SQLite lets one claim at a time. Either way each caller
    gets a video of its own while there are enough.
    """
    waiting = Video.objects.waiting().filter(~Exists(_TWIN_AT_WORK), queue=queue)
    for _ in range(CLAIM_TRIES):
        with transaction.atomic():
            video = waiting.select_for_update(skip_locked=True).first()
            if video is not None and claim(video, worker):
                return video
        if not waiting.exists():
            break
        time.sleep(CLAIM_AGAIN_S)  # others hold the last ones; what they let go of is ours
    return None


def share(video: Video) -> bool:
    """queued or processing -> completed with the files of an earlier video that is the same; False if there is none."""
    unchanged = Video.objects.running().filter(pk=video.pk, status=video.status, attempt=video.attempt)
    with transaction.atomic():
        twin = twin_of(video)
        if twin is None:
            return False
        began = video.started_at or timezone.now()
        return _end(unchanged, video, status=Status.COMPLETED, started_at=began, **shared(twin))


def twin_of(video: Video) -> Video | None:
    """Return an earlier video that is the same and has its files, locked until the transaction ends.

    Raises StorageUnavailable when nobody can tell whether the files are there.
    """
    twin = Video.objects.like(video).reusable().select_for_update().first()
    with told_as_unavailable():
        is_there = twin is not None and all(file.storage.exists(str(file.name)) for file in (twin.result, twin.poster))
    return twin if is_there else None


def shared(twin: Video) -> dict[str, Any]:
    """Return what a video has of an earlier one that is the same. Whoever takes it holds the twin's lock."""
    now = timezone.now()
    taken = {name: getattr(twin, name) for name in _SHARED}
    return taken | {"stage": "", "progress": 1.0, "reused": True, "completed_at": now, "expires_at": _expiry(now)}


def claim(video: Video, worker: str) -> bool:
    """queued -> processing. The one worker that gets True renders the video; redelivery is harmless."""
    now = timezone.now()
    won = Video.objects.filter(pk=video.pk, status=Status.QUEUED).update(
        status=Status.PROCESSING,
        worker=worker,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat_at=now,
        stage="",
        progress=0.0,
    )
    if won:
        video.refresh_from_db()
    return won == 1


def beat(video: Video, stage: str, progress: float) -> bool:
    """Say that the worker lives and how far it is. False: the video is no longer this worker's."""
    return _mine(video).update(heartbeat_at=timezone.now(), stage=stage, progress=progress) == 1


def holds(video: Video) -> bool:
    """Whether the video is still this worker's."""
    return _mine(video).exists()


def complete(video: Video, rendered: "Rendered", *, result: str, sha256: str, poster: str) -> bool:
    """processing -> completed, with the storage names of its files."""
    now = timezone.now()
    return _end(
        _mine(video),
        video,
        status=Status.COMPLETED,
        stage="",
        progress=1.0,
        completed_at=now,
        expires_at=_expiry(now),
        result=result,
        result_sha256=sha256,
        poster=poster,
        duration_s=rendered.duration_s,
        width=rendered.width,
        height=rendered.height,
        fps=rendered.fps,
        provider=rendered.provider,
        cues=[asdict(cue) for cue in rendered.cues],
        timings={stage: round(seconds, 3) for stage, seconds in rendered.timings.items()},
    )


def fail(video: Video, error: dict[str, Any], *, rejected: bool) -> bool:
    """processing -> rejected (the input cannot be used) or failed (our side failed)."""
    now = timezone.now()
    status = Status.REJECTED if rejected else Status.FAILED
    return _end(_mine(video), video, status=status, error=error, completed_at=now, expires_at=_expiry(now))


def cancel(video: Video) -> bool:
    """queued or processing -> canceled. A worker that has it stops at its next heartbeat."""
    now = timezone.now()
    running = Video.objects.running().filter(pk=video.pk)
    return _end(running, video, status=Status.CANCELED, completed_at=now, expires_at=_expiry(now))


def requeue(video: Video) -> bool:
    """processing -> queued, when its worker died. It keeps its turn, which is at the head of the queue."""
    return _mine(video).update(**_WAITING, crashes=F("crashes") + 1) == 1


def hand_back(video: Video) -> bool:
    """processing -> queued, when its worker was told to end: nobody's fault."""
    return _mine(video).update(**_WAITING) == 1


def retry(video: Video, turn: float) -> bool:
    """failed or canceled -> queued, with a new turn. `attempt` goes on: a worker that still has it stays fenced off."""
    return (
        Video.objects.retryable()
        .filter(pk=video.pk)
        .update(**_WAITING, crashes=0, turn=turn, error=None, completed_at=None, expires_at=None)
        == 1
    )


_SHARED = (
    *("result", "result_sha256", "poster", "cues", "duration_s", "width", "height", "fps", "provider", "timings"),
)
# One that is rendered already is not rendered twice: whoever renders it then takes those that wait for the same.
_TWIN_AT_WORK = (
    Video.objects.filter(
        status=Status.PROCESSING,
        fingerprint=OuterRef("fingerprint"),
        client=OuterRef("client"),
    )
    .exclude(fingerprint="")
    .order_by()
)

_WAITING: dict[str, Any] = {
    "status": Status.QUEUED,
    "worker": "",
    "stage": "",
    "progress": 0.0,
    "enqueued_at": None,
    "started_at": None,
    "heartbeat_at": None,
}


def _end(rows: VideoQuerySet, video: Video, **fields: Any) -> bool:
    """Any state -> a final one. Whom to tell of it is noted in the same transaction, so that no end goes untold."""
    with transaction.atomic():
        done = rows.update(**fields) == 1
        if done and video.callback_url:
            webhooks.note(video.pk, f"video.{fields['status']}")
    return done


def _mine(video: Video) -> VideoQuerySet:
    return Video.objects.filter(pk=video.pk, status=Status.PROCESSING, attempt=video.attempt)


def _expiry(now: datetime) -> datetime | None:
    return now + timedelta(days=settings.VIDEO_KEEP_DAYS) if settings.VIDEO_KEEP_DAYS > 0 else None
