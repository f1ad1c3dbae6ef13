"""Celery's shells: an id in, one call out."""

from uuid import UUID

from celery import shared_task

from express import rendering


@shared_task
def render_video(video_id: str) -> None:
    """Render the video, unless another worker has it or it needs no more rendering."""
    rendering.render_video(UUID(video_id))
