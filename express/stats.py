"""How the service does, counted from rows: right however many processes serve and render."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.fields.json import KT
from django.utils import timezone

from express.models import DeliveryStatus, Status, Video, WebhookDelivery, Worker
from express.models.part import Kind, Part

NOTHING_WAITS: Mapping[str, Any] = {"depth": 0, "oldest": None}
LOOKED_AT = 1000  # of the last videos, for spans and speeds: bounds what a scrape costs


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits. oldest_s: for how long the first one has."""

    name: str
    depth: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Recent:
    """What lately became of videos; lists of seconds, and of seconds of video a second of work."""

    waits_s: list[float]
    stages_s: dict[str, list[float]]
    speeds: list[float]

    @property
    def speed(self) -> float | None:
        """The median speed."""
        return median(self.speeds) if self.speeds else None

    @property
    def wait_s(self) -> float | None:
        """The median wait."""
        return median(self.waits_s) if self.waits_s else None


def queues() -> list[Queue]:
    """Return the queues: those that videos and parts wait in, `render` always; webhooks that are due for `default`."""
    now = timezone.now()
    waiting = Video.objects.filter(status=Status.QUEUED).order_by().values("queue")
    videos = {row["queue"]: row for row in waiting.annotate(depth=Count("pk"), oldest=Min("created_at"))}
    cut = Part.objects.alive().filter(status=Status.QUEUED).exclude(kind=Kind.JOIN).order_by()
    parts = dict(cut.values_list("video__queue").annotate(Count("pk")))
    due = WebhookDelivery.objects.filter(status=DeliveryStatus.WAITING, next_at__lte=now)
    webhooks = due.aggregate(depth=Count("pk"), oldest=Min("next_at"))
    return [
        *(
            _queue(name, videos.get(name, NOTHING_WAITS), now, parts.get(name, 0))
            for name in sorted({"render", *videos, *parts})
        ),
        _queue("default", webhooks, now),
    ]


def by_status(since: datetime | None = None) -> dict[str, int]:
    """Return how many videos there are of each status, those created since then."""
    rows = Video.objects.filter(created_at__gte=since) if since else Video.objects.all()
    found = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    return {status: found.get(status, 0) for status in Status.values}


def failures(since: datetime | None = None) -> list[tuple[str, str, int]]:
    """Return (status, code, count) of the videos that ended badly since then, the most frequent first."""
    bad = Video.objects.filter(status__in=(Status.FAILED, Status.REJECTED))
    rows = bad.filter(completed_at__gte=since) if since else bad
    found = rows.order_by().annotate(code=KT("error__code")).values_list("status", "code").annotate(Count("pk"))
    return sorted(found, key=lambda row: -row[2])


def recent(within: timedelta) -> Recent:
    """Return what became of the last videos that were made within this time."""
    ended = Video.objects.filter(status=Status.COMPLETED, completed_at__gte=timezone.now() - within, reused=False)
    rows = ended.order_by("-created_at").only(
        "status", "created_at", "started_at", "completed_at", "duration_s", "timings"
    )
    found = Recent([], {}, [])
    for video in rows[:LOOKED_AT]:
        if video.started_at:
            found.waits_s.append(max(0.0, (video.started_at - video.created_at).total_seconds()))
        if video.speed is not None:
            found.speeds.append(video.speed)
        for stage, seconds in video.timings.items():
            found.stages_s.setdefault(stage, []).append(seconds)
    return found


def webhooks_by_status() -> dict[str, int]:
    """Return how many webhooks there are of each status."""
    found = dict(WebhookDelivery.objects.order_by().values_list("status").annotate(Count("pk")))
    return {status: found.get(status, 0) for status in DeliveryStatus.values}


def gpus(workers: list[Worker]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return each GPU once, by (host, id), as the last worker of its machine tells it."""
    seen = sorted(workers, key=lambda worker: worker.seen_at)
    return {(worker.id.rpartition(":")[0], gpu["id"]): gpu for worker in seen for gpu in worker.gpus}


def hourly(hours: int) -> list[tuple[datetime, int, int]]:
    """Return (hour, completed, failed or rejected) of the last hours, the oldest first."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    start = now - timedelta(hours=hours - 1)
    return [(hour, *counts) for hour, counts in _by_hour(start, hours).items()]


def _by_hour(start: datetime, hours: int) -> dict[datetime, tuple[int, int]]:
    from django.db.models.functions import TruncHour

    ended = Video.objects.filter(completed_at__gte=start).order_by()
    counted = {
        row["hour"]: (row["good"], row["bad"])
        for row in ended.values(hour=TruncHour("completed_at")).annotate(
            good=Count("pk", filter=Q(status=Status.COMPLETED)),
            bad=Count("pk", filter=Q(status__in=(Status.FAILED, Status.REJECTED))),
        )
    }
    return {(hour := start + timedelta(hours=number)): counted.get(hour, (0, 0)) for number in range(hours)}


def _queue(name: str, row: Mapping[str, Any], now: datetime, parts: int = 0) -> Queue:
    oldest = row["oldest"]
    return Queue(name, row["depth"] + parts, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
