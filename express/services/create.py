"""A request becomes files, a row and, on commit, a message to the workers."""

import logging
import time

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from express import disk, logs, tasks, transitions, webhooks
from express.clients import SERVICE, Client
from express.files import discard, keep
from express.inputs import VideoRequest, checked
from express.models import RENDER_QUEUE, IdempotencyKey, Status, Video
from express.patience import DATABASE_AWAY, hang_up
from express.routing import queue_of
from express.services.idempotency import give_video
from express.services.limits import allowed, one_at_a_time, require_room
from express.slots import Slots
from express.turns import next_turn

logger = logging.getLogger(__name__)

AWAY_POLL_S = 0.5
_waits = Slots(settings.CREATE_WAITS_MAX)
POLL_S = 0.04  # one look-up by primary key takes about 0.2 ms; waiters learn of the end within 40 ms


def create_video(
    request: VideoRequest, client: Client = SERVICE, *, key: IdempotencyKey | None = None, enqueue: bool = True
) -> Video:
    """Check the request, store its files and its row, and on commit send it to a worker.

    key: gets the video. Raises InputError, StorageFull, LimitReached and KeyLost, and then leaves nothing behind.
    `enqueue=False` leaves the rendering to the caller.
    """
    disk.require_room()
    video = checked(request)
    video.owner, video.client, video.priority = client.key, client.id, allowed(request.priority, client)
    video.request_id = logs.ids().get("request", "")
    if _is_answered(video, client, key):
        return video
    has_row = False
    try:
        for name, data in (("photo", request.photo), ("audio", request.audio)):
            if data is not None:
                keep(video, name, ContentFile(data, name))
        with transaction.atomic():
            one_at_a_time(client.id)
            require_room(client)
            video.queue = queue_of(video)
            video.turn = next_turn(video)  # among those that wait there
            _insert(video, key)
            has_row = True  # should the commit's answer get lost, nobody knows whether it is there
    except BaseException:
        if not has_row:
            for file in video.files():
                discard(file, file.name)
        raise
    if enqueue:
        transaction.on_commit(lambda: send(video), robust=True)  # accepted is accepted: the janitor sends it, too
    with logs.about(video=video.pk):
        logger.info("video %s: queued", video.pk)
    return video


def _insert(video: Video, key: IdempotencyKey | None) -> None:
    video.save(force_insert=True)
    if key:
        give_video(key, video)


def _is_answered(video: Video, client: Client, key: IdempotencyKey | None) -> bool:
    """Complete the new video at once by an earlier one of the same client that is the same; share its files."""
    if not video.fingerprint:
        return False
    with transaction.atomic():
        one_at_a_time(client.id)
        require_room(client)
        twin = transitions.twin_of(video)
        if twin is None:
            return False
        taken = transitions.shared(twin) | {"photo": twin.photo, "audio": twin.audio, "started_at": timezone.now()}
        for name, value in taken.items():
            setattr(video, name, value)
        video.status = Status.COMPLETED
        _insert(video, key)
        if video.callback_url:
            webhooks.note(video.pk, f"video.{video.status}")
    logger.info("video %s: the same as %s", video.pk, twin.pk)
    return True


def send(video: Video) -> bool:
    """Tell the workers of a queued video. False when it is not waiting (any more), or the broker is away.

    What the broker does not take is sent again by `requeue_lost`.
    """
    now = timezone.now()
    waiting = Video.objects.filter(pk=video.pk, status=Status.QUEUED, enqueued_at=video.enqueued_at)
    queue = queue_of(video)
    if not waiting.update(enqueued_at=now, queue=queue):
        return False
    try:
        if queue == RENDER_QUEUE:
            tasks.render_video.delay(str(video.pk))
        else:
            tasks.render_video.apply_async((str(video.pk),), queue=queue)
    except Exception as error:  # what a broker that is away raises depends on the broker
        logger.warning("video %s: the broker does not answer (%s); it is sent again later", video.pk, error)
        Video.objects.filter(pk=video.pk, enqueued_at=now).update(enqueued_at=None)
        return False
    video.enqueued_at, video.queue = now, queue
    return True


def wait_until_final(video: Video, seconds: float) -> Video:
    """Return the video as soon as it needs no more waiting, or as it is after `seconds`; at once if too many wait.

    A database that goes away meanwhile may come back. Raises what it raises when it has not.
    """
    if seconds > 0 and _waits.take():
        try:
            _wait(video, time.monotonic() + seconds)
        finally:
            _waits.leave()
    video.refresh_from_db()
    return video


def _wait(video: Video, deadline: float) -> None:
    while time.monotonic() < deadline:
        try:
            if not Video.objects.running().filter(pk=video.pk).exists():
                break
        except DATABASE_AWAY:
            hang_up()
            time.sleep(AWAY_POLL_S)
        time.sleep(POLL_S)
