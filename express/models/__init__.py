"""What express keeps: videos, who may ask for them, and the workers that make them."""

from express.models.keys import ApiKey, IdempotencyKey
from express.models.video import RUNNING, Status, Video, VideoQuerySet, audio_name, photo_name, poster_name, result_name
from express.models.worker import Worker, WorkerQuerySet

__all__ = [
    "RUNNING",
    "ApiKey",
    "IdempotencyKey",
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
