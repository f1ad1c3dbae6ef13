"""Requests whose length is not known when they start: curl from a pipe, streaming clients, some proxies.

Django reads as many bytes as Content-Length says, and none without it. So such a body is received first.
"""

import tempfile
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.conf import settings

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
CHUNK_BYTES = 64 * 1024
MEMORY_BYTES = 2 * 1024 * 1024  # larger bodies go to a temporary file


def receive_chunked_bodies(app: WsgiApp) -> WsgiApp:
    """Wrap a WSGI app so that a chunked body arrives with its length. One that is too large is cut off where it
    exceeds MAX_REQUEST_BYTES, for the size limit to refuse.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        if is_chunked and environ.get("wsgi.input_terminated"):
            body, length = _receive(environ["wsgi.input"])
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = body, str(length)
        return app(environ, start_response)

    return wrapped


def _receive(source: IO[bytes]) -> tuple[IO[bytes], int]:
    body = tempfile.SpooledTemporaryFile(MEMORY_BYTES, prefix="talkingphotos-")  # noqa: SIM115 - closed with the request
    length = 0
    while length <= settings.MAX_REQUEST_BYTES and (chunk := source.read(CHUNK_BYTES)):
        length += body.write(chunk)
    body.seek(0)
    return body, length
