"""What express keeps: videos, who may ask for them, the workers that make them, and whom to tell."""

from express.models.analysis import Analysis
from express.models.chore import Chore
from express.models.keys import ApiKey, IdempotencyKey
from express.models.part import Kind, Part, PartQuerySet, without_parts
from express.models.video import (
    RENDER_QUEUE,
    RUNNING,
    Priority,
    Status,
    Video,
    VideoQuerySet,
    audio_name,
    photo_name,
    poster_name,
    result_name,
)
from express.models.webhook import DeliveryStatus, WebhookDelivery, WebhookSecret
from express.models.worker import Worker, WorkerQuerySet

__all__ = [
    "RENDER_QUEUE",
    "RUNNING",
    "Analysis",
    "ApiKey",
    "Chore",
    "DeliveryStatus",
    "IdempotencyKey",
    "Kind",
    "Part",
    "PartQuerySet",
    "Priority",
    "Status",
    "Video",
    "VideoQuerySet",
    "WebhookDelivery",
    "WebhookSecret",
    "Worker",
    "WorkerQuerySet",
    "audio_name",
    "photo_name",
    "poster_name",
    "result_name",
    "without_parts",
]
