"""How long a video still takes: how much work is before it and in it, and how fast ours went of late."""

from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush

from django.db.models import Sum
from django.utils import timezone

from engine.pipeline import STAGES
from express.models import Status, Video, Worker

LAST = 20  # videos that we learn from; None is told while there are none
ONE_BY_ONE = 500  # videos in the queue that are dealt out to the workers one by one; those before them in bulk
USUAL_SHARE = 0.3  # of a video's time that passes before its first frame, as long as nothing is known


@dataclass(frozen=True, slots=True)
class Pace:
    """What the last videos took.

    seconds: of a worker, for a second of effort (express/effort.py). before: share of it before the first frame.
    """

    seconds: float
    before: float


def queue_position(video: Video) -> int | None:
    """Return 1 for the next video that a worker takes; None when it does not wait."""
    if video.status != Status.QUEUED:
        return None
    return Video.objects.waiting_before(video).count() + 1


def eta_s(video: Video, position: int | None) -> float | None:
    """Return the seconds until the video is completed; None when there is nothing to judge by.

    position: what `queue_position` says.
    """
    if not video.is_running:
        return None
    now, pace = timezone.now(), _pace(video.queue)
    if video.status == Status.PROCESSING:
        return _left_s(video, now, pace)
    if position is None or pace is None:
        return None
    free_s = _free_in_s(video.queue, now, pace)
    before = Video.objects.waiting_before(video)
    if position - 1 > ONE_BY_ONE:  # in bulk, those that go first: they fill all workers alike
        bulk = position - 1 - ONE_BY_ONE
        effort_s = before.filter(pk__in=before.values("pk")[:bulk]).aggregate(sum=Sum("effort_s"))["sum"] or 0.0
        free_s = [free + effort_s * pace.seconds / len(free_s) for free in free_s]
        before = before[bulk:]
    heapify(free_s)
    for effort_s in before.values_list("effort_s", flat=True):
        heappush(free_s, heappop(free_s) + effort_s * pace.seconds)
    return heappop(free_s) + video.effort_s * pace.seconds


def _free_in_s(queue: str, now: datetime, pace: Pace) -> list[float]:
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
