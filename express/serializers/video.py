"""The JSON of a video, and of every error."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from express.description import describe
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
    """A video as JSON: the names and kinds of what `describe` returns."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Status.choices)
    stage = serializers.CharField(allow_blank=True, help_text="What the worker is at: speech, photo, face, rig, …")
    progress = serializers.IntegerField(min_value=0, max_value=100)
    queue_position = serializers.IntegerField(allow_null=True, help_text="1: the next one; null: not waiting.")
    eta_seconds = serializers.FloatField(allow_null=True, help_text="Until completion; null: it has ended.")
    video_url = serializers.URLField(help_text="The MP4 once completed; 202 with this JSON before.")
    thumbnail_url = serializers.URLField(allow_null=True)
    captions_url = serializers.URLField(allow_null=True, help_text="WebVTT; `.srt` in its place gives SubRip.")
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    fps = serializers.FloatField(allow_null=True)
    model_id = serializers.CharField(allow_blank=True, help_text="The lip-sync model that draws the mouth.")
    reused = serializers.BooleanField(help_text="It is an earlier video of the same request, and was not made again.")
    error = ErrorSerializer(allow_null=True)
    timings = serializers.DictField(child=serializers.FloatField(), help_text="Seconds a stage.")
    user_data = serializers.CharField(allow_blank=True)
    flags = serializers.ListField(
        child=serializers.CharField(),
        help_text="`consent_ended`: whom it shows no longer consents; it must not be shown any more.",
    )
    callback_id = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Video) -> dict[str, Any]:
        """Return the JSON of one video, by the request and the outlook of the context."""
        request: Request = self.context["request"]
        return describe(instance, request.build_absolute_uri, self.context["outlook"])


class EventSerializer(serializers.Serializer[Any]):
    """What a callback is told (express/webhooks.py)."""

    type = serializers.ChoiceField(
        choices=["video.completed", "video.rejected", "video.failed", "video.canceled", "video.expired"]
    )
    timestamp = serializers.DateTimeField()
    data = VideoSerializer(help_text="The video as it was then.")  # type: ignore[assignment]  # DRF moves it
