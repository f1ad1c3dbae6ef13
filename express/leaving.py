"""When a worker has to end: what it cannot finish by then goes back to the queue, for the next one to start over.

The main process of a worker hears the signal, the processes that it forked do the work: they share this deadline.
"""

import time
from multiprocessing import Value

_due = Value("d", 0.0, lock=False)  # time.monotonic(), which all processes of a machine share; 0: stay


def leave_in(grace_s: float) -> None:
    """Finish what takes no longer than that."""
    _due.value = time.monotonic() + grace_s


def stay() -> None:
    """Take it back, for tests."""
    _due.value = 0.0


def is_due() -> bool:
    """Whether the time is over."""
    return bool(0.0 < _due.value <= time.monotonic())
