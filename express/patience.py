"""Waiting out what comes back by itself: a database that restarts, a bucket that does not answer.

A worker that holds a rendered video, or is about to begin one, has nothing better to do.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from engine.stopping import checkpoint
from express.errors import StorageUnavailable

T = TypeVar("T")
DATABASE_AWAY = (OperationalError, InterfaceError)  # also SQLite's "database is locked"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0
LOOK_EVERY_S = 0.25  # how soon a wait ends that nobody wants any more

logger = logging.getLogger(__name__)


def patiently(do: Callable[[], T]) -> T:
    """Return what `do` returns, calling it again while database or storage are away, for OUTAGE_PATIENCE_S at most.

    `do` must be safe to repeat. Raises what it raised last when the time is over, and Canceled as soon as the work
    shall stop (engine.stopping) while the storage is away. A database is waited for all the same: without it nobody
    can say what has become of the work.
    """
    deadline = time.monotonic() + settings.OUTAGE_PATIENCE_S
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return do()
        except (StorageUnavailable, *DATABASE_AWAY) as error:
            if isinstance(error, DATABASE_AWAY):
                hang_up()
            if time.monotonic() + pause_s > deadline:
                raise
            logger.warning("%s: %s; trying again in %.1f s", type(error).__name__, str(error).split("\n")[0], pause_s)
            is_needed = isinstance(error, DATABASE_AWAY)
        _pause(pause_s, may_stop=not is_needed)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _pause(pause_s: float, *, may_stop: bool) -> None:
    until = time.monotonic() + pause_s
    while (left_s := until - time.monotonic()) > 0:
        if may_stop:
            checkpoint()
        time.sleep(min(left_s, LOOK_EVERY_S))


def hang_up() -> None:
    """Drop this thread's connection after an error: outside of a request nobody else notices that it is dead."""
    if not connection.in_atomic_block:
        connection.close()
