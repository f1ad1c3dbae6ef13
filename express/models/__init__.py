"""What express keeps: videos, and the workers that make them."""

from express.models.video import RUNNING, Status, Video, VideoQuerySet, audio_name, photo_name, poster_name, result_name
from express.models.worker import Worker, WorkerQuerySet

__all__ = [
    "RUNNING",
    "Status",
    "Video",
    "VideoQuerySet",
    "Worker",
    "WorkerQuerySet",
    "audio_name",
    "photo_name",
    "poster_name",
    "result_name",
]
