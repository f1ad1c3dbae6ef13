"""Estimates that turn out right: a day of a service, played on a clock of its own against the real queue."""

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from express import transitions
from express.estimates import Outlook
from express.models import Kind, Part, Status, Video, Worker
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

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def workers(slots: int) -> None:
    from django.db.models.functions import Now

    Worker.objects.create(id="host:1", name="worker", queues=["render"], slots=slots, seen_at=Now())


def past(clock: Clock) -> None:
    """Videos that were made before, each faster or slower than the last."""
    for number in range(10):
        seconds = 10.0 * PACE * (0.9 + 0.2 * (number % 2))
        timings = {"rig": seconds * 0.3, "render": seconds * 0.4, "encode": seconds * 0.3, "total": seconds}
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


def tell(video: Video, clock: Clock, progress: float) -> float:
    """Let the video's worker tell its progress; return how long it then still takes."""
    assert transitions.beat(video, "frames", progress)
    video.refresh_from_db()
    left_s = Outlook().eta_s(video)
    assert left_s is not None
    return left_s


def test_a_running_video_s_time_follows_its_progress(clock: Clock) -> None:
    past(clock)
    video = factories.processing_video(photo="", effort_s=10.0, speech_s=20.0, started_at=clock.now)
    assert Outlook().eta_s(video) == pytest.approx(17.0, rel=0.15)
    clock.forward(2.6)  # what passes before the first frame
    assert tell(video, clock, 0.08) == pytest.approx(14.4, rel=0.15)
    clock.forward(14.4)  # half of the frames, on a machine that is twice as slow all at once
    assert 10 < tell(video, clock, 0.54) < 15


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


def test_a_machine_of_which_nothing_is_known_is_taken_for_the_usual_one() -> None:
    assert Outlook().eta_s(ask("a", 7.0)) == pytest.approx(7.0)


def test_the_first_video_s_progress_tells_the_pace_before_it_is_ready(clock: Clock) -> None:
    workers(1)
    video = factories.processing_video(photo="", effort_s=20.0, speech_s=20.0, started_at=clock.now)
    clock.forward(30.0)  # a machine that takes three times as long
    assert tell(video, clock, 0.54) == pytest.approx(30.0, rel=0.2)
    assert Outlook().eta_s(ask("a", 10.0)) == pytest.approx(60.0, rel=0.2)


def test_the_last_videos_say_more_than_those_before_them(clock: Clock) -> None:
    """Of twenty, the last five were twice as fast: others have left the machine."""
    for number in range(20):
        seconds = 10.0 if number < 15 else 5.0
        clock.forward(seconds)
        times = {"started_at": clock.now - timedelta(seconds=seconds), "completed_at": clock.now}
        factories.completed_video(photo="", effort_s=5.0, **times)
    assert Outlook().eta_s(ask("a", 10.0)) == pytest.approx(10.0, rel=0.3)


def test_a_machine_that_slept_is_not_taken_for_slow(clock: Clock) -> None:
    past(clock)
    clock.forward(3600.0)
    times = {"started_at": clock.now - timedelta(seconds=3600), "completed_at": clock.now}
    factories.completed_video(photo="", effort_s=5.0, **times)
    assert (Outlook().eta_s(ask("a", 10.0)) or 0) < 10.0 * PACE * 2


def test_a_format_that_is_encoded_at_the_end_is_not_ready_with_its_last_frame(clock: Clock) -> None:
    past(clock)
    made = {"photo": "", "effort_s": 10.0, "speech_s": 10.0, "started_at": clock.now}
    mp4, webm = (factories.processing_video(**made, options={"output_format": name}) for name in ("mp4", "webm"))
    clock.forward(11.0)
    assert tell(mp4, clock, 1.0) < 1.0
    assert 2.0 < tell(webm, clock, 1.0) < 8.0


def test_whoever_asks_for_the_same_waits_no_longer_and_holds_nobody_up(clock: Clock) -> None:
    past(clock)
    same = {"photo": "", "client": "a", "fingerprint": "f", "effort_s": 100.0}
    made = factories.processing_video(**same, started_at=clock.now)
    twin, other = factories.queued_video(**same, turn=1.0), factories.queued_video(photo="", effort_s=10.0, turn=2.0)
    outlook = Outlook()
    assert outlook.eta_s(twin) == outlook.eta_s(made)
    assert outlook.eta_s(other) == pytest.approx(110.0 * PACE, rel=0.05)


def in_parts(clock: Clock, count: int, in_work: int) -> Video:
    """A video that was cut into `count` parts, of which so many were begun just now."""
    video = factories.processing_video(photo="", effort_s=100.0, speech_s=120.0, started_at=clock.now)
    begun = {"status": Status.PROCESSING, "attempt": 1, "worker": "host:1"}
    begun |= {"started_at": clock.now, "heartbeat_at": clock.now}
    for number in range(count):
        Part.objects.create(
            video=video,
            video_attempt=video.attempt,
            number=number,
            kind=Kind.FRAMES,
            first=100 * number,
            last=100 * (number + 1),
            enqueued_at=clock.now,
            **(begun if number < in_work else {"status": Status.QUEUED}),
        )
    return video


def test_a_video_in_parts_is_ready_when_its_last_part_is(clock: Clock) -> None:
    past(clock)
    workers(2)
    video = in_parts(clock, count=4, in_work=2)
    assert Outlook().eta_s(video) == pytest.approx(100.0 * PACE / 2, rel=0.1)


def test_those_behind_a_video_in_parts_wait_for_all_of_its_parts(clock: Clock) -> None:
    past(clock)
    workers(2)
    in_parts(clock, count=2, in_work=2)
    clock.forward(0.1)
    assert Outlook().eta_s(ask("a", 10.0)) == pytest.approx((100.0 / 2 + 10.0) * PACE, rel=0.1)


def test_a_long_video_that_waits_will_be_made_by_all_workers(clock: Clock) -> None:
    past(clock)
    workers(4)
    video = ask("a", 100.0)
    alone_s = Outlook().eta_s(video) or 0.0
    Video.objects.update(speech_s=120.0)
    assert 0.25 < (Outlook().eta_s(video) or 0.0) / alone_s < 0.35
    assert transitions.claim(video, "host:1")
    assert 0.25 < (Outlook().eta_s(video) or 0.0) / alone_s < 0.35


def test_a_queue_is_looked_up_once_for_all_that_is_told_of_it(clock: Clock, django_assert_num_queries: Any) -> None:
    past(clock)
    workers(2)
    videos = [in_parts(clock, count=3, in_work=1), *(ask("a", 10.0) for _ in range(30))]
    outlook = Outlook()
    with django_assert_num_queries(5):
        assert all(outlook.eta_s(video) for video in videos)
        assert sum(bool(outlook.position(video)) for video in videos) == 30
