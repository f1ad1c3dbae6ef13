"""HTTP in and out, nothing else."""

from express.views.check import CheckPhoto
from express.views.create import CreateVideo
from express.views.events import VideoEvents
from express.views.files import VideoCaptions, VideoFile, VideoThumbnail
from express.views.videos import CancelVideo, RetryVideo, VideoDetail, VideoList

__all__ = [
    "CancelVideo",
    "CheckPhoto",
    "CreateVideo",
    "RetryVideo",
    "VideoCaptions",
    "VideoDetail",
    "VideoEvents",
    "VideoFile",
    "VideoList",
    "VideoThumbnail",
]
