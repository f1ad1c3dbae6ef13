"""Who is taken for dead: whoever has been silent for long enough, by nobody's clock but the watcher's own."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from express import services
from express.models import Status
from express.services import Watch
from tests import factories

VIDEO = uuid4()


@pytest.fixture
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The watcher's monotonic clock; it looks every 5 s for beats that may be missing for 15 s."""
    settings.JANITOR_INTERVAL_S, settings.HEARTBEAT_LOST_AFTER_S = 5.0, 15.0
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def look(watch: Watch, clock: list[float], beat: object, after_s: float) -> set[UUID]:
    clock[0] += after_s
    return watch.silent([(VIDEO, beat)])


def test_a_beat_that_stands_still_for_long_enough_is_silence(clock: list[float]) -> None:
    watch = Watch()
    assert [look(watch, clock, "same", 5.0) for _ in range(4)] == [set(), set(), set(), {VIDEO}]


def test_every_beat_is_life_whatever_time_it_claims_to_be(clock: list[float]) -> None:
    watch = Watch()
    now = timezone.now()
    beats = [
        now,
        now + timedelta(hours=3),
        now - timedelta(days=2),
        now + timedelta(seconds=1),
        now,
        now - timedelta(1),
    ]
    assert not any(look(watch, clock, beat, 5.0) for beat in beats)


def test_a_database_that_was_away_for_an_hour_makes_nobody_dead(clock: list[float]) -> None:
    watch = Watch()
    look(watch, clock, "before", 5.0)
    assert look(watch, clock, "before", 3600.0) == set()
    assert look(watch, clock, "after", 5.0) == set()


@pytest.mark.django_db
def test_the_janitor_takes_no_video_from_a_worker_whose_clock_is_an_hour_behind(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("express.tasks.render_video.delay", lambda video_id: None)
    watch = Watch()
    video = factories.processing_video(heartbeat_at=timezone.now() - timedelta(hours=1), photo="")
    for _ in range(6):
        clock[0] += 5.0
        video.heartbeat_at += timedelta(seconds=5)
        video.save()
        assert services.requeue_lost(watch) == 0
    for _ in range(3):
        clock[0] += 5.0
        services.requeue_lost(watch)
    video.refresh_from_db()
    assert video.status == Status.QUEUED
