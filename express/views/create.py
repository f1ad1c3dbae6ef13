"""POST /api/express/create."""

import re
from http import HTTPStatus

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.views import APIView

from express import schema, services
from express.auth import client_of
from express.clients import Client
from express.errors import ServiceUnavailable
from express.inputs import VideoRequest
from express.models import IdempotencyKey, Status, Video
from express.patience import DATABASE_AWAY
from express.preferences import Preference, preference
from express.problems import Problem, problem_response, unavailable
from express.serializers import CreateVideoSerializer
from express.views.answers import accepted, throttled, video_answer, with_files, without_video

ENDED_WITHOUT_VIDEO = {
    Status.REJECTED: HTTPStatus.BAD_REQUEST,
    Status.FAILED: HTTPStatus.INTERNAL_SERVER_ERROR,
    Status.CANCELED: HTTPStatus.CONFLICT,
}
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')  # a string of RFC 8941, or the bare value that most clients send
IN_FLIGHT_RETRY_S = 2


class CreateVideo(APIView):
    """POST /api/express/create."""

    parser_classes = (MultiPartParser, FormParser)

    @schema.create_video
    def post(self, request: Request) -> HttpResponseBase:
        """Make a photo talk: answer with the video, or with its address when it takes longer than the wait."""
        client, key = client_of(request), _idempotency_key(request)
        form = CreateVideoSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.to_request(request.build_absolute_uri("/").rstrip("/"), reuse=_may_reuse(request))
        patience = preference(request.headers.get("Prefer", ""))
        if key is None:
            return _create(request, client, wanted, patience)
        fingerprint = services.fingerprint(wanted)
        row, is_first = services.reserve_key(client.id, key, fingerprint)
        if not is_first:
            return _repeated(request, row, fingerprint)
        try:
            answer = _create(request, client, wanted, patience, row)
        except services.KeyLost:
            return _in_flight(None)
        except BaseException:
            services.give_key_back(row)
            raise
        services.answered(row, answer.status_code)
        return answer


def _create(
    request: Request, client: Client, wanted: VideoRequest, patience: Preference, key: IdempotencyKey | None = None
) -> HttpResponseBase:
    with throttled():
        services.require_room(client)  # before the photo is looked at
        video = services.create_video(wanted, client, key=key)
    try:
        video = services.wait_until_final(video, patience.wait_s)
        # Who will not wait counts on an address, also of a video that was there already.
        answer = _outcome(request, video, settled=patience.wait_s > 0 and not video.is_gone)
    except (ServiceUnavailable, *DATABASE_AWAY) as error:
        answer = _accepted_in_trouble(request, video, error)
    if patience.applied:
        answer.headers["Preference-Applied"] = patience.applied
    return answer


def _accepted_in_trouble(request: Request, video: Video, error: Exception) -> HttpResponse:
    """503 for a video that was accepted, with its address: sending the request again would make another one."""
    answer = unavailable(request, error)
    assert answer is not None
    answer.headers["X-Video-Id"] = str(video.pk)
    answer.headers["Location"] = reverse("video-file", args=[video.pk])
    return answer


def _repeated(request: Request, row: IdempotencyKey, fingerprint: str) -> HttpResponseBase:
    """The answer to a request whose key has been seen: the first one's."""
    if row.fingerprint != fingerprint:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key came with another request before.",
            hint="Send each request with a key of its own, and the same fields and files when it is sent again.",
        )
    if services.is_open(row) or row.video is None:
        return _in_flight(row.video)
    video = with_files(row.video)
    answer = _outcome(request, video, settled=row.status != HTTPStatus.ACCEPTED)
    answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _in_flight(video: Video | None) -> HttpResponseBase:
    """The first request still waits for its answer. Once it has its video, say where that will be."""
    answer = problem_response(
        HTTPStatus.CONFLICT,
        "idempotency_in_flight",
        "The first request with this Idempotency-Key is still being worked on.",
        hint="Send it again later, or follow the video at `Location` if there is one.",
        details={"id": str(video.pk)} if video else {},
        retryable=True,
    )
    answer.headers["Retry-After"] = str(IN_FLIGHT_RETRY_S)
    if video:
        answer.headers["X-Video-Id"] = str(video.pk)
        answer.headers["Location"] = reverse("video-file", args=[video.pk])
    return answer


def _outcome(request: Request, video: Video, *, settled: bool) -> HttpResponseBase:
    """The answer to a creation: what has become of the video, or, unless that is settled, where it will be."""
    if video.is_running or not settled:
        answer = accepted(request, video)
    elif video.status != Status.COMPLETED:
        answer = without_video(video, ENDED_WITHOUT_VIDEO[Status(video.status)])
    else:
        answer = video_answer(request, video, may_redirect=False)
        answer.headers["Content-Location"] = reverse("video-file", args=[video.pk])
    answer.headers["X-Video-Id"] = str(video.pk)
    answer.headers["Vary"] = "Prefer"
    return answer


def _may_reuse(request: Request) -> bool:
    """Whether an earlier video that is the same is good enough."""
    wishes = {wish.strip().lower() for wish in request.headers.get("Cache-Control", "").split(",")}
    return wishes.isdisjoint({"no-cache", "no-store"})


def _idempotency_key(request: Request) -> str | None:
    """The header's value, without its quotes. Raises Problem: 400."""
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    match = _KEY.fullmatch(header.strip())
    if match is None:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "invalid_idempotency_key",
            "The Idempotency-Key is empty, too long, or holds other characters than visible ASCII.",
            hint="Send a fresh UUID, in quotes or without.",
            details={"max_characters": 255},
        )
    return match.group(1)
