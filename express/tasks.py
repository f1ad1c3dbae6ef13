"""Celery's shells: an id in, one call out."""

import logging
from typing import Any
from uuid import UUID

from celery import shared_task

from express import sweeping, webhooks
from express.models import RENDER_QUEUE, Video
from express.parts import transitions, work

logger = logging.getLogger(__name__)


@shared_task(bind=True)
def render_video(self: Any, video_id: str) -> None:
    """Render one video: the one whose turn it is among those that wait in this message's queue.

    A message is a ticket. There is one for each video that waits, and it does not matter which of them it names.
    """
    if not work.make_next(_queue_of(self), send_parts):
        render_video.apply_async([video_id], queue=_queue_of(self))  # a new ticket, for another worker


@shared_task(bind=True)
def render_part(self: Any, part_id: int) -> None:
    """Do this part of a long video, unless another worker has it or nobody wants it any more."""
    if not work.do_part(part_id, send_parts):
        render_video.apply_async([""], queue=_queue_of(self))  # a ticket for whichever it is


def send_parts(video: Video) -> None:
    """Tell the workers of the parts of a video that are due. What the broker does not take is sent again later."""
    for part in transitions.take_due(video):
        try:
            render_part.apply_async((part.pk,), queue=video.queue)
        except Exception as error:  # what a broker that is away raises depends on the broker
            logger.warning("video %s: the broker does not answer (%s); it is sent again later", video.pk, error)
            transitions.not_sent(part)


@shared_task
def deliver_webhook(delivery_id: str) -> None:
    """Make the try of a webhook that is due."""
    webhooks.deliver(UUID(delivery_id))


@shared_task
def sweep() -> None:
    """Delete files that no row names, mark rows whose files are gone."""
    sweeping.sweep(delete=True)


def _queue_of(task: Any) -> str:
    """The queue that a task's message came by."""
    return (task.request.delivery_info or {}).get("routing_key") or RENDER_QUEUE
