"""What several views answer with: the file, the JSON, and why there is none."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponseBase
from django.urls import reverse
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from express import services
from express.auth import client_of, visible_to
from express.estimates import Outlook
from express.models import Video
from express.problems import Problem, problem_response
from express.serializers import VideoSerializer
from express.streaming import stored_response

PRIVATE = "private, max-age=3600"  # a video is its owner's; only their browser keeps it
MAX_RETRY_AFTER_S = 10


def video_answer(request: Request, video: Video, *, may_redirect: bool) -> HttpResponseBase:
    with told_as_lost(video):
        return stored_response(
            request._request,
            video.result,
            content_type=video.media_type,
            etag=f'"{video.result_sha256[:32]}"',
            filename=f"{video.pk}.{video.output_format}",
            cache_control=PRIVATE,
            may_redirect=may_redirect,
        )


@contextmanager
def told_as_lost(video: Video) -> Iterator[None]:
    """Turn a file that is not in storage into Problem, a 410: deleted just now, or lost and not yet marked so."""
    try:
        yield
    except FileNotFoundError as error:
        video.refresh_from_db()
        raise without_files(video) from error


@contextmanager
def throttled() -> Iterator[None]:
    """Turn LimitReached into Throttled, a 429."""
    try:
        yield
    except services.LimitReached as limit:
        raise Throttled(limit.wait_s, limit.message) from limit


def accepted(request: Request, video: Video) -> HttpResponseBase:
    response = video_json(request, video, HTTPStatus.ACCEPTED)
    response.headers["Location"] = reverse("video-file", args=[video.pk])
    return response


def video_json(request: Request, video: Video, status: int) -> HttpResponseBase:
    outlook = Outlook()
    told = VideoSerializer(video, context={"request": request, "outlook": outlook}).data
    response = Response(told, status=status)
    response.headers["Cache-Control"] = "no-store"
    if video.is_running:
        left_s = outlook.eta_s(video) or 0.0
        response.headers["Retry-After"] = str(max(1, min(MAX_RETRY_AFTER_S, math.ceil(left_s / 4))))
    return response


def present(request: Request, video_id: str) -> Video:
    """Return the video while it has its files. Raises Problem: 404, 410."""
    return with_files(find(request, video_id))


def with_files(video: Video) -> Video:
    """Return the video while it has its files. Raises Problem: 410."""
    if video.is_gone or video.files_missing:
        raise without_files(video)
    return video


def without_files(video: Video) -> Problem:
    """Return what to answer for a video whose files are gone: because its time is over, or lost."""
    if video.is_gone:
        code, message, hint = "video_gone", "The video expired or was deleted.", "Create it again."
    else:
        code, message = "video_lost", "The video's files are gone from the storage."
        hint = "Create it again, and tell whoever runs this service."
    return Problem(HTTPStatus.GONE, code, message, hint=hint, details={"id": str(video.pk)})


def find(request: Request, video_id: str) -> Video:
    """Return the video, also one that is gone. Another key's is as unknown as none. Raises Problem: 404."""
    try:
        video = visible_to(client_of(request)).filter(pk=UUID(video_id)).first()
    except ValueError:
        video = None
    if video is None:
        raise not_found(video_id)
    return video


def not_found(video_id: str) -> Problem:
    return Problem(
        HTTPStatus.NOT_FOUND,
        "video_not_found",
        "No video has this id.",
        hint="Use the id from `X-Video-Id` or from the answer to POST /api/express/create.",
        details={"id": video_id[:64]},
    )


def without_video(video: Video, status: int) -> HttpResponseBase:
    error = dict(video.error or {"code": "canceled", "message": "The video was canceled.", "hint": "Create it again."})
    code, message = error.pop("code"), error.pop("message")
    return problem_response(status, code, message, **error)
