"""Requests as unusual clients send them."""

from collections.abc import Iterator

from tests.live import LiveService

BOUNDARY = "a-boundary"


def in_chunks(photo: bytes) -> Iterator[bytes]:
    """A form whose length nobody says beforehand."""
    yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="text"\r\n\r\nHi.\r\n'.encode()
    yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'.encode()
    for start in range(0, len(photo), 10_000):
        yield photo[start : start + 10_000]
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def test_a_form_may_come_in_chunks(live_service: LiveService, photo: bytes) -> None:
    answer = live_service.client.post(
        "/api/express/create",
        content=in_chunks(photo),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "video/mp4"


def test_who_asks_for_a_video_alone_still_reads_why_there_is_none(live_service: LiveService) -> None:
    answer = live_service.create(headers={"Accept": "video/mp4"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "image_missing")


def test_a_forged_host_is_refused_in_json(live_service: LiveService) -> None:
    answer = live_service.client.get("/api/voices", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_request")
