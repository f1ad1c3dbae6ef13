"""Celery's shells: an id in, one call out."""

from typing import Any
from uuid import UUID

from celery import shared_task

from express import rendering, sweeping, webhooks
from express.models import RENDER_QUEUE


@shared_task(bind=True)
def render_video(self: Any, video_id: str) -> None:
    """Render one video: the one whose turn it is among those that wait in this message's queue.

    A message is a ticket. There is one for each video that waits, and it does not matter which of them it names.
    """
    queue = (self.request.delivery_info or {}).get("routing_key") or RENDER_QUEUE
    if not rendering.render_next(queue):
        self.apply_async([video_id], queue=queue)  # a new ticket, for another worker


@shared_task
def deliver_webhook(delivery_id: str) -> None:
    """Make the try of a webhook that is due."""
    webhooks.deliver(UUID(delivery_id))


@shared_task
def sweep() -> None:
    """Delete files that no row names, mark rows whose files are gone."""
    sweeping.sweep(delete=True)
