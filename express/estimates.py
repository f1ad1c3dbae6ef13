"""How long a video still takes: what waits is dealt out to the workers as it will be, at the pace that they have."""

from datetime import datetime
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from express.dealing import Deal, InParts, Waiting, cutting_job, parts_of
from express.models import Kind, Part, Status, Video, Worker
from express.pace import Job, pace_of

LAST = 20  # videos that we learn from
ONE_BY_ONE = 500  # videos in the queue that are dealt out to the workers one by one; those behind them in bulk


class Outlook:
    """How long videos still take. Queues are looked up once, for however many videos an answer tells of."""

    def __init__(self) -> None:
        self._now = timezone.now()
        self._queues: dict[str, Deal] = {}

    def position(self, video: Video) -> int | None:
        """Return 1 for the next video that a worker takes; None when it does not wait."""
        if video.status != Status.QUEUED:
            return None
        return self._queue(video.queue).positions.get(video.pk) or Video.objects.waiting_before(video).count() + 1

    def eta_s(self, video: Video) -> float | None:
        """Return the seconds until the video is completed; None when it has ended."""
        if not video.is_running:
            return None
        deal = self._queue(video.queue)
        if (end_s := deal.ends_s.get(video.pk)) is not None:
            return end_s
        if video.status == Status.PROCESSING:  # begun since we looked
            return Job.of(video).left_s(deal.pace, self._now)
        # So far back that those before it fill all workers alike.
        before = Video.objects.waiting_before(video).aggregate(sum=Sum("effort_s"))["sum"] or 0.0
        return (deal.in_work_s + before * deal.pace) / deal.slots + video.effort_s * deal.pace

    def _queue(self, name: str) -> Deal:
        if name not in self._queues:
            self._queues[name] = _look(name, self._now)
        return self._queues[name]


def _look(name: str, now: datetime) -> Deal:
    """Look a queue up: five queries, however long it is."""
    slots = max(1, sum(worker.slots for worker in Worker.objects.for_queue(name)))
    busy = {video.pk: video for video in Video.objects.filter(status=Status.PROCESSING, queue=name)}
    cut = _in_parts(name, busy)
    listening = [video for video in busy.values() if video.stage in ("", "speech") and video.pk not in cut]
    being_cut = [video for video in listening if parts_of(video, slots) > 1]
    jobs = {pk: [Job.of(video)] for pk, video in busy.items()}
    jobs |= {pk: one.jobs() for pk, one in cut.items()}
    jobs |= {video.pk: [cutting_job(video)] for video in being_cut}
    ended = Video.objects.filter(status=Status.COMPLETED, queue=name, reused=False).order_by("-completed_at")
    pace = pace_of([job for some in jobs.values() for job in some], ended[:LAST], slots)
    deal = Deal(pace, slots, {pk: [job.left_s(pace, now) for job in some] for pk, some in jobs.items()})
    for video in busy.values():
        deal.note(video.pk, video.client, video.fingerprint)
    waiting = Video.objects.waiting().filter(queue=name).values_list(*Waiting.FIELDS)[:ONE_BY_ONE]
    deal.out([Waiting(*row) for row in waiting], list(cut.values()), [Waiting.of(video) for video in being_cut])
    return deal


def _in_parts(name: str, busy: dict[UUID, Video]) -> dict[UUID, InParts]:
    found: dict[UUID, InParts] = {}
    for part in Part.objects.alive().filter(video__queue=name, kind=Kind.FRAMES).order_by("number"):
        if part.video_id in busy:
            found.setdefault(part.video_id, InParts(busy[part.video_id], [])).parts.append(part)
    return found
