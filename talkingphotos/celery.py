"""The Celery app, and what a worker does when it starts.

Queues: `render` makes videos, `default` does everything small. One worker can take both.
"""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talkingphotos.settings")

app = Celery("talkingphotos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

logger = logging.getLogger(__name__)


@worker_process_init.connect
def load_models(**kwargs: Any) -> None:
    """Load the models in each process that renders; never before the fork, which their threads do not survive."""
    from express.rendering import warm_up

    warm_up()


@worker_init.connect
def load_models_without_fork(sender: Any, **kwargs: Any) -> None:
    """Load the models in a worker whose tasks run in its own process (`--pool solo` or `threads`)."""
    if not sender.pool_cls.__module__.endswith("prefork"):
        load_models()


@worker_ready.connect
def keep_house(sender: Any, **kwargs: Any) -> None:
    """Look for lost and expired videos now and every few seconds, in the worker's own loop: no thread, no beat."""
    from django.conf import settings

    _clean_up()
    sender.timer.call_repeatedly(settings.JANITOR_INTERVAL_S, _clean_up)


def _clean_up() -> None:
    from django.db import connections

    from express import services

    try:
        services.requeue_lost()
        services.remove_expired()
    except Exception:  # a database that is away must not end the worker
        logger.exception("the janitor failed; it tries again soon")
    finally:
        connections.close_all()  # nothing of it may be inherited by a forked process
