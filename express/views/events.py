"""GET /api/express/videos/{id}/events: a video's way to its end as Server-Sent Events."""

import json
import time
from collections.abc import Iterator
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from express import schema
from express.description import describe
from express.models import Status, Video
from express.problems import problem_response
from express.slots import Slots
from express.views.answers import present

LOOK_EVERY_S = 0.5
TELL_EVERY_S = 3.0  # while it waits: its place and its time change with what others do
ALIVE_EVERY_S = 15.0  # a comment, so that proxies keep the line open and a client that is gone is noticed
AGAIN_AFTER_MS = 2000

_streams = Slots(settings.EVENT_STREAMS_MAX)


class VideoEvents(APIView):
    """GET /api/express/videos/{id}/events."""

    @schema.video_events
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """The video's JSON whenever it changes, until it has ended."""
        video = present(request, video_id)
        last = request.headers.get("Last-Event-ID", "")
        if not video.is_running and last == _id(video):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)  # tells an EventSource not to come back
        if not _streams.take():
            answer = problem_response(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too_many_streams",
                f"{settings.EVENT_STREAMS_MAX} event streams are open already.",
                hint="Ask for the video's JSON every second or two instead; it says the same.",
                details={"limit": settings.EVENT_STREAMS_MAX},
                retryable=True,
            )
            answer.headers["Retry-After"] = "5"
            return answer
        response = StreamingHttpResponse(_Stream(request, video, last), content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        return response


class _Stream:
    """The stream's text. Its place is given back when the response is closed, also one that was never begun."""

    def __init__(self, request: Request, video: Video, last: str) -> None:
        self._absolute = request.build_absolute_uri
        self._video, self._last = video, last
        self._is_open = True

    def __iter__(self) -> Iterator[str]:
        yield f"retry: {AGAIN_AFTER_MS}\n\n"
        video: Video | None = self._video
        ends_at = time.monotonic() + settings.EVENT_STREAM_MAX_S
        told_at = alive_at = 0.0
        while video is not None and time.monotonic() < ends_at:
            now = time.monotonic()
            if _id(video) != self._last or (video.status == Status.QUEUED and now - told_at > TELL_EVERY_S):
                self._last, told_at, alive_at = _id(video), now, now
                yield self._event(video)
            elif now - alive_at > ALIVE_EVERY_S:
                alive_at = now
                yield ": still here\n\n"
            if not video.is_running:
                return
            time.sleep(LOOK_EVERY_S)
            video = Video.objects.filter(pk=video.pk).first()

    def close(self) -> None:
        """Let somebody else have the place."""
        if self._is_open:
            self._is_open = False
            _streams.leave()

    def _event(self, video: Video) -> str:
        name = "progress" if video.is_running else video.status
        return f"event: {name}\nid: {_id(video)}\ndata: {json.dumps(describe(video, self._absolute))}\n\n"


def _id(video: Video) -> str:
    """What a client that comes back has seen."""
    stage = video.stage or "-"
    return f"{video.attempt}.{video.status}.{stage}.{round(video.progress * 100)}.{int(video.removed_at is not None)}"
