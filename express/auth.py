"""API keys over HTTP: who asks, and what they may see."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from express.clients import Client, address_client, key_client
from express.models import ApiKey, Video, VideoQuerySet

if TYPE_CHECKING:  # REST framework's views read the settings, which name the classes below
    from rest_framework.views import APIView


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>` or `X-Api-Key: <key>`. A wrong key is refused also where none is required."""

    def authenticate(self, request: Request) -> tuple[None, Client] | None:
        """Return the key's client; None without a key."""
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        secret = request.headers.get("X-Api-Key", "") or (bearer if scheme.lower() == "bearer" else "")
        if not secret:
            return None
        key = ApiKey.find(secret.strip())
        if key is None:
            raise exceptions.AuthenticationFailed("The API key is not known, or was revoked.")
        return None, key_client(key)

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 says in WWW-Authenticate."""
        return 'Bearer realm="Talking Photos"'


class StaffAuthentication(SessionAuthentication):
    """Who is logged in to the admin may use the studio and watch every video.

    Without the studio's CSRF token, a session may only read: else it is passed over, as if nobody were logged in.
    """

    def authenticate(self, request: Request) -> tuple[Any, Client] | None:
        """Return the person and their client; None for anybody else."""
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active or not user.is_staff:
            return None
        if request.method not in SAFE_METHODS:
            if "X-CSRFToken" not in request.headers:
                return None
            self.enforce_csrf(request)
        return user, Client(f"user:{user.pk}", is_staff=True)


class MayUse(BasePermission):
    """Everybody, until keys are required."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request may go on."""
        return not settings.API_KEYS_REQUIRED or isinstance(request.auth, Client)


class HasKey(BasePermission):
    """Who has a key or is logged in to the admin."""

    message = "Videos are listed for the key that created them."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the request may go on."""
        return isinstance(request.auth, Client)


def client_of(request: Request) -> Client:
    """Return who asks."""
    return request.auth if isinstance(request.auth, Client) else address_client(request._request)


def visible_to(client: Client) -> VideoQuerySet:
    """Return the videos that a client may see: those of its key, and those of no key, whose ids are their secrets."""
    if client.is_staff:
        return Video.objects.all()
    ours = Q(owner=None) | Q(owner=client.key) if client.key else Q(owner=None)
    return Video.objects.filter(ours)
