"""A video in words that clients read: the same in answers and in webhooks."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from express.estimates import Outlook
from express.models import Status, Video

TIMES = ("created_at", "started_at", "completed_at", "expires_at")
_time = serializers.DateTimeField()


def describe(video: Video, absolute: Callable[[str], str], outlook: Outlook | None = None) -> dict[str, Any]:
    """Return the video's JSON. absolute: makes a whole URL of a path, as the client reaches us.

    outlook: shared by those who tell of several videos at once.
    """

    def url(name: str, *more: str) -> str:
        return absolute(reverse(name, args=[video.pk, *more]))

    outlook = outlook or Outlook()
    eta = outlook.eta_s(video)
    has_files = video.status == Status.COMPLETED and not video.is_gone
    return {
        "id": str(video.pk),
        "status": video.status,
        "stage": video.stage,
        "progress": round(video.progress * 100),
        "queue_position": outlook.position(video),
        "eta_seconds": None if eta is None else round(eta, 1),
        "video_url": url("video-file"),
        "thumbnail_url": url("video-thumbnail") if has_files else None,
        "captions_url": url("video-captions", "vtt") if has_files and video.cues else None,
        "duration": video.duration_s,
        "width": video.width,
        "height": video.height,
        "fps": video.fps,
        "model_id": video.model_id,
        "reused": video.reused,
        "error": video.error,
        "timings": video.timings,
        "user_data": video.user_data,
        "flags": video.flags,
        "callback_id": video.callback_id,
        **{name: iso(getattr(video, name)) for name in TIMES},
    }


def iso(value: Any) -> Any:
    """Return a time as the API writes it."""
    return None if value is None else _time.to_representation(value)
