"""Bodies whose length is not known beforehand, as the WSGI server hands them over."""

import io
from collections.abc import Iterable
from typing import Any

from talkingphotos.chunked import receive_chunked_bodies


def received(body: bytes, **environ: Any) -> tuple[bytes, str]:
    """What the app behind the wrapper gets: the body as far as it may read, and its length."""
    seen: list[tuple[bytes, str]] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH", "")
        seen.append((environ["wsgi.input"].read(int(length or 0)), length))
        return []

    receive_chunked_bodies(app)({"wsgi.input": io.BytesIO(body), **environ}, lambda *args: None)
    return seen[0]


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


def test_a_chunked_body_arrives_with_its_length() -> None:
    assert received(b"x" * 200_000, **CHUNKED) == (b"x" * 200_000, "200000")


def test_a_chunked_body_that_is_too_large_is_cut_off_beyond_the_limit(settings: Any) -> None:
    settings.MAX_REQUEST_BYTES = 100_000
    body, length = received(b"x" * 10_000_000, **CHUNKED)
    assert 100_000 < int(length) < 200_000
    assert len(body) == int(length)


def test_a_body_of_known_length_is_left_alone() -> None:
    assert received(b"x" * 10, CONTENT_LENGTH="4") == (b"xxxx", "4")


def test_a_server_that_does_not_end_chunked_bodies_is_left_alone() -> None:
    assert received(b"x" * 10, HTTP_TRANSFER_ENCODING="chunked") == (b"", "")
