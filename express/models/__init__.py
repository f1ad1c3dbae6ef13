"""What express keeps: videos."""

from express.models.video import RUNNING, Status, Video, VideoQuerySet, audio_name, photo_name, poster_name, result_name

__all__ = [
    "RUNNING",
    "Status",
    "Video",
    "VideoQuerySet",
    "audio_name",
    "photo_name",
    "poster_name",
    "result_name",
]
