"""The API's description for OpenAPI: what the views' code cannot say by itself."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiCallback, OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from engine.convert import FORMATS
from express.serializers import (
    CheckedPhotoSerializer,
    CheckPhotoSerializer,
    CreateVideoSerializer,
    ErrorAnswerSerializer,
    EventSerializer,
    VideoListQuery,
    VideoPageSerializer,
    VideoSerializer,
)

TAG = "Talking videos"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """How a key is sent."""

    target_class = "express.auth.ApiKeyAuthentication"
    name = ["bearer", "header"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Describe both ways."""
        return [{"type": "http", "scheme": "bearer"}, {"type": "apiKey", "in": "header", "name": "X-Api-Key"}]


class StaffScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The admin's log-in; with it alone, videos can be watched and nothing else."""

    target_class = "express.auth.StaffAuthentication"
    name = "admin"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Describe it."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def _header(name: str, description: str, kind: type = str, *, response: tuple[int, ...] | bool = False) -> Any:
    statuses: Any = list(response) if isinstance(response, tuple) else response
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=statuses)


def _error(description: str, code: str = "", message: str = "") -> OpenApiResponse:
    example = {"error": {"code": code, "message": message, "hint": "…", "details": {}, "retryable": False}}
    examples = [OpenApiExample(code, value=example, response_only=True)] if code else []
    return OpenApiResponse(ErrorAnswerSerializer, description=description, examples=examples)


_NOT_FOUND = _error("No video has this id.", "video_not_found", "No video has this id.")
_UNKNOWN = _error("An API key is required, or the one that was sent is not valid.", "not_authenticated")
_BUSY = _error("The client has as many videos under way, or made as many, as it may.", "too_many_requests")
_GONE = _error("The video expired or was deleted.", "video_gone", "The video expired or was deleted.")
_AWAY = _error("Database or storage are away; `Retry-After` says when to try again.", "database_unavailable")
_VIDEO = {
    (200, wanted.media_type): OpenApiResponse(OpenApiTypes.BINARY, description=f"The video ({name}).")
    for name, wanted in FORMATS.items()
}
_RUNNING = {(202, "application/json"): OpenApiResponse(VideoSerializer, description="Not ready yet.")}
_ETAG = _header("ETag", "Names this very file.", response=(200, 206, 304))
_RETRY = _header("Retry-After", "Seconds until it makes sense to ask again.", int, response=(202,))
_CONDITIONS = [
    _header("Range", "One range of bytes, such as `bytes=0-1023`."),
    _header("If-Range", "An ETag: the range counts only while the file is the one with this tag."),
    _header("If-None-Match", "An ETag: 304 when the file still is the one with this tag."),
]
_PARTS = {
    (206, "{type}"): OpenApiResponse(OpenApiTypes.BINARY, description="The range that was asked for."),
    304: OpenApiResponse(description="The client has it already."),
    416: _error("The range lies outside the file.", "range_not_satisfiable"),
}


def _parts(media_type: str) -> dict[Any, Any]:
    return {((key[0], media_type) if isinstance(key, tuple) else key): value for key, value in _PARTS.items()}


_told_the_end = OpenApiCallback(
    "video_ended",
    "{$request.body#/callback_url}",
    extend_schema(
        summary="How the video ended",
        description=(
            "Signed by the scheme of Standard Webhooks (https://www.standardwebhooks.com; headers webhook-id, "
            "webhook-timestamp, webhook-signature), and tried again for a day until the answer is 2xx, or 410 for no "
            "more of it."
        ),
        request=EventSerializer,
        responses={
            200: OpenApiResponse(description="Heard; any 2xx says so."),
            410: OpenApiResponse(description="No more."),
        },
    ),
)

create_video = extend_schema(
    operation_id="create_video",
    tags=[TAG],
    summary="Make a photo talk",
    description=(
        "Send a photo (`image`) or name an avatar (`avatar_id`), and say what it shall say: `audio`, or `text` "
        "with a voice, or neither for the service's greeting.\n\n"
        "The connection waits for the video (60 seconds, or as long as `Prefer: wait=N` says, up to the server's "
        "cap) and answers 200 with the video. With `Prefer: respond-async`, or when the wait runs out, the answer is "
        "202 with the video's JSON. A client that hangs up loses nothing: the video is at its address.\n\n"
        "`curl -F image=@photo.jpg http://127.0.0.1:8000/api/express/create -o talking.mp4`"
    ),
    request={
        "multipart/form-data": CreateVideoSerializer,
        "application/x-www-form-urlencoded": CreateVideoSerializer,
    },
    parameters=[
        _header("Prefer", "`wait=N` seconds, or `respond-async`."),
        _header("Idempotency-Key", "The same request with the same key creates one video; kept for 24 hours."),
        _header("Idempotent-Replayed", "`true`: the answer to an earlier request.", response=(200, 202, 400, 409, 500)),
        _header("X-Video-Id", "The video's id.", response=(200, 202, 400, 409, 500)),
        _header("Content-Location", "The video's address.", response=(200,)),
        _header("Location", "The video's address.", response=(202,)),
        _ETAG,
        _RETRY,
    ],
    responses={
        **_VIDEO,
        (202, "application/json"): OpenApiResponse(VideoSerializer, description="It is at its address once ready."),
        400: _error(
            "The input cannot be used. The code says why: image_missing, image_unreadable, image_too_large, "
            "face_not_found, multiple_faces, face_too_small, face_turned_away, background_unclear, audio_unreadable, "
            "audio_too_long, audio_silent, text_too_long, text_unspeakable, unknown_voice, unknown_avatar, "
            "invalid_option, no_transparency.",
            "face_not_found",
            "no face was found in the photo",
        ),
        401: _UNKNOWN,
        409: _error(
            "The video was canceled during the wait (`canceled`), or the first request with this Idempotency-Key is "
            "still being worked on (`idempotency_in_flight`).",
            "idempotency_in_flight",
        ),
        413: _error("The request is larger than the server takes.", "request_too_large"),
        415: _error("The request is not a form.", "unsupported_media_type"),
        422: _error("The Idempotency-Key came with another request before.", "idempotency_key_reused"),
        429: _BUSY,
        500: _error("Our side failed.", "internal_error", "The service failed."),
        503: _AWAY,
    },
    callbacks=[_told_the_end],
)

video_file = extend_schema(
    operation_id="get_video",
    tags=[TAG],
    summary="Fetch a video",
    parameters=[*_CONDITIONS, _ETAG, _RETRY],
    responses={
        **_VIDEO,
        **_RUNNING,
        **_parts("video/mp4"),
        302: OpenApiResponse(
            description="It is in a bucket, whose signed address follows; where the server is set so."
        ),
        404: _error("No video has this id, or it failed or was canceled; the code says which.", "video_not_found"),
        410: _GONE,
        503: _AWAY,
    },
)

video_detail = extend_schema(
    operation_id="get_video_status",
    tags=[TAG],
    summary="How a video is doing",
    parameters=[
        _header("Retry-After", "While it runs: seconds until it makes sense to ask again.", int, response=(200,))
    ],
    responses={200: VideoSerializer, 404: _NOT_FOUND, 410: _GONE},
)

check_photo = extend_schema(
    operation_id="check_photo",
    tags=[TAG],
    summary="What a photo would get",
    description="Finds the faces in a photo and says whether it can talk. Nothing is stored or queued.",
    request={"multipart/form-data": CheckPhotoSerializer},
    responses={
        200: CheckedPhotoSerializer,
        400: _error("There is no photo, or an option is outside its range.", "image_missing"),
        401: _UNKNOWN,
        415: _error("The request is not a form.", "unsupported_media_type"),
    },
)

video_events = extend_schema(
    operation_id="get_video_events",
    tags=[TAG],
    summary="Follow a video",
    description=(
        "Server-Sent Events: `progress` with the video's JSON whenever it changes, and one named like its final status "
        "at the end. A client that comes back sends `Last-Event-ID`, as an EventSource does; 204 when it has heard of "
        "the end. So many streams are served at once; beyond that ask for the JSON instead."
    ),
    parameters=[_header("Last-Event-ID", "The id of the last event that arrived.")],
    responses={
        (200, "text/event-stream"): OpenApiResponse(OpenApiTypes.STR, description="Events."),
        204: OpenApiResponse(description="There is nothing more to tell."),
        404: _NOT_FOUND,
        410: _GONE,
        503: _error("Too many streams are open.", "too_many_streams"),
    },
)

list_videos = extend_schema(
    operation_id="list_videos",
    tags=[TAG],
    summary="List the videos of a key",
    description="Newest first. Without a key there is no list: it would give away ids that nobody else can guess.",
    parameters=[VideoListQuery],
    responses={200: VideoPageSerializer, 400: _error("The query is not one.", "invalid_option"), 401: _UNKNOWN},
)

retry_video = extend_schema(
    operation_id="retry_video",
    tags=[TAG],
    summary="Try a video again that failed or was canceled",
    request=None,
    responses={
        (202, "application/json"): OpenApiResponse(VideoSerializer, description="It waits in the queue again."),
        404: _NOT_FOUND,
        409: _error("It did not fail and was not canceled, or its photo or speech is gone.", "not_retryable"),
        410: _GONE,
        429: _BUSY,
    },
)

delete_video = extend_schema(
    operation_id="delete_video",
    tags=[TAG],
    summary="Delete a video",
    description="Removes the video, its photo and its speech for good. A running one is canceled first.",
    responses={204: OpenApiResponse(description="It is gone."), 404: _NOT_FOUND},
)

cancel_video = extend_schema(
    operation_id="cancel_video",
    tags=[TAG],
    summary="Cancel a video",
    request=None,
    responses={200: VideoSerializer, 404: _NOT_FOUND, 409: _error("It has ended already.", "already_ended")},
)

video_captions = extend_schema(
    operation_id="get_video_captions",
    tags=[TAG],
    summary="What a video says, with its times",
    parameters=[
        OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=["vtt", "srt"], description="WebVTT or SubRip."),
        *_CONDITIONS,
        _ETAG,
    ],
    responses={
        (200, "text/vtt"): OpenApiResponse(OpenApiTypes.STR, description="WebVTT."),
        (200, "application/x-subrip"): OpenApiResponse(OpenApiTypes.STR, description="SubRip."),
        **_parts("text/vtt"),
        404: _error("No video has this id, or it has no captions; the code says which.", "captions_not_found"),
        410: _GONE,
    },
)

video_thumbnail = extend_schema(
    operation_id="get_video_thumbnail",
    tags=[TAG],
    summary="A video's first picture",
    parameters=[*_CONDITIONS, _ETAG],
    responses={
        (200, "image/jpeg"): OpenApiResponse(OpenApiTypes.BINARY, description="JPEG."),
        **_parts("image/jpeg"),
        404: _NOT_FOUND,
        410: _GONE,
    },
)
