"""What can be done with videos: rows, and messages to the workers on commit. No HTTP, no rendering."""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from express import tasks, transitions
from express.errors import problem
from express.inputs import VideoRequest, checked
from express.models import Status, Video

logger = logging.getLogger(__name__)

POLL_S = 0.04  # one look-up by primary key takes about 0.2 ms; waiters learn of the end within 40 ms
RESEND_AFTER = timedelta(minutes=1)  # for the head of the queue: the broker may have lost its message
HEAD, RESEND_MOST = 10, 100


def create_video(request: VideoRequest, *, enqueue: bool = True) -> Video:
    """Check the request, store its files and its row, and on commit send it to a worker.

    Raises InputError before anything is stored. `enqueue=False` leaves the rendering to the caller.
    """
    video = checked(request)
    if request.photo is not None:
        video.photo = ContentFile(request.photo, "photo")
    if request.audio is not None:
        video.audio = ContentFile(request.audio, "audio")
    try:
        with transaction.atomic():
            video.save(force_insert=True)
    except BaseException:
        remove_files(video)
        raise
    if enqueue:
        transaction.on_commit(lambda: send(video))
    logger.info("video %s: queued", video.pk)
    return video


def send(video: Video) -> bool:
    """Tell the workers of a queued video. False when it is not waiting (any more), or the broker is away.

    What the broker does not take is sent again by `requeue_lost`.
    """
    now = timezone.now()
    waiting = Video.objects.filter(pk=video.pk, status=Status.QUEUED, enqueued_at=video.enqueued_at)
    if not waiting.update(enqueued_at=now):
        return False
    try:
        tasks.render_video.delay(str(video.pk))
    except Exception as error:  # what a broker that is away raises depends on the broker
        logger.warning("video %s: the broker does not answer (%s); it is sent again later", video.pk, error)
        Video.objects.filter(pk=video.pk, enqueued_at=now).update(enqueued_at=None)
        return False
    video.enqueued_at = now
    return True


def wait_until_final(video: Video, seconds: float) -> Video:
    """Return the video as soon as it needs no more waiting, or as it is after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not Video.objects.running().filter(pk=video.pk).exists():
            break
        time.sleep(POLL_S)
    video.refresh_from_db()
    return video


def cancel_video(video: Video) -> bool:
    """Stop a video that waits or is being rendered. False when it has ended already."""
    done = transitions.cancel(video)
    if done:
        logger.info("video %s: canceled", video.pk)
    video.refresh_from_db()
    return done


def delete_video(video: Video) -> None:
    """Remove everything that the video holds of its user. The row stays, to answer 410."""
    transitions.cancel(video)
    video.refresh_from_db()
    remove_files(video)
    now = timezone.now()
    Video.objects.filter(pk=video.pk).update(
        removed_at=now, photo="", audio="", result="", poster="", cues=[], text="", user_data=""
    )
    logger.info("video %s: removed", video.pk)


def remove_files(video: Video) -> None:
    """Delete the row's files from storage."""
    for file in video.files():
        if file._committed:
            file.storage.delete(file.name)


def requeue_lost() -> int:
    """Send again what got lost: videos of dead workers, and messages that the broker did not keep.

    Safe to run anywhere, at any time, several times at once. Returns how many videos it touched.
    """
    now = timezone.now()
    lost = Video.objects.filter(
        status=Status.PROCESSING, heartbeat_at__lt=now - timedelta(seconds=settings.HEARTBEAT_LOST_AFTER_S)
    )
    touched = sum(_recover(video) for video in lost)
    waiting = Video.objects.filter(status=Status.QUEUED).order_by("created_at")
    unsent = waiting.filter(enqueued_at=None, created_at__lt=now - timedelta(seconds=settings.HEARTBEAT_INTERVAL_S))
    # Only the head of the queue can be late without a reason; the others wait for it.
    late = [video for video in waiting[:HEAD] if video.enqueued_at and video.enqueued_at < now - RESEND_AFTER]
    return touched + sum(send(video) for video in [*unsent[:RESEND_MOST], *late])


def remove_expired() -> int:
    """Remove the files of videos whose time is over. Returns how many there were."""
    expired = Video.objects.filter(removed_at=None, expires_at__lte=timezone.now())
    count = 0
    for video in expired[:100]:
        delete_video(video)
        count += 1
    return count


def _recover(video: Video) -> bool:
    if video.attempt >= settings.RENDER_MAX_ATTEMPTS:
        error = problem(
            "worker_crashed",
            f"The worker died {video.attempt} times while it rendered this video.",
            hint="Try a smaller photo or shorter speech; the worker may lack memory.",
            details={"attempts": video.attempt},
            retryable=True,
        )
        done = transitions.fail(video, error, rejected=False)
    else:
        done = transitions.requeue(video)
        if done:
            video.refresh_from_db()
            send(video)
    if done:
        logger.warning("video %s: worker %s is gone in attempt %d", video.pk, video.worker, video.attempt)
    return done
