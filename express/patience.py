"""Waiting out what comes back by itself: a database that restarts, a bucket that does not answer.

A worker that holds a rendered video, or is about to begin one, has nothing better to do.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from express.errors import StorageUnavailable

T = TypeVar("T")
DATABASE_AWAY = (OperationalError, InterfaceError)  # also SQLite's "database is locked"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0

logger = logging.getLogger(__name__)


def patiently(do: Callable[[], T], *, should_stop: Callable[[], bool] = lambda: False) -> T:
    """Return what `do` returns, calling it again while database or storage are away, for OUTAGE_PATIENCE_S at most.

    `do` must be safe to repeat. Raises what it raised last when the time is over or `should_stop` says so.
    """
    deadline = time.monotonic() + settings.OUTAGE_PATIENCE_S
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return do()
        except (StorageUnavailable, *DATABASE_AWAY) as error:
            if isinstance(error, DATABASE_AWAY):
                hang_up()
            if time.monotonic() + pause_s > deadline or should_stop():
                raise
            logger.warning("%s: %s; trying again in %.1f s", type(error).__name__, str(error).split("\n")[0], pause_s)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def hang_up() -> None:
    """Drop this thread's connection after an error: outside of a request nobody else notices that it is dead."""
    if not connection.in_atomic_block:
        connection.close()
