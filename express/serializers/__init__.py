"""The shape of what comes in and goes out."""

from express.serializers.check import CheckedPhotoSerializer, CheckPhotoSerializer
from express.serializers.create import CreateVideoSerializer
from express.serializers.pages import VideoListQuery, VideoPageSerializer
from express.serializers.video import ErrorAnswerSerializer, ErrorSerializer, EventSerializer, VideoSerializer

__all__ = [
    "CheckPhotoSerializer",
    "CheckedPhotoSerializer",
    "CreateVideoSerializer",
    "ErrorAnswerSerializer",
    "ErrorSerializer",
    "EventSerializer",
    "VideoListQuery",
    "VideoPageSerializer",
    "VideoSerializer",
]
