"""A video as JSON, and what can be done with it."""

from http import HTTPStatus

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from express import schema, services
from express.models import Status
from express.problems import problem_response
from express.views.answers import find, present, video_json


class VideoDetail(APIView):
    """GET and DELETE /api/express/videos/{id}."""

    @schema.video_detail
    def get(self, request: Request, video_id: str) -> HttpResponseBase:
        """The video as JSON, whatever its status."""
        video = present(request, video_id)
        return video_json(request, video, HTTPStatus.OK)

    @schema.delete_video
    def delete(self, request: Request, video_id: str) -> HttpResponseBase:
        """Delete the video, its photo and its speech for good."""
        video = find(request, video_id)
        if not video.is_gone:
            services.delete_video(video)
        return Response(status=HTTPStatus.NO_CONTENT)


class CancelVideo(APIView):
    """POST /api/express/videos/{id}/cancel."""

    @schema.cancel_video
    def post(self, request: Request, video_id: str) -> HttpResponseBase:
        """Stop a video that waits or is being rendered."""
        video = find(request, video_id)
        if services.cancel_video(video) or video.status == Status.CANCELED:
            return video_json(request, video, HTTPStatus.OK)
        return problem_response(
            HTTPStatus.CONFLICT,
            "already_ended",
            f"The video is {video.status}; only one that waits or is being rendered can be canceled.",
            hint="DELETE it to remove it with its files.",
            details={"status": video.status},
        )
