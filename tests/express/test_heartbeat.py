"""The thread that says that a worker lives: it outlives a database that is away, and no work outlives its time."""

import threading
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from express.heartbeat import Claim, Heartbeat
from express.models import Video
from tests.servers import wait_until


def beating(video: Video) -> bool:
    return any(thread.name == f"heartbeat-{video.pk}" for thread in threading.enumerate())


@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
def test_a_database_that_hangs_up_does_not_end_it(fault: type[Exception], settings: Any) -> None:
    settings.HEARTBEAT_INTERVAL_S = 0.0
    beats: list[str] = []

    def beat(stage: str, progress: float) -> bool:
        beats.append(stage)
        if len(beats) == 1:
            raise fault("the connection is closed")
        return False  # it was canceled meanwhile

    with Heartbeat(Video(), Claim(beat, lambda: True, lambda: True)) as heartbeat:
        wait_until(heartbeat.should_stop, "the cancel is noticed")
    assert len(beats) >= 2


def test_it_does_not_vouch_for_ever_for_work_that_hangs(settings: Any) -> None:
    settings.RENDER_TIME_LIMIT_S = -1000
    video = Video()
    with Heartbeat(video, Claim(lambda *note: True, lambda: True, lambda: True)):
        wait_until(lambda: not beating(video), "it is silent, so that the video is given to another worker")
