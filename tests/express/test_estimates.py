"""Estimates that turn out right: a day of a service, played on a clock of its own against the real queue."""

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from express import transitions
from express.estimates import Outlook
from express.models import Status, Video, Worker
from express.turns import next_turn
from tests import factories

pytestmark = pytest.mark.django_db
PACE = 1.7  # this service's seconds for a second of effort, which nobody told the estimates


class Clock:
    """What the service takes for the time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def workers(slots: int) -> None:
    from django.db.models.functions import Now

    Worker.objects.create(id="host:1", name="worker", queues=["render"], slots=slots, seen_at=Now())


def past(clock: Clock) -> None:
    """Videos that were made before, each a little faster or slower than the last."""
    for number in range(10):
        seconds = 10.0 * PACE * (0.9 + 0.02 * number)
        timings = {"render": seconds * 0.4, "encode": seconds * 0.3, "total": seconds}
        start = clock.now - timedelta(minutes=10 - number)
        times = {"started_at": start, "completed_at": start + timedelta(seconds=seconds)}
        factories.completed_video(photo="", effort_s=10.0, timings=timings, **times)


def ask(client: str, effort_s: float) -> Video:
    video = Video(client=client, text="Hello.", photo="photos/a", effort_s=effort_s)
    video.turn = next_turn(video)
    video.save()
    return video


def play(clock: Clock, slots: int, chance: random.Random) -> Iterator[Video]:
    """Let workers take and finish what waits; yield each video as it ends, at its time."""
    under_way: list[tuple[datetime, str]] = []
    while True:
        while len(under_way) < slots and (video := transitions.claim_next("render", "host:1")):
            seconds = video.effort_s * PACE * chance.uniform(0.85, 1.15)
            heapq.heappush(under_way, (clock.now + timedelta(seconds=seconds), str(video.pk)))
        if not under_way:
            return
        clock.now, ended = heapq.heappop(under_way)
        Video.objects.filter(pk=ended).update(status=Status.CANCELED, completed_at=clock.now)
        yield Video.objects.get(pk=ended)


@pytest.mark.parametrize(("slots", "clients"), [(1, 1), (1, 4), (3, 1), (3, 5)])
def test_what_is_promised_is_kept_within_a_third(clock: Clock, slots: int, clients: int) -> None:
    chance = random.Random(slots * 10 + clients)
    workers(slots)
    past(clock)
    videos = [ask(f"client {number % clients}", chance.choice([2.0, 5.0, 10.0, 60.0])) for number in range(40)]
    promised = {}
    for video in videos:
        eta = Outlook().eta_s(video)
        assert eta is not None
        promised[video.pk] = eta
    began = clock.now
    errors = []
    for video in play(clock, slots, chance):
        took_s = (clock.now - began).total_seconds()
        errors.append(abs(promised[video.pk] - took_s) / took_s)
    assert len(errors) == len(videos)
    assert max(errors) < 0.3
    assert sum(errors) / len(errors) < 0.1


def test_a_running_video_s_time_follows_its_progress(clock: Clock) -> None:
    past(clock)
    video = factories.processing_video(photo="", effort_s=10.0, started_at=clock.now)
    assert Outlook().eta_s(video) == pytest.approx(17.0, rel=0.15)
    clock.now += timedelta(seconds=5.1)  # what passes before the first frame
    video.progress = 0.08
    assert Outlook().eta_s(video) == pytest.approx(11.9, rel=0.15)
    video.progress = 0.54  # half of the frames, on a machine that is twice as slow all at once
    clock.now += timedelta(seconds=18.9)
    assert 10 < (Outlook().eta_s(video) or 0) < 20


def test_a_long_queue_is_summed_up(clock: Clock) -> None:
    past(clock)
    workers(4)
    Video.objects.bulk_create(
        Video(client="many", text="Hello.", photo="a", turn=float(number), effort_s=1.0) for number in range(2000)
    )
    last = Video.objects.waiting().last()
    assert last is not None
    assert Outlook().eta_s(last) == pytest.approx(2000 * PACE / 4, rel=0.05)


def test_idle_workers_begin_at_once(clock: Clock) -> None:
    past(clock)
    workers(2)
    factories.processing_video(photo="", effort_s=100.0, started_at=clock.now)
    assert Outlook().eta_s(ask("a", 10.0)) == pytest.approx(17.0, rel=0.05)


def test_nothing_is_promised_before_anything_is_known() -> None:
    assert Outlook().eta_s(ask("a", 1.0)) is None
    assert Outlook().eta_s(factories.completed_video(photo="")) is None
