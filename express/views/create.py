"""POST /api/express/create."""

from http import HTTPStatus

from django.http import HttpResponseBase
from django.urls import reverse
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.views import APIView

from express import schema, services
from express.models import Status, Video
from express.preferences import preference
from express.serializers import CreateVideoSerializer
from express.views.answers import accepted, video_answer, without_video

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


def _created(request: Request, video: Video) -> HttpResponseBase:
    """The answer to a creation, after the wait."""
    if video.is_running or video.is_gone:
        return accepted(request, video)
    if video.status != Status.COMPLETED:
        return without_video(video, ENDED_WITHOUT_VIDEO[Status(video.status)])
    response = video_answer(request, video)
    response.headers["Content-Location"] = reverse("video-file", args=[video.pk])
    return response
