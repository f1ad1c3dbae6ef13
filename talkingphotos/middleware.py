"""What every request and response passes through."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from express import logs
from express.problems import problem_response

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

logger = logging.getLogger(__name__)

# blob: and data: are what the pages make themselves (previews of picked files, admin icons); Swagger UI
# styles its elements inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:{storage}; media-src 'self' blob:{storage}; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
DRAIN_CHUNK_BYTES = 1024 * 1024
DRAIN_MAX_BYTES = 64 * DRAIN_CHUNK_BYTES
PROBES = ("/healthz", "/readyz")  # asked every second or two; who asks reads the answer
REFUSED_UNREAD = (401, 403, 415)  # before anybody looked at the body


def request_id(get_response: GetResponse) -> GetResponse:
    """Give each request an id, the client's X-Request-ID where it is one; log lines and the answer carry it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        sent = request.headers.get("X-Request-ID", "")
        found = sent if SENT_ID.fullmatch(sent) else uuid.uuid4().hex
        began = time.monotonic()
        with logs.about(request=found):
            response = get_response(request)
            changes = request.method not in ("GET", "HEAD")
            is_news = changes or (response.status_code >= 500 and request.path not in PROBES)
            logger.log(
                logging.INFO if is_news else logging.DEBUG,
                "%s %s: %d in %.0f ms",
                *(request.method, request.path, response.status_code, 1000 * (time.monotonic() - began)),
            )
        response.headers["X-Request-ID"] = found
        return response

    return middleware


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Let pages load from this service alone, and media from the object storage when there is one."""
    storage = f" {urlsplit(settings.STORAGE_PUBLIC_ENDPOINT_URL).scheme or 'https'}:" if settings.STORAGE_BUCKET else ""
    policy = CONTENT_SECURITY_POLICY.format(storage=storage)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return middleware


def request_size_limit(get_response: GetResponse) -> GetResponse:
    """Refuse a body above MAX_REQUEST_BYTES before a byte of it is stored."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        length = _content_length(request)
        if length <= settings.MAX_REQUEST_BYTES:
            response = get_response(request)
            if response.status_code in REFUSED_UNREAD:
                _drain(request, length)
            return response
        _drain(request, length)
        return problem_response(
            413,
            "request_too_large",
            f"The request holds {length} bytes; {settings.MAX_REQUEST_BYTES} is the limit.",
            hint="Send a smaller photo or a shorter recording.",
            details={"bytes": length, "limit_bytes": settings.MAX_REQUEST_BYTES},
        )

    return middleware


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _drain(request: HttpRequest, length: int) -> None:
    """Read what the client is already sending: a connection closed on unread data loses the answer."""
    length = 0 if request.headers.get("Expect") else min(length, DRAIN_MAX_BYTES)
    while length > 0 and (chunk := request.read(min(length, DRAIN_CHUNK_BYTES))):
        length -= len(chunk)
