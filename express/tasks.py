"""Celery's shells: an id in, one call out."""

from uuid import UUID

from celery import shared_task

from express import rendering, sweeping, webhooks


@shared_task
def render_video(video_id: str) -> None:
    """Render the video, unless another worker has it or it needs no more rendering."""
    rendering.render_video(UUID(video_id))


@shared_task
def deliver_webhook(delivery_id: str) -> None:
    """Make the try of a webhook that is due."""
    webhooks.deliver(UUID(delivery_id))


@shared_task
def sweep() -> None:
    """Delete files that no row names, mark rows whose files are gone."""
    sweeping.sweep(delete=True)
