"""HTTP in and out, nothing else."""

from express.views.create import CreateVideo
from express.views.files import VideoCaptions, VideoFile, VideoThumbnail
from express.views.videos import CancelVideo, RetryVideo, VideoDetail, VideoList

__all__ = [
    "CancelVideo",
    "CreateVideo",
    "RetryVideo",
    "VideoCaptions",
    "VideoDetail",
    "VideoFile",
    "VideoList",
    "VideoThumbnail",
]
