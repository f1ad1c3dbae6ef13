"""What a video holds, in bytes: the film, its first picture, its captions."""

from http import HTTPStatus

from django.core.files.base import ContentFile
from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from engine.captions import sub_rip, web_vtt
from express import schema
from express.models import Status
from express.problems import Problem
from express.streaming import file_response, stored_response
from express.views.answers import PRIVATE, accepted, not_found, present, told_as_lost, video_answer, without_video

CAPTION_FILES = {"vtt": (web_vtt, "text/vtt"), "srt": (sub_rip, "application/x-subrip")}


class VideoFile(APIView):
    """GET and HEAD /api/express/video/{id}."""

    @schema.video_file
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """The MP4, whole or in ranges."""
        video = present(request, video_id)
        if video.is_running:
            return accepted(request, video)
        if video.status != Status.COMPLETED:
            return without_video(video, HTTPStatus.NOT_FOUND)
        return video_answer(request, video, may_redirect=True)


class VideoThumbnail(APIView):
    """GET and HEAD /api/express/videos/{id}/thumbnail."""

    @schema.video_thumbnail
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """The video's first picture as JPEG."""
        video = present(request, video_id)
        if not video.poster:
            raise not_found(video_id)
        with told_as_lost(video):
            return stored_response(
                request,
                video.poster,
                content_type="image/jpeg",
                etag=f'"{video.result_sha256[:32]}-poster"',
                filename=f"{video.pk}.jpg",
                cache_control=PRIVATE,
            )


class VideoCaptions(APIView):
    """GET and HEAD /api/express/videos/{id}/captions.vtt and captions.srt."""

    @schema.video_captions
    def get(self, request: Request, video_id: str, kind: str) -> HttpResponseBase:
        """What is said, with its times."""
        video = present(request, video_id)
        if kind not in CAPTION_FILES or not video.cues:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                "captions_not_found",
                "The video has no such captions.",
                hint="Create it with captions=file or captions=burned, and ask for captions.vtt or captions.srt. "
                "Recordings in another language than English get none.",
                details={"id": str(video.pk), "kinds": list(CAPTION_FILES)},
            )
        write, media_type = CAPTION_FILES[kind]
        return file_response(
            request,
            ContentFile(write(video.captions()).encode()),
            content_type=f"{media_type}; charset=utf-8",
            etag=f'"{video.result_sha256[:32]}-{kind}"',
            filename=f"{video.pk}.{kind}",
            cache_control=PRIVATE,
        )
