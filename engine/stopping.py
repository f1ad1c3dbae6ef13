"""Stopping in mid-work: long loops ask at every turn whether anybody still wants what they make.

Who calls the engine says how to find out, once, and every loop below asks by `checkpoint()`: no function has to hand
the question down. Loops turn several times a second, so that a cancel takes effect within one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from engine.errors import Canceled

ShouldStop = Callable[[], bool]

_asked: ContextVar[ShouldStop | None] = ContextVar("should_stop", default=None)


@contextmanager
def stoppable(should_stop: ShouldStop | None) -> Iterator[None]:
    """Let what runs inside, in this thread, stop with Canceled once should_stop says so; None changes nothing."""
    if should_stop is None:
        yield
        return
    token = _asked.set(should_stop)
    try:
        yield
    finally:
        _asked.reset(token)


def checkpoint() -> None:
    """Raise Canceled if the work is no longer wanted."""
    should_stop = _asked.get()
    if should_stop is not None and should_stop():
        raise Canceled("the caller asked to stop")
