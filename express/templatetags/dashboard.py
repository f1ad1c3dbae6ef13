"""The admin's first page: how the service does, at a glance."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone

from express import disk, stats
from express.admin.shown import NOTHING, seconds
from express.models import RUNNING, DeliveryStatus, Status, Video, Worker

register = template.Library()

HOURS, LATEST, CODES, WORKERS = 24, 8, 6, 8
WAITS_LONG_S = 120.0
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. tone: a colour of admin.css when it wants attention, or shows that all is well."""

    title: str
    figure: str
    note: str
    url: str = ""
    tone: str = ""


@register.simple_tag
def dashboard() -> dict[str, Any]:
    """Return what the page shows."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    workers = list(Worker.objects.with_video())
    hours = stats.hourly(HOURS)
    return {
        "now": timezone.localtime(),
        "cards": list(_cards(stats.by_status(today), workers)),
        "hours": [_bar(hour, good, bad, max(1, *(sum(row[1:]) for row in hours))) for hour, good, bad in hours],
        "made": sum(row[1] for row in hours),
        "broken": sum(row[2] for row in hours),
        "failures": _failures(),
        "workers": workers[:WORKERS],
        "more_workers": max(0, len(workers) - WORKERS),
        "disks": disk.rooms(),
        "latest": Video.objects.filter(status=Status.COMPLETED, removed_at=None, files_missing=False)[:LATEST],
    }


def videos_url(**query: str) -> str:
    """Return the address of the list of videos, filtered."""
    return f"{reverse('admin:express_video_changelist')}?{urlencode(query)}"


def _cards(today: dict[str, int], workers: list[Worker]) -> Iterator[Card]:
    asked, failed = sum(today.values()), today[Status.FAILED]
    yield Card(
        "Videos today",
        str(asked),
        f"{today[Status.COMPLETED]} made, {today[Status.REJECTED]} rejected, {failed} failed",
        videos_url(made="today"),
        "red" if failed else "",
    )
    yield _waiting()
    alive = [worker for worker in workers if worker.is_alive]
    busy = sum(worker.now_count for worker in alive)  # type: ignore[attr-defined]  # annotated by with_video
    slots = sum(worker.slots for worker in alive if set(worker.queues) != {"default"})
    devices = sorted({worker.device for worker in alive if worker.device})
    yield Card(
        "Workers",
        str(len(alive)),
        f"{busy} of {slots} places busy; {', '.join(devices) or 'loading models'}" if alive else "none: videos wait",
        reverse("admin:express_worker_changelist"),
        "" if alive else "red",
    )
    last = stats.recent(DAY)
    yield Card(
        "Speed",
        NOTHING if last.speed is None else f"{last.speed:.1f} ×",
        "real time, median of a day" if last.speed is not None else "nothing was made for a day",
    )
    yield Card("Wait", seconds(last.wait_s), "until a worker begins, median of a day")
    yield _webhooks()


def _waiting() -> Card:
    render = [queue for queue in stats.queues() if queue.name != "default"]
    depth, oldest_s = sum(queue.depth for queue in render), max(queue.oldest_s for queue in render)
    note = f"the first one for {seconds(oldest_s)}" if depth else "the queue is empty"
    return Card(
        "Waiting", str(depth), note, videos_url(status__exact=RUNNING[0]), "amber" if oldest_s > WAITS_LONG_S else ""
    )


def _webhooks() -> Card:
    found = stats.webhooks_by_status()
    lost = found[DeliveryStatus.GIVEN_UP]
    return Card(
        "Webhooks",
        str(found[DeliveryStatus.WAITING]),
        f"to be delivered; {lost} given up" if lost else "to be delivered",
        reverse("admin:express_webhookdelivery_changelist"),
        "amber" if lost else "",
    )


def _failures() -> list[dict[str, Any]]:
    found = stats.failures(timezone.now() - DAY)[:CODES]
    most = max((count for *_, count in found), default=1)
    return [
        {
            "code": code,
            "count": count,
            "share": round(100 * count / most),
            "tone": "red" if status == Status.FAILED else "amber",
            "url": videos_url(why=code or ""),
        }
        for status, code, count in found
    ]


def _bar(hour: Any, good: int, bad: int, most: int) -> dict[str, Any]:
    return {
        "label": f"{hour:%H}",
        "title": f"{hour:%H:%M}: {good} made, {bad} failed or rejected",
        "good": round(100 * good / most, 1),
        "bad": round(100 * bad / most, 1),
    }
