"""The JSON of a video, and of every error."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from express.estimates import eta_s, queue_position
from express.models import Status, Video


class ErrorSerializer(serializers.Serializer[Any]):
    """One error."""

    code = serializers.CharField(help_text="Stable; made for programs.")
    message = serializers.CharField(help_text="What happened, with the measured numbers.")
    hint = serializers.CharField(allow_blank=True, help_text="What to do about it.")
    details = serializers.DictField(help_text="The numbers and limits, for programs.")
    retryable = serializers.BooleanField(help_text="Whether the same request may succeed later.")


class ErrorAnswerSerializer(serializers.Serializer[Any]):
    """How every error is answered."""

    error = ErrorSerializer()


class VideoSerializer(serializers.Serializer[Video]):
    """A video as JSON. `queue_position` and `eta_seconds` are looked up, so one row at a time."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Status.choices)
    stage = serializers.CharField(allow_blank=True, help_text="What the worker is at: speech, photo, face, rig, …")
    progress = serializers.IntegerField(min_value=0, max_value=100)
    queue_position = serializers.IntegerField(allow_null=True, help_text="1: the next one; null: not waiting.")
    eta_seconds = serializers.FloatField(allow_null=True, help_text="Until completion; null: nothing to judge by yet.")
    video_url = serializers.URLField(help_text="The MP4 once completed; 202 with this JSON before.")
    thumbnail_url = serializers.URLField(allow_null=True)
    captions_url = serializers.URLField(allow_null=True, help_text="WebVTT; `.srt` in its place gives SubRip.")
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    fps = serializers.FloatField(allow_null=True)
    error = ErrorSerializer(allow_null=True)
    timings = serializers.DictField(child=serializers.FloatField(), help_text="Seconds a stage.")
    user_data = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Video) -> dict[str, Any]:
        """Return the JSON of one video. Addresses are absolute, as the client reached us."""
        position = queue_position(instance)
        eta = eta_s(instance, position)
        has_files = instance.status == Status.COMPLETED and not instance.is_gone
        captions = has_files and instance.cues
        return {
            "id": str(instance.pk),
            "status": instance.status,
            "stage": instance.stage,
            "progress": round(instance.progress * 100),
            "queue_position": position,
            "eta_seconds": None if eta is None else round(eta, 1),
            "video_url": self._url("video-file", instance),
            "thumbnail_url": self._url("video-thumbnail", instance) if has_files else None,
            "captions_url": self._url("video-captions", instance, "vtt") if captions else None,
            "duration": instance.duration_s,
            "width": instance.width,
            "height": instance.height,
            "fps": instance.fps,
            "error": instance.error,
            "timings": instance.timings,
            "user_data": instance.user_data,
            **{name: _iso(getattr(instance, name)) for name in _TIMES},
        }

    def _url(self, name: str, video: Video, *more: str) -> str:
        request: Request = self.context["request"]
        return request.build_absolute_uri(reverse(name, args=[video.pk, *more]))


_TIMES = ("created_at", "started_at", "completed_at", "expires_at")
_time = serializers.DateTimeField()


def _iso(value: Any) -> Any:
    return None if value is None else _time.to_representation(value)
