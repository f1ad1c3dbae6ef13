"""When a worker has to end: what it cannot finish by then goes back to the queue, for the next one to start over.

The main process of a worker hears the signal, the processes that it forked do the work: they share this deadline.
"""

import time
from multiprocessing import Value

_due = Value("d", 0.0, lock=False)  # time.monotonic(), which all processes of a machine share; 0: stay
_own = {"due": 0.0}  # this process's alone


def leave_in(grace_s: float) -> None:
    """Let every process of this worker finish what takes no longer than that."""
    _due.value = time.monotonic() + grace_s


def finish_in(grace_s: float) -> None:
    """Let this process finish the task that it is at if it takes no longer than that, and no other process."""
    _own["due"] = time.monotonic() + grace_s


def go_on() -> None:
    """The task is over."""
    _own["due"] = 0.0


def stay() -> None:
    """Take it all back, for tests."""
    _due.value = _own["due"] = 0.0


def is_due() -> bool:
    """Whether the time is over."""
    return any(0.0 < due <= time.monotonic() for due in (_due.value, _own["due"]))
