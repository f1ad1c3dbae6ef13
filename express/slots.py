"""Requests that keep a thread of the web server for long: so many at once, so that short ones always find one."""

import threading


class Slots:
    """A number of places that nobody queues for."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count) if count > 0 else None

    def take(self) -> bool:
        """Take a place; False when all are taken."""
        return self._free is not None and self._free.acquire(blocking=False)

    def leave(self) -> None:
        """Give a place back that was taken."""
        if self._free is not None:
            self._free.release()
