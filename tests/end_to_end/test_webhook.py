"""A webhook from the request to the receiver: real broker, real worker, real HTTP."""

import time

from standardwebhooks import Webhook

from tests.live import LiveService
from tests.receiver import receiver


def test_the_receiver_hears_of_a_finished_video_and_can_fetch_it(live_service: LiveService, photo: bytes) -> None:
    with receiver() as host:
        created = live_service.create(
            image=photo, text="Hi.", fps=10, resolution=256, callback_url=f"{host.url}/hook", callback_id="order 17"
        )
        assert created.status_code == 200
        deadline = time.monotonic() + 30
        while not host.told and time.monotonic() < deadline:
            time.sleep(0.05)
        (told,) = host.told
    secret = live_service.manage("webhook_secret").split()[0]
    event = Webhook(secret).verify(told.body, told.headers)
    assert (event["type"], event["data"]["callback_id"]) == ("video.completed", "order 17")
    assert live_service.client.get(event["data"]["video_url"]).content == created.content
