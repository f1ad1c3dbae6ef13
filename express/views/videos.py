"""A video as JSON, and what can be done with it."""

from http import HTTPStatus

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from express import schema, services
from express.auth import HasKey, client_of
from express.estimates import Outlook
from express.models import Status, Video
from express.problems import problem_response
from express.serializers import VideoListQuery, VideoPageSerializer
from express.views.answers import accepted, find, present, throttled, video_json


class VideoList(APIView):
    """GET /api/express/videos."""

    permission_classes = (HasKey,)

    @schema.list_videos
    def get(self, request: Request) -> HttpResponseBase:
        """The key's videos, newest first."""
        query = VideoListQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        client = client_of(request)
        theirs = Video.objects.all() if client.is_staff else Video.objects.filter(owner=client.key)
        videos, more = query.page(theirs)
        page = VideoPageSerializer(
            {"videos": videos, "next_token": more}, context={"request": request, "outlook": Outlook()}
        )
        return Response(page.data, headers={"Cache-Control": "no-store"})


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


class RetryVideo(APIView):
    """POST /api/express/videos/{id}/retry."""

    @schema.retry_video
    def post(self, request: Request, video_id: str) -> HttpResponseBase:
        """Try again what failed or was canceled."""
        video = present(request, video_id)
        with throttled():
            done = services.retry_video(video, client_of(request))
        if done:
            return accepted(request, video)
        return problem_response(
            HTTPStatus.CONFLICT,
            "not_retryable",
            f"The video is {video.status}; only one that failed or was canceled, and whose photo and speech are still "
            "there, can be tried again.",
            hint="Create it again with what `error` asks for, if there is one.",
            details={"status": video.status},
        )
