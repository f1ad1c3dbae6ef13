"""HTTP in and out, nothing else."""

import math
from http import HTTPStatus
from uuid import UUID

from django.core.files.base import ContentFile
from django.http import HttpResponseBase
from django.urls import reverse
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine.captions import sub_rip, web_vtt
from express import schema, services
from express.estimates import eta_s, queue_position
from express.models import Status, Video
from express.preferences import preference
from express.problems import Problem, problem_response
from express.serializers import CreateVideoSerializer, VideoSerializer
from express.streaming import file_response

PRIVATE = "private, max-age=3600"  # a video is its owner's; only their browser keeps it
MAX_RETRY_AFTER_S = 10
CAPTION_FILES = {"vtt": (web_vtt, "text/vtt"), "srt": (sub_rip, "application/x-subrip")}
ENDED_WITHOUT_VIDEO = {
    Status.REJECTED: HTTPStatus.BAD_REQUEST,
    Status.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
    Status.CANCELED: HTTPStatus.CONFLICT,
}


class CreateVideo(APIView):
    """POST /api/express/create."""

    parser_classes = (MultiPartParser, FormParser)

    @schema.create_video
    def post(self, request: Request) -> HttpResponseBase:
        """Make a photo talk: answer with the video, or with its address when it takes longer than the wait."""
        form = CreateVideoSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = preference(request.headers.get("Prefer", ""))
        video = services.create_video(form.to_request())
        video = services.wait_until_final(video, wanted.wait_s)
        answer = _created(request, video)
        answer.headers["X-Video-Id"] = str(video.pk)
        answer.headers["Vary"] = "Prefer"
        if wanted.applied:
            answer.headers["Preference-Applied"] = wanted.applied
        return answer


class VideoFile(APIView):
    """GET and HEAD /api/express/video/{id}."""

    @schema.video_file
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """The MP4, whole or in ranges."""
        video = _present(video_id)
        if video.is_running:
            return _accepted(request, video)
        if video.status != Status.COMPLETED:
            return _without_video(video, HTTPStatus.NOT_FOUND)
        return _file(request, video)


class VideoDetail(APIView):
    """GET and DELETE /api/express/videos/{id}."""

    @schema.video_detail
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """The video as JSON, whatever its status."""
        video = _present(video_id)
        return _json(request, video, HTTPStatus.OK)

    @schema.delete_video
    def delete(self, request: Request, video_id: str) -> HttpResponseBase:
        """Delete the video, its photo and its speech for good."""
        video = _find(video_id)
        if not video.is_gone:
            services.delete_video(video)
        return Response(status=HTTPStatus.NO_CONTENT)


class CancelVideo(APIView):
    """POST /api/express/videos/{id}/cancel."""

    @schema.cancel_video
    def post(self, request: Request, video_id: str) -> HttpResponseBase:
        """Stop a video that waits or is being rendered."""
        video = _find(video_id)
        if services.cancel_video(video) or video.status == Status.CANCELED:
            return _json(request, video, HTTPStatus.OK)
        return problem_response(
            HTTPStatus.CONFLICT,
            "already_ended",
            f"The video is {video.status}; only one that waits or is being rendered can be canceled.",
            hint="DELETE it to remove it with its files.",
            details={"status": video.status},
        )


class VideoThumbnail(APIView):
    """GET and HEAD /api/express/videos/{id}/thumbnail."""

    @schema.video_thumbnail
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """The video's first picture as JPEG."""
        video = _present(video_id)
        if not video.poster:
            raise _not_found(video_id)
        return file_response(
            request,
            video.poster.open("rb"),
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
        video = _present(video_id)
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


def _created(request: Request, video: Video) -> HttpResponseBase:
    """The answer to a creation, after the wait."""
    if video.is_running or video.is_gone:
        return _accepted(request, video)
    if video.status != Status.COMPLETED:
        return _without_video(video, ENDED_WITHOUT_VIDEO[Status(video.status)])
    response = _file(request, video)
    response.headers["Content-Location"] = reverse("video-file", args=[video.pk])
    return response


def _file(request: Request, video: Video) -> HttpResponseBase:
    return file_response(
        request._request,
        video.result.open("rb"),
        content_type=video.media_type,
        etag=f'"{video.result_sha256[:32]}"',
        filename=f"{video.pk}.{video.output_format}",
        cache_control=PRIVATE,
    )


def _accepted(request: Request, video: Video) -> HttpResponseBase:
    response = _json(request, video, HTTPStatus.ACCEPTED)
    response.headers["Location"] = reverse("video-file", args=[video.pk])
    return response


def _json(request: Request, video: Video, status: int) -> HttpResponseBase:
    response = Response(VideoSerializer(video, context={"request": request}).data, status=status)
    response.headers["Cache-Control"] = "no-store"
    if video.is_running:
        left_s = eta_s(video, queue_position(video)) or 0.0
        response.headers["Retry-After"] = str(max(1, min(MAX_RETRY_AFTER_S, math.ceil(left_s / 4))))
    return response


def _present(video_id: str) -> Video:
    """Return the video while it has its files. Raises Problem: 404, 410."""
    video = _find(video_id)
    if video.is_gone:
        raise Problem(
            HTTPStatus.GONE,
            "video_gone",
            "The video expired or was deleted.",
            hint="Create it again.",
            details={"id": str(video.pk)},
        )
    return video


def _find(video_id: str) -> Video:
    """Return the video, also one that is gone. Raises Problem: 404."""
    try:
        video = Video.objects.filter(pk=UUID(video_id)).first()
    except ValueError:
        video = None
    if video is None:
        raise _not_found(video_id)
    return video


def _not_found(video_id: str) -> Problem:
    return Problem(
        HTTPStatus.NOT_FOUND,
        "video_not_found",
        "No video has this id.",
        hint="Use the id from `X-Video-Id` or from the answer to POST /api/express/create.",
        details={"id": video_id[:64]},
    )


def _without_video(video: Video, status: int) -> HttpResponseBase:
    error = dict(video.error or {"code": "canceled", "message": "The video was canceled.", "hint": "Create it again."})
    code, message = error.pop("code"), error.pop("message")
    return problem_response(status, code, message, **error)
