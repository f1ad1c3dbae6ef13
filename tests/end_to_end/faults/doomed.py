"""A worker that kills itself with SIGKILL at chosen moments of a job: `celery --app tests.end_to_end.faults.doomed`.

The file that DOOM names holds lines of a video's id and a moment: a stage of Heartbeat.note, or one of those below.
When a process of the worker comes to such a moment, it strikes the line out once and is gone, as if somebody pulled
the plug.
"""

import os
import signal
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from express import logs
from talkingphotos.celery import app

__all__ = ["app"]

STORING, HALF_STORED, COMPLETING, COMPLETED = "storing", "half stored", "completing", "completed"


def arrive(moment: str) -> None:
    """Die here if that is what is wanted; the video is the one that log lines are about."""
    orders = Path(os.environ["DOOM"])
    lines = orders.read_text().splitlines()
    order = f"{logs.ids().get('video')} {moment}"
    if order in lines:
        lines.remove(order)
        orders.write_text("\n".join(lines))
        os.kill(os.getpid(), signal.SIGKILL)


def around(wrapped: Callable[..., Any], before: Callable[..., str], after: str = "") -> Callable[..., Any]:
    """Call `arrive` before and after."""

    @wraps(wrapped)
    def wrapper(*args: Any, **options: Any) -> Any:
        arrive(before(*args))
        result = wrapped(*args, **options)
        arrive(after)
        return result

    return wrapper


@worker_process_init.connect
def lay_the_mines(**kwargs: Any) -> None:
    """In the process that renders."""
    from express import rendering, transitions
    from express.heartbeat import Heartbeat

    Heartbeat.note = around(Heartbeat.note, lambda self, stage, progress: stage)  # type: ignore[method-assign]
    rendering.keep = around(rendering.keep, lambda row, field, content: STORING if field == "result" else HALF_STORED)
    transitions.complete = around(transitions.complete, lambda *args: COMPLETING, COMPLETED)
