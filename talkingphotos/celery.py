"""The Celery app, and what a worker does when it starts.

Queues: `render` makes videos, `default` does everything small. One worker can take both.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from billiard.process import current_process
from celery import Celery
from celery.signals import (
    before_task_publish,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talkingphotos.settings")

app = Celery("talkingphotos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

logger = logging.getLogger(__name__)


@worker_init.connect
def arrive(sender: Any, **kwargs: Any) -> None:
    """Say that a worker is there, before it has loaded anything; and load the models where tasks run right here.

    A worker that was to have a GPU and has none does not start: ONNX Runtime would go on without a word, slowly.
    """
    from django.conf import settings

    from engine.errors import GpuUnavailable
    from engine.sessions import DEVICES
    from express import workers

    if not DEVICES.fullmatch(settings.RENDER_DEVICE):
        sys.exit(f"RENDER_DEVICE must be auto, cpu, cuda or cuda:N, not {settings.RENDER_DEVICE!r}")
    if settings.RENDER_DEVICE.startswith("cuda") and _forks(sender):
        sys.exit("A worker with a GPU cannot fork: start it by scripts/worker, or with --pool threads --concurrency 1")
    queues = sender.app.amqp.queues.consume_from
    _told(lambda: workers.arrive(sender.hostname, queues, sender.concurrency))
    if not _forks(sender) and set(queues) != {"default"}:  # small things load what they need when they need it
        try:
            load_models()
        except GpuUnavailable as error:
            _told(workers.leave)
            sys.exit(f"{error.code}: {error.message}. {error.hint}")


@worker_process_init.connect
def load_models(**kwargs: Any) -> None:
    """Load the models in each process that renders; never before the fork, which their threads do not survive."""
    from django.conf import settings

    from express import workers
    from express.rendering import warm_up

    warm_up(settings.RENDER_DEVICE, settings.RENDER_THREADS)
    _told(workers.tell_device)


@before_task_publish.connect
def send_ids(headers: dict[str, Any], **kwargs: Any) -> None:
    """Send along which request and which video a task is about, for the worker's log."""
    from express import logs

    headers["about"] = logs.ids()


@task_prerun.connect
def receive_ids(task: Any, **kwargs: Any) -> None:
    """Begin a task's log lines with the ids that came with it."""
    from express import logs

    logs.begin(task.request.get("about") or {})


@task_prerun.connect
def stay_to_the_end(**kwargs: Any) -> None:
    """Let a forked process hand back what it is at before SIGTERM ends it.

    Some service managers send it to every process of a worker, and Celery itself does in a cold shutdown. What is
    idle ends at once.
    """
    if _is_forked():
        signal.signal(signal.SIGTERM, _finish)


@task_postrun.connect
def stay_no_longer(**kwargs: Any) -> None:
    """Let SIGTERM end a forked process that is idle."""
    from express import leaving

    if _is_forked():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        leaving.go_on()


@worker_ready.connect
def keep_house(sender: Any, **kwargs: Any) -> None:
    """Clean up now and every few seconds.

    A worker that forks does it in its own loop, since threads do not survive a fork; others are busy rendering
    there, and have a thread for it.
    """
    from django.conf import settings

    from catalog.sending import send_for_what_waits

    _clean_up()
    _told(send_for_what_waits)
    if _forks(sender.controller):
        sender.timer.call_repeatedly(settings.JANITOR_INTERVAL_S, _clean_up)
    else:
        threading.Thread(target=_clean_up_for_ever, args=[settings.JANITOR_INTERVAL_S], daemon=True).start()


@worker_shutting_down.connect
def let_go(how: str, **kwargs: Any) -> None:
    """Give the videos under way a little time; what cannot be finished goes back to the queue at once."""
    from django.conf import settings

    from express import leaving

    if how == "Warm":
        leaving.leave_in(settings.SHUTDOWN_GRACE_S)


@worker_shutdown.connect
def leave(**kwargs: Any) -> None:
    """Say that the worker ended in peace."""
    from express import workers

    _told(workers.leave)


def _finish(*signalled: Any) -> None:
    from django.conf import settings

    from express import leaving

    leaving.finish_in(settings.SHUTDOWN_GRACE_S)


def _is_forked() -> bool:
    """Whether this process was forked by a worker to do its tasks."""
    return bool(current_process().name != "MainProcess")


def _forks(worker: Any) -> bool:
    return bool(worker.pool_cls.__module__.endswith("prefork"))


def _clean_up_for_ever(interval_s: float) -> None:
    while True:
        time.sleep(interval_s)
        _clean_up()


def _clean_up() -> None:
    from catalog import consents
    from express import analyses, chores, services, webhooks, workers

    _told(workers.beat)
    _told(lambda: services.requeue_lost(services.HEARTBEATS))
    _told(lambda: services.recover_parts(services.PART_HEARTBEATS))
    _told(webhooks.send_due)
    _told(services.remove_expired)
    _told(consents.end_expired)
    _told(chores.do_chores)
    _told(services.remove_old_keys)
    _told(analyses.remove_old)


def _told(work: Callable[[], Any]) -> None:
    """Do what needs the database; one that is away must not end the worker."""
    from django.db import connections

    try:
        work()
    except Exception:
        logger.exception("the worker's housekeeping failed; it tries again soon")
    finally:
        connections.close_all()  # nothing of it may be inherited by a forked process
