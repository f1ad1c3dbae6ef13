"""A worker's presence: its row in the database, from its start to its end.

The main process tells that the worker lives; each process that renders names itself after it.
"""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from engine.sessions import device, live_providers
from express import gpu
from express.models import Worker

FORGOTTEN_AFTER = timedelta(days=1)  # a lost worker is shown until then


@dataclass(frozen=True, slots=True)
class Presence:
    """What a worker tells of itself."""

    id: str
    name: str
    queues: tuple[str, ...]
    slots: int


_present: list[Presence] = []  # this process's worker, inherited by the processes that it forks


def arrive(name: str, queues: Iterable[str], slots: int) -> None:
    """Say that this process is a worker, called `name` by Celery, with this many jobs at once."""
    _present[:] = [Presence(f"{socket.gethostname()}:{os.getpid()}"[-100:], name, tuple(queues), slots)]
    beat()


def beat() -> None:
    """Say that the worker lives; make its row again should it be gone. Nothing where no worker arrived."""
    for us in _present:
        Worker.objects.update_or_create(
            pk=us.id,
            defaults={
                "name": us.name,
                "queues": list(us.queues),
                "slots": us.slots,
                "version": settings.VERSION,
                "seen_at": Now(),
                "gpus": gpu.memory(),
            },
        )


def tell_device() -> None:
    """Say what runs the networks, from a process that has loaded them."""
    for us in _present:
        Worker.objects.filter(pk=us.id).update(provider=live_providers()[0], device=device())


def leave() -> None:
    """Take the worker's row away."""
    for us in _present:
        Worker.objects.filter(pk=us.id).delete()
    _present.clear()


def owner() -> str:
    """Return what a video's `worker` says while this process renders it: host:pid, /pid of the forked process."""
    main = _present[0].id if _present else f"{socket.gethostname()}:{os.getpid()}"
    return main if main.endswith(f":{os.getpid()}") else f"{main}/{os.getpid()}"


def forget_lost() -> int:
    """Delete the rows of workers that were lost long ago. Returns how many there were."""
    return Worker.objects.filter(seen_at__lt=Now() - FORGOTTEN_AFTER).delete()[0]
