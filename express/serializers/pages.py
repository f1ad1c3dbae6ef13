"""The query of GET /api/express/videos, and its pages."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from rest_framework import serializers

from express.models import Status, Video, VideoQuerySet
from express.serializers.video import VideoSerializer

PAGE, PAGE_MAX = 20, 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class VideoListQuery(serializers.Serializer[Any]):
    """Which videos, how many, and from where on. A page stays in its place while new videos come in before it."""

    limit = serializers.IntegerField(required=False, default=PAGE, min_value=1, max_value=PAGE_MAX)
    token = serializers.CharField(required=False, help_text="`next_token` of the page before.")
    status = serializers.ChoiceField(required=False, choices=Status.choices)

    def validate_token(self, token: str) -> tuple[datetime, uuid.UUID]:
        """Return time and id of the last video of the page before."""
        time, _, last = token.partition("-")
        try:
            return _EPOCH + timedelta(microseconds=int(time, 16)), uuid.UUID(last)
        except (ValueError, OverflowError) as error:
            raise serializers.ValidationError("Not a token that this service gave out.") from error

    def page(self, videos: VideoQuerySet) -> tuple[list[Video], str | None]:
        """Return the videos of the page, newest first, and the next page's token; None on the last one."""
        wanted = self.validated_data
        if "status" in wanted:
            videos = videos.filter(status=wanted["status"])
        if "token" in wanted:
            time, last = wanted["token"]
            videos = videos.filter(Q(created_at__lt=time) | Q(created_at=time, pk__lt=last))
        found = list(videos.order_by("-created_at", "-pk")[: wanted["limit"] + 1])
        page = found[: wanted["limit"]]
        return page, _token(page[-1]) if len(found) > len(page) else None


class VideoPageSerializer(serializers.Serializer[Any]):
    """A page of videos."""

    videos = VideoSerializer(many=True)
    next_token = serializers.CharField(allow_null=True, help_text="For the next page; null: this is the last one.")


def _token(video: Video) -> str:
    microseconds = (video.created_at - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds:x}-{video.pk.hex}"
