"""POST /api/express/check."""

from django.http import HttpResponseBase
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from express import schema
from express.inputs import inspected
from express.serializers import CheckedPhotoSerializer, CheckPhotoSerializer


class CheckPhoto(APIView):
    """POST /api/express/check."""

    parser_classes = (MultiPartParser,)

    @schema.check_photo
    def post(self, request: Request) -> HttpResponseBase:
        """What a photo would get: its faces, and why it could not talk. Nothing is stored."""
        form = CheckPhotoSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(CheckedPhotoSerializer(inspected(*form.to_photo())).data, headers={"Cache-Control": "no-store"})
