"""A part's changes of state, each one conditional update, as for videos (express/transitions.py)."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from express.models import Kind, Part, PartQuerySet, Status, Video, Worker

RESEND_AFTER = timedelta(minutes=1)  # the broker may have lost its message
TOLD_EVERY = timedelta(seconds=0.4)  # how fresh the video's progress is, however many workers tell theirs
WEIGHT_OF_FRAMES = 0.97  # of the video's progress; the rest is joining


def claim(part: Part, worker: str) -> bool:
    """queued -> processing, for one worker, while its video wants it."""
    now = timezone.now()
    won = (
        Part.objects.alive()
        .filter(pk=part.pk, status=Status.QUEUED)
        .update(
            status=Status.PROCESSING,
            worker=worker,
            attempt=F("attempt") + 1,
            started_at=now,
            heartbeat_at=now,
            progress=0.0,
        )
    )
    if won:
        part.refresh_from_db()
    return won == 1


def beat(part: Part, stage: str, progress: float) -> bool:
    """Say that the worker lives and how far it is. False: the part is no longer wanted from this worker."""
    now = timezone.now()
    if not _mine(part).update(heartbeat_at=now, progress=progress):
        return False
    _tell_video(part)
    return True


def holds(part: Part) -> bool:
    """Whether the part is still this worker's, and wanted."""
    return _mine(part).exists()


def complete(part: Part, *, file: str, poster: str, figures: dict[str, Any]) -> bool:
    """processing -> completed, with the storage names of its files."""
    end = {"status": Status.COMPLETED, "progress": 1.0, "completed_at": timezone.now()}
    return _mine(part).update(**end, file=file, poster=poster, figures=figures) == 1


def requeue(part: Part, *, crashed: bool) -> bool:
    """processing -> queued. crashed: its worker died; else it gave it back."""
    return (
        _mine(part).update(
            status=Status.QUEUED,
            worker="",
            progress=0.0,
            enqueued_at=None,
            started_at=None,
            heartbeat_at=None,
            crashes=F("crashes") + (1 if crashed else 0),
        )
        == 1
    )


def take_due(video: Video) -> list[Part]:
    """Parts for which a message is to be sent now; each is told to one caller, and again when the message gets lost.

    There are never more messages than workers, so that others' videos get in between the parts of a long one.
    """
    now = timezone.now()
    alive = Part.objects.alive().filter(video=video)
    unfinished = alive.unfinished()
    waiting = unfinished.filter(status=Status.QUEUED)
    if unfinished.exists():
        sent = unfinished.exclude(pk__in=waiting.filter(enqueued_at=None).values("pk")).count()
        free = max(0, slots(video.queue) - sent)
        late = waiting.filter(enqueued_at__lt=now - RESEND_AFTER)
        # The longest first: workers that share them as they get free then end at about the same time.
        due = [*late, *waiting.filter(enqueued_at=None).order_by(F("first") - F("last"), "number")[:free]]
    else:
        due = [
            part
            for part in alive.filter(kind=Kind.JOIN, status=Status.QUEUED)
            if part.enqueued_at is None or part.enqueued_at < now - RESEND_AFTER
        ]
    return [part for part in due if _queued(part).update(enqueued_at=now)]


def not_sent(part: Part) -> None:
    """The broker did not take the part's message."""
    Part.objects.filter(pk=part.pk, status=Status.QUEUED).update(enqueued_at=None)


def move(video: Video, queue: str) -> None:
    """Let the workers of another queue do what waits of a video."""
    with transaction.atomic():
        ours = Video.objects.filter(pk=video.pk, status=Status.PROCESSING, attempt=video.attempt, queue=video.queue)
        if ours.update(queue=queue):
            waiting = Part.objects.filter(video=video, video_attempt=video.attempt, status=Status.QUEUED)
            waiting.update(enqueued_at=None)
            video.queue = queue


def slots(queue: str) -> int:
    """How many parts can be rendered at the same time, by the workers that are there for this queue."""
    return max(1, sum(worker.slots for worker in Worker.objects.for_queue(queue)))


def _tell_video(part: Part) -> None:
    """Keep the video's heartbeat and progress fresh: the mean of its parts, by their frames."""
    now = timezone.now()
    videos = Video.objects.filter(pk=part.video_id, status=Status.PROCESSING, attempt=part.video_attempt)
    if not videos.filter(heartbeat_at__lt=now - TOLD_EVERY).exists():
        return
    frames = Part.objects.filter(video=part.video_id, video_attempt=part.video_attempt, kind=Kind.FRAMES)
    length = F("last") - F("first")
    sums = frames.aggregate(done=Sum(F("progress") * length), all=Sum(length))
    videos.update(heartbeat_at=now, stage="frames", progress=WEIGHT_OF_FRAMES * sums["done"] / sums["all"])


def _queued(part: Part) -> PartQuerySet:
    return Part.objects.filter(pk=part.pk, status=Status.QUEUED, enqueued_at=part.enqueued_at)


def _mine(part: Part) -> PartQuerySet:
    return Part.objects.alive().filter(pk=part.pk, status=Status.PROCESSING, attempt=part.attempt)
