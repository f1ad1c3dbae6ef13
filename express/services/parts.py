"""Parts that got lost on their way, brought back onto it."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from express import tasks, transitions
from express.models import RENDER_QUEUE, Part, PartQuerySet, Status, Video
from express.parts import files
from express.parts import transitions as parts
from express.parts.removal import remove_needless
from express.routing import is_stranded
from express.services.recovery import worker_crashed
from express.services.silence import Watch

logger = logging.getLogger(__name__)


def recover_parts(watch: Watch | None = None) -> int:
    """Send again what got lost of videos in parts: parts of dead workers, messages that the broker did not keep, and
    those that wait in a queue that nobody serves any more.

    Takes away what nobody waits for any more. Safe to run anywhere, at any time, several times at once. Returns how
    many parts it gave to other workers. watch: as for requeue_lost.
    """
    remove_needless()
    alive = Part.objects.alive().select_related("video")
    lost = [part for part in _lost(watch, alive.filter(status=Status.PROCESSING)) if _recover(part)]
    for video in Video.objects.filter(pk__in=alive.values("video")):
        if is_stranded(video):
            parts.move(video, RENDER_QUEUE)
        tasks.send_parts(video)
    return len(lost)


def _lost(watch: Watch | None, working: PartQuerySet) -> PartQuerySet:
    if watch is None:
        return working.filter(heartbeat_at__lt=timezone.now() - timedelta(seconds=settings.HEARTBEAT_LOST_AFTER_S))
    beats = working.values_list("pk", "attempt", "heartbeat_at")
    return working.filter(pk__in=watch.silent((pk, beat) for pk, *beat in beats))


def _recover(part: Part) -> bool:
    if part.crashes + 1 >= settings.RENDER_MAX_ATTEMPTS:
        done = transitions.fail(part.video, worker_crashed(part.crashes + 1), rejected=False)
    else:
        done = parts.requeue(part, crashed=True)
    if done:
        logger.warning("video %s: worker %s is gone with part %d", part.video_id, part.worker, part.number)
        files.discard(part)
    return done
