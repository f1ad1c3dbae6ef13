"""HTTP(S) to hosts that somebody else chose, bounded in time and size."""

import hashlib
import http.client
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO
from urllib.parse import urljoin

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Url

from outbound.errors import AnswerTooLarge, Unreachable, UrlRefused
from outbound.policy import Policy, port_of

CHUNK_BYTES = 64 * 1024
CONNECT_S = 5.0  # for each address of the host
SILENCE_S = 10.0  # the longest pause in an answer
MAX_REDIRECTS = 5
TOO_LONG = "the host took too long"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered; `body` is cut off at what the caller wanted of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Makes requests that a policy allows."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, keep_bytes: int = 0, within_s: float = 20.0
    ) -> Answer:
        """Send `body` and return what comes back, its first `keep_bytes`. A redirect is an answer, and not followed.

        Raises OutboundError.
        """
        with self._asked("POST", url, body, headers, time.monotonic() + within_s) as (response, deadline):
            kept = b""
            with suppress(Unreachable), _network(deadline):  # the status says it all
                kept = response.read(keep_bytes) if keep_bytes else b""
            return Answer(response.status, dict(response.headers), kept)

    def download(self, url: str, out: BinaryIO, *, max_bytes: int, within_s: float) -> str:
        """Write what lies at the URL to `out`, redirects followed; return its SHA-256 in hexadecimal.

        Raises OutboundError; what was written until then is for the caller to throw away.
        """
        until = time.monotonic() + within_s
        for _ in range(MAX_REDIRECTS + 1):
            with self._asked("GET", url, None, {"Accept-Encoding": "identity"}, until) as (response, deadline):
                if location := response.get_redirect_location():
                    url = _followed(url, location)
                    continue
                if response.status != http.client.OK:
                    raise Unreachable(f"the host answers {response.status}")
                return _copy(_chunks(response, deadline), out, max_bytes)
        raise UrlRefused(f"the URL redirects more than {MAX_REDIRECTS} times")

    @contextmanager
    def _asked(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], deadline: float
    ) -> Iterator[tuple[urllib3.BaseHTTPResponse, float]]:
        """The answer to one request, to be read until the deadline."""
        parts = self._policy.check_url(url)
        connection = _open(parts, self._policy)
        # Timeouts of sockets begin again with each byte; a host that drips its answer is cut off by this.
        alarm = threading.Timer(max(0.0, deadline - time.monotonic()), connection.cut)
        alarm.daemon = True
        alarm.start()
        try:
            with _network(deadline):
                connection.request(
                    method,
                    parts.request_uri,
                    body=body,
                    headers={"User-Agent": "TalkingPhotos", **headers},
                    preload_content=False,
                )
                response = connection.getresponse()
            yield response, deadline
        finally:
            alarm.cancel()
            connection.close()
            connection.let_go()


class _Http(HTTPConnection):
    """Connects where the policy lets it, and can be cut off by another thread, in a TLS handshake as well."""

    policy: Policy
    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        connection = self.policy.connect(self.host, self.port, CONNECT_S)
        connection.settimeout(SILENCE_S)
        self._handle = connection.dup()  # TLS takes the other one away from here
        return connection

    def cut(self) -> None:
        """End the connection under whoever waits for it."""
        if self._handle:
            with suppress(OSError):  # the other side has ended it
                self._handle.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Close what `cut` needs."""
        if self._handle:
            self._handle.close()


class _Https(_Http, HTTPSConnection):
    pass


def client() -> Client:
    """Return the client that the settings describe."""
    return _client(tuple(settings.OUTBOUND_ALLOW))


@lru_cache
def _client(allow: tuple[str, ...]) -> Client:
    return Client(Policy.allowing(allow))


def _open(parts: Url, policy: Policy) -> _Http:
    kind = _Https if parts.scheme == "https" else _Http
    connection = kind(str(parts.host).strip("[]"), port_of(parts), timeout=SILENCE_S)
    connection.policy = policy
    return connection


@contextmanager
def _network(deadline: float) -> Iterator[None]:
    """Whatever goes wrong on the way to the host and back is Unreachable."""
    try:
        yield
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
        raise Unreachable(TOO_LONG if time.monotonic() >= deadline else _reason(error)) from error


def _chunks(response: urllib3.BaseHTTPResponse, deadline: float) -> Iterator[bytes]:
    stream = response.stream(CHUNK_BYTES, decode_content=False)
    while True:
        with _network(deadline):
            chunk = next(stream, None)
        if chunk is None:
            break
        yield chunk
    if time.monotonic() >= deadline:  # an answer without a length ends so when it is cut off
        raise Unreachable(TOO_LONG)


def _copy(chunks: Iterable[bytes], out: BinaryIO, max_bytes: int) -> str:
    found, length = hashlib.sha256(), 0
    for chunk in chunks:
        length += len(chunk)
        if length > max_bytes:
            raise AnswerTooLarge(f"the file holds more than {max_bytes} bytes")
        found.update(chunk)
        out.write(chunk)
    return found.hexdigest()


def _followed(url: str, location: str) -> str:
    target = urljoin(url, location)
    if url.startswith("https:") and not target.startswith("https:"):
        raise UrlRefused("the URL redirects from https to something less safe")
    return target


def _reason(error: Exception) -> str:
    if "certificate" in str(error).lower():
        return "the host's certificate is not valid"
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return "the host does not answer in time"
    return f"the host does not answer as HTTP has it ({type(error).__name__})"
