"""Videos that got lost on their way, brought back onto it."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from express import transitions
from express.errors import problem
from express.models import Status, Video, VideoQuerySet, without_parts
from express.routing import QUEUES, stranded
from express.services.create import send
from express.services.silence import Watch

logger = logging.getLogger(__name__)

RESEND_AFTER = timedelta(minutes=1)  # for the head of the queue: the broker may have lost its message
HEAD, RESEND_MOST = 10, 100  # HEAD: of each queue


def requeue_lost(watch: Watch | None = None) -> int:
    """Send again what got lost: videos of dead workers, and messages that the broker did not keep.

    watch: what this process has seen of the heartbeats, if it calls this over and over; else the clock judges.
    Safe to run anywhere, at any time, several times at once. Returns how many videos it touched.
    """
    now = timezone.now()
    touched = sum(_recover(video) for video in _lost(watch, now))
    waiting = Video.objects.waiting()
    unsent = waiting.filter(enqueued_at=None, created_at__lt=now - timedelta(seconds=settings.HEARTBEAT_INTERVAL_S))
    # Only the head of a queue can be late without a reason; the others wait for it.
    heads = [video for queue in QUEUES for video in waiting.filter(queue=queue)[:HEAD]]
    late = [video for video in heads if video.enqueued_at and video.enqueued_at < now - RESEND_AFTER]
    return touched + sum(send(video) for video in [*unsent[:RESEND_MOST], *late, *stranded()[:RESEND_MOST]])


def _lost(watch: Watch | None, now: datetime) -> VideoQuerySet:
    working = without_parts(Video.objects.filter(status=Status.PROCESSING))
    if watch is None:
        return working.filter(heartbeat_at__lt=now - timedelta(seconds=settings.HEARTBEAT_LOST_AFTER_S))
    beats = working.values_list("pk", "attempt", "heartbeat_at")
    return working.filter(pk__in=watch.silent((pk, beat) for pk, *beat in beats))


def worker_crashed(crashes: int) -> dict[str, object]:
    """The error of a video over which that many workers died."""
    return problem(
        "worker_crashed",
        f"The worker died {crashes} times while it rendered this video.",
        hint="Try a smaller photo or shorter speech; the worker may lack memory.",
        details={"attempts": crashes},
        retryable=True,
    )


def _recover(video: Video) -> bool:
    crashes = video.crashes + 1
    if crashes >= settings.RENDER_MAX_ATTEMPTS:
        done = transitions.fail(video, worker_crashed(crashes), rejected=False)
    else:
        done = transitions.requeue(video)
        if done:
            video.refresh_from_db()
            send(video)
    if done:
        logger.warning("video %s: worker %s is gone in attempt %d", video.pk, video.worker, video.attempt)
    return done
