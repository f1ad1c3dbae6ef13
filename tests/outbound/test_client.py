"""Requests to a real server: what is sent, what is refused on the way, what is cut off."""

import contextlib
import hashlib
import io
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from outbound import AddressRefused, AnswerTooLarge, Client, Policy, Unreachable, UrlRefused
from tests.receiver import Receiver, receiver, reply

LIMITS = {"max_bytes": 1000, "within_s": 5.0}


@pytest.fixture
def host() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def client() -> Client:
    return Client(Policy.allowing(["127.0.0.1"]))


def test_a_post_arrives_as_it_was_sent(client: Client, host: Receiver) -> None:
    host.answer = lambda handler: reply(handler, 202, b"thank you")
    answer = client.post(f"{host.url}/hook?a=1", b"{}", {"webhook-id": "7"}, keep_bytes=5)
    assert (answer.status, answer.body) == (202, b"thank")
    (told,) = host.told
    assert (told.path, told.body, told.headers["webhook-id"]) == ("/hook?a=1", b"{}", "7")
    assert told.headers["host"] == host.url.removeprefix("http://")


def test_nothing_is_sent_inside_unless_allowed(host: Receiver) -> None:
    with pytest.raises(AddressRefused):
        Client(Policy.allowing([])).post(host.url, b"", {})
    assert host.told == []


def test_a_name_that_leads_inside_the_second_time_gains_nothing(host: Receiver) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked = []

    def rebinding(name: str, port: int, **kwargs: Any) -> list[Any]:
        asked.append(next(answers))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (asked[-1], port))]

    policy = Policy.allowing([], rebinding)
    policy.check_host(host.url.replace("127.0.0.1", "rebinding.example"), within_s=1.0)
    with pytest.raises(AddressRefused):
        Client(policy).post(host.url.replace("127.0.0.1", "rebinding.example"), b"", {})
    assert (asked, host.told) == (["93.184.216.34", "127.0.0.1"], [])


def test_the_connection_goes_to_the_address_that_was_checked(host: Receiver) -> None:
    def resolve(name: str, port: int, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    client = Client(Policy.allowing([".example"], resolve))
    assert client.post(host.url.replace("127.0.0.1", "hooks.example"), b"", {}).status == 200
    assert host.told[0].headers["host"].startswith("hooks.example:")


def test_a_redirect_of_a_post_is_an_answer_and_not_followed(client: Client, host: Receiver) -> None:
    host.answer = lambda handler: reply(handler, 307, Location=f"{host.url}/other")
    assert client.post(host.url, b"", {}).status == 307
    assert len(host.told) == 1


def test_a_file_is_fetched_with_its_hash_also_after_a_redirect(client: Client, host: Receiver) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/old":
            reply(handler, 302, Location="/new")
        else:
            reply(handler, 200, b"weights")

    host.answer = answer
    out = io.BytesIO()
    assert client.download(f"{host.url}/old", out, **LIMITS) == hashlib.sha256(b"weights").hexdigest()
    assert out.getvalue() == b"weights"


@pytest.mark.parametrize(
    ("location", "refusal"),
    [
        ("http://127.0.0.2/", AddressRefused),
        ("http://169.254.169.254/latest/meta-data/", AddressRefused),
        ("http://[::1]/", AddressRefused),
        ("file:///etc/passwd", UrlRefused),
        ("/again", UrlRefused),
    ],
)
def test_a_redirect_to_where_we_do_not_go_is_refused(
    client: Client, host: Receiver, location: str, refusal: type[Exception]
) -> None:
    host.answer = lambda handler: reply(handler, 302, Location=location)
    with pytest.raises(refusal):
        client.download(host.url, io.BytesIO(), **LIMITS)


def test_a_file_that_is_too_large_is_cut_off(client: Client, host: Receiver) -> None:
    host.answer = lambda handler: reply(handler, 200, bytes(1001))
    with pytest.raises(AnswerTooLarge):
        client.download(host.url, io.BytesIO(), **LIMITS)


def test_half_a_file_is_no_file(client: Client, host: Receiver) -> None:
    host.answer = lambda handler: reply(handler, 200, b"half", Content_Length="8")
    with pytest.raises(Unreachable):
        client.download(host.url, io.BytesIO(), **LIMITS)


@pytest.mark.parametrize("where", ["in the headers", "in the body"])
def test_a_host_that_drips_its_answer_is_cut_off(client: Client, host: Receiver, where: str) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"\r\n" if where == "in the body" else b"X: "))
        with contextlib.suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b"a")
                time.sleep(0.05)

    host.answer = drip
    began = time.monotonic()
    with pytest.raises(Unreachable, match="too long"):
        client.download(host.url, io.BytesIO(), max_bytes=1000, within_s=0.3)
    assert time.monotonic() - began < 2.0


def test_a_host_that_speaks_no_tls_or_no_http_is_unreachable(client: Client, host: Receiver) -> None:
    with pytest.raises(Unreachable):
        client.post(host.url.replace("http:", "https:"), b"", {})
    host.answer = lambda handler: handler.wfile.write(b"what?\r\n\r\n")
    with pytest.raises(Unreachable):
        client.post(host.url, b"", {})


def test_nobody_there_is_unreachable(client: Client) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match="does not answer"):
        client.post(f"http://127.0.0.1:{port}/", b"", {})


def test_a_disk_that_is_full_is_not_the_host_s_fault(client: Client, host: Receiver) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    host.answer = lambda handler: reply(handler, 200, b"weights")
    with pytest.raises(OSError, match="No space left"):
        client.download(host.url, Full(), **LIMITS)
