"""How long a video still takes: how much work is before it and in it, and how fast ours went of late."""

from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heapreplace
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from engine.pipeline import STAGES
from express.models import Status, Video, Worker

LAST = 20  # videos that we learn from; None is told while there are none
ONE_BY_ONE = 500  # videos in the queue that are dealt out to the workers one by one; those behind them in bulk
USUAL_SHARE = 0.3  # of a video's time that passes before its first frame, as long as nothing is known


@dataclass(frozen=True, slots=True)
class Pace:
    """What the last videos took.

    seconds: of a worker, for a second of effort (express/effort.py). before: share of it before the first frame.
    """

    seconds: float
    before: float


@dataclass(frozen=True, slots=True)
class _Queue:
    """One queue: when each place at its workers is free, in seconds, and when its first videos will have ended.

    heads: position from 1 and seconds, by the video's id; seconds are None as long as nothing is known.
    """

    pace: Pace | None
    free_s: list[float]
    heads: dict[UUID, tuple[int, float | None]]


class Outlook:
    """How long videos still take. Queues are looked up once, for however many videos an answer tells of."""

    def __init__(self) -> None:
        self._now = timezone.now()
        self._queues: dict[str, _Queue] = {}

    def position(self, video: Video) -> int | None:
        """Return 1 for the next video that a worker takes; None when it does not wait."""
        if video.status != Status.QUEUED:
            return None
        head = self._queue(video.queue).heads.get(video.pk)
        return head[0] if head else Video.objects.waiting_before(video).count() + 1

    def eta_s(self, video: Video) -> float | None:
        """Return the seconds until the video is completed; None when there is nothing to judge by."""
        if not video.is_running:
            return None
        queue = self._queue(video.queue)
        if video.status == Status.PROCESSING:
            return _left_s(video, self._now, queue.pace)
        if queue.pace is None:
            return None
        if head := queue.heads.get(video.pk):
            return head[1]
        # So far back that those before it fill all workers alike.
        before = Video.objects.waiting_before(video).aggregate(sum=Sum("effort_s"))["sum"] or 0.0
        free_s = (sum(queue.free_s) + before * queue.pace.seconds) / len(queue.free_s)
        return free_s + video.effort_s * queue.pace.seconds

    def _queue(self, name: str) -> _Queue:
        if name not in self._queues:
            self._queues[name] = _look(name, self._now)
        return self._queues[name]


def _look(name: str, now: datetime) -> _Queue:
    pace = _pace(name)
    free_s = _free_in_s(name, now, pace)
    waiting = Video.objects.waiting().filter(queue=name).values_list("pk", "effort_s")[:ONE_BY_ONE]
    heads: dict[UUID, tuple[int, float | None]] = {}
    ends_s = list(free_s)
    heapify(ends_s)
    for position, (pk, effort_s) in enumerate(waiting, start=1):
        end_s = ends_s[0] + effort_s * pace.seconds if pace else None
        if end_s is not None:
            heapreplace(ends_s, end_s)
        heads[pk] = position, end_s
    return _Queue(pace, free_s, heads)


def _free_in_s(queue: str, now: datetime, pace: Pace | None) -> list[float]:
    """When each place at the workers of a queue is free."""
    busy = Video.objects.filter(status=Status.PROCESSING, queue=queue)
    left_s = [_left_s(one, now, pace) or 0.0 for one in busy]
    slots = sum(worker.slots for worker in Worker.objects.for_queue(queue))
    return left_s + [0.0] * (max(slots, 1) - len(left_s))


def _left_s(video: Video, now: datetime, pace: Pace | None) -> float | None:
    """What a video needs that is being rendered: as its effort says, and ever more as its own progress does."""
    if video.started_at is None:
        return None
    elapsed_s = (now - video.started_at).total_seconds()
    share = _share(video.progress, pace.before if pace else USUAL_SHARE)
    if pace is None:
        return elapsed_s * (1 - share) / share if share > USUAL_SHARE else None
    expected_s = video.effort_s * pace.seconds
    whole_s = (1 - share) * expected_s + elapsed_s if share else expected_s
    by_itself_s = elapsed_s / share if share > pace.before else whole_s
    return max(0.0, (1 - share) * whole_s + share * by_itself_s - elapsed_s)


def _share(progress: float, before: float) -> float:
    """The share of its time that has passed when a video has made this progress, 0..1: its frames come last."""
    first = STAGES["frames"]
    if progress <= first:
        return before * progress / first
    return before + (1 - before) * (progress - first) / (1 - first)


def _pace(queue: str) -> Pace | None:
    ended = Video.objects.filter(status=Status.COMPLETED, queue=queue, reused=False)
    rows = [(video.render_s, video) for video in ended.order_by("-completed_at")[:LAST]]
    known = [(seconds, video) for seconds, video in rows if seconds]
    if not known:
        return None
    total_s = sum(seconds for seconds, _ in known)
    frames_s = sum(video.timings.get("render", 0.0) + video.timings.get("encode", 0.0) for _, video in known)
    before = min(0.9, max(0.0, 1 - frames_s / total_s)) if frames_s else USUAL_SHARE
    return Pace(total_s / sum(video.effort_s for _, video in known), before)
