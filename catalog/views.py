"""The catalog's API: lists that anybody may read."""

import hashlib
from typing import Any

import orjson
from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from catalog.addresses import addresses_for
from catalog.selectors import find_avatars, find_models, find_voices
from catalog.serializers import (
    AvatarFilter,
    AvatarSerializer,
    LipSyncModelSerializer,
    ModelFilter,
    VoiceFilter,
    VoiceSerializer,
)

MAX_AGE_S = 60  # how long a change in the admin may stay unseen
UNFINISHED_MAX_AGE_S = 3  # while a worker still records samples

_headers = [
    OpenApiParameter(
        "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of the list that the client holds."
    ),
    OpenApiParameter(
        "ETag", str, OpenApiParameter.HEADER, response=[200, 304], description="Changes when the list changes."
    ),
]
_other_answers = {
    304: OpenApiResponse(description="The list is still the one with this ETag."),
    400: OpenApiResponse(
        OpenApiTypes.OBJECT, description="A filter makes no sense; `error` says which (`invalid_option`)."
    ),
}


class PublicList(APIView):
    """A list that anybody may read, with a key or without."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class AvatarList(PublicList):
    """GET /api/avatars."""

    @extend_schema(
        operation_id="list_avatars",
        tags=["Catalog"],
        summary="List the avatars",
        description="Photos that are ready to talk: name one as `avatar_id` when creating a video.",
        parameters=[AvatarFilter, *_headers],
        responses={200: AvatarSerializer(many=True)} | _other_answers,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The published avatars that match the query string."""
        found = find_avatars(_filters(request, AvatarFilter), AvatarSerializer.COLUMNS)
        return _cacheable(request, _shown(AvatarSerializer, found, request))


class VoiceList(PublicList):
    """GET /api/voices."""

    @extend_schema(
        operation_id="list_voices",
        tags=["Catalog"],
        summary="List the voices",
        description="Voices that speak text: name one as `voice_id` when creating a video.",
        parameters=[VoiceFilter, *_headers],
        responses={200: VoiceSerializer(many=True)} | _other_answers,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The published voices that match the query string."""
        found = find_voices(_filters(request, VoiceFilter), VoiceSerializer.COLUMNS)
        max_age_s = MAX_AGE_S if all(row["preview_audio"] for row in found) else UNFINISHED_MAX_AGE_S
        return _cacheable(request, _shown(VoiceSerializer, found, request), max_age_s)


class ModelList(PublicList):
    """GET /api/models."""

    @extend_schema(
        operation_id="list_models",
        tags=["Catalog"],
        summary="List the lip-sync models",
        description="What draws the mouth: name one as `model_id` when creating a video.",
        parameters=[ModelFilter, *_headers],
        responses={200: LipSyncModelSerializer(many=True)} | _other_answers,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The models that requests may name and that match the query string."""
        found = find_models(_filters(request, ModelFilter))
        return _cacheable(request, LipSyncModelSerializer(found, many=True, context={"request": request}).data)


def _filters(request: Request, kind: type[Serializer[Any]]) -> dict[str, Any]:
    """The query string as the filters say it is. Raises ValidationError."""
    filters = kind(data=request.query_params)
    filters.is_valid(raise_exception=True)
    return dict(filters.validated_data)


def _shown(kind: type[Serializer[Any]], found: list[dict[str, Any]], request: Request) -> Any:
    shape = kind(context={"addresses": addresses_for(request)})
    return [shape.to_representation(row) for row in found]


def _cacheable(request: Request, data: Any, max_age_s: int = MAX_AGE_S) -> HttpResponseBase:
    """The list with an ETag of its content; 304 without a body when the client holds it already."""
    body = orjson.dumps(data)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    fresh = HttpResponse(body, content_type="application/json")
    response = get_conditional_response(request._request, etag=etag) or fresh
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=max_age_s)
    return response
