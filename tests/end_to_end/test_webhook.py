"""A webhook from the request to the receiver: real broker, real worker, real HTTP."""

from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from tests.live import LiveService
from tests.receiver import receiver
from tests.servers import wait_until


@pytest.fixture
def all_render(live_service: LiveService) -> Iterator[LiveService]:
    """A service whose only worker that renders does nothing else, and one for small things."""
    live_service.end_worker()
    live_service.start_worker("renderer", queues="render")
    live_service.start_small()
    yield live_service
    for name in ("renderer", "small"):
        live_service.kill_worker(name)
    live_service.start_worker()


def test_the_receiver_hears_of_a_finished_video_and_can_fetch_it(live_service: LiveService, photo: bytes) -> None:
    with receiver() as host:
        created = live_service.create(
            image=photo, text="Hi.", fps=10, resolution=256, callback_url=f"{host.url}/hook", callback_id="order 17"
        )
        assert created.status_code == 200
        wait_until(lambda: host.told, "the receiver is told")
        (told,) = host.told
    secret = live_service.manage("webhook_secret").split()[0]
    event = Webhook(secret).verify(told.body, told.headers)
    assert (event["type"], event["data"]["callback_id"]) == ("video.completed", "order 17")
    assert live_service.client.get(event["data"]["video_url"]).content == created.content


def test_a_webhook_needs_no_worker_that_renders(all_render: LiveService, photo: bytes) -> None:
    with receiver() as host:
        form = {"image": photo, "text": "Hello.", "fps": 10, "resolution": 256}
        assert all_render.create(callback_url=f"{host.url}/hook", **form).status_code == 200
        wait_until(lambda: host.told, "the receiver is told")
