"""HTTP in and out, nothing else."""

from express.views.create import CreateVideo
from express.views.files import VideoCaptions, VideoFile, VideoThumbnail
from express.views.videos import CancelVideo, VideoDetail

__all__ = ["CancelVideo", "CreateVideo", "VideoCaptions", "VideoDetail", "VideoFile", "VideoThumbnail"]
