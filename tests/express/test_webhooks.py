"""Webhooks: noted with the event, signed as the scheme has it, tried again, given up, replayed."""

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from engine import Rendered
from express import services, transitions, webhooks
from express.models import ApiKey, DeliveryStatus, Status, Video, WebhookDelivery, WebhookSecret
from tests import factories
from tests.receiver import Receiver, receiver, reply

pytestmark = pytest.mark.django_db
ERROR = {"code": "some_fault", "message": "", "hint": "", "details": {}, "retryable": False}
RENDERED = Rendered(
    duration_s=2.0, frames=50, width=512, height=512, fps=25.0, provider="CPU", timings={"total": 1.0}, poster=b""
)


@pytest.fixture
def host(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    with receiver() as running:
        yield running


def waiting_video(host: Receiver, **fields: Any) -> Video:
    return factories.processing_video(
        callback_url=f"{host.url}/hook", callback_id="order 17", public_url="https://photos.example", **fields
    )


def noted(host: Receiver, **fields: Any) -> WebhookDelivery:
    """The delivery of a video that failed."""
    transitions.fail(waiting_video(host, **fields), ERROR, rejected=False)
    return WebhookDelivery.objects.get()


def deliver(delivery: WebhookDelivery) -> WebhookDelivery:
    """Make the next try, as if its time had come."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
    webhooks.deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_each_way_to_end_is_told_once(host: Receiver) -> None:
    transitions.complete(waiting_video(host), RENDERED, result="videos/a.mp4", sha256="ab", poster="posters/a.jpg")
    transitions.fail(waiting_video(host), ERROR, rejected=False)
    transitions.fail(waiting_video(host), ERROR, rejected=True)
    canceled = waiting_video(host)
    transitions.cancel(canceled)
    assert not transitions.cancel(canceled)
    assert not transitions.complete(canceled, RENDERED, result="videos/b.mp4", sha256="ab", poster="posters/b.jpg")
    events = sorted(WebhookDelivery.objects.values_list("event", flat=True))
    assert events == ["video.canceled", "video.completed", "video.failed", "video.rejected"]


def test_what_has_not_ended_and_what_nobody_asked_to_hear_is_not_told(host: Receiver) -> None:
    transitions.fail(factories.processing_video(), ERROR, rejected=False)
    transitions.requeue(waiting_video(host))
    assert not WebhookDelivery.objects.exists()


def test_a_delivery_is_signed_so_that_the_scheme_s_own_library_believes_it(host: Receiver) -> None:
    delivery = deliver(noted(host))
    assert (delivery.status, delivery.answer_status, delivery.tries) == (DeliveryStatus.DELIVERED, 200, 1)
    (told,) = host.told
    event = Webhook(WebhookSecret.objects.get().secret).verify(told.body, told.headers)
    assert event["type"] == "video.failed"
    assert event["data"]["callback_id"] == "order 17"
    assert event["data"]["error"]["code"] == "some_fault"
    assert event["data"]["video_url"] == f"https://photos.example/api/express/video/{delivery.video_id}"
    with pytest.raises(WebhookVerificationError):
        Webhook(WebhookSecret.objects.get().secret).verify(told.body + b" ", told.headers)


def test_while_a_secret_is_replaced_the_old_and_the_new_one_verify(host: Receiver) -> None:
    old = WebhookSecret.current()[0]
    new = WebhookSecret.rotate()
    deliver(noted(host))
    for secret in (old, new):
        Webhook(secret.secret).verify(host.told[0].body, host.told[0].headers)
    WebhookSecret.objects.filter(pk=old.pk).update(retires_at=timezone.now() - timedelta(seconds=1))
    assert WebhookSecret.current() == [new]


def test_a_key_that_has_a_secret_of_its_own_gets_its_webhooks_signed_with_it(host: Receiver) -> None:
    key, _ = ApiKey.issue(name="Shop")
    everybodys = WebhookSecret.current()
    assert WebhookSecret.current(key) == everybodys
    own = WebhookSecret.rotate(key)
    deliver(noted(host, owner=key))
    Webhook(own.secret).verify(host.told[0].body, host.told[0].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(everybodys[0].secret).verify(host.told[0].body, host.told[0].headers)
    assert WebhookSecret.current() == everybodys


def test_the_json_of_a_webhook_is_the_json_of_the_api(client: Client, host: Receiver) -> None:
    delivery = noted(host)
    answer = client.get(f"/api/express/videos/{delivery.video_id}").json()
    told = json.loads(
        json.dumps(json.loads(delivery.body)["data"]).replace("https://photos.example", "http://testserver")
    )
    assert told == answer


def test_the_schema_tells_receivers_what_they_will_get(client: Client, host: Receiver) -> None:
    event = json.loads(noted(host).body)
    schema = json.loads(client.get("/api/schema").content)
    (told,) = schema["paths"]["/api/express/create"]["post"]["callbacks"]["video_ended"].values()
    name = told["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    shape = schema["components"]["schemas"][name]["properties"]
    assert set(shape) == set(event)
    assert event["type"] in json.dumps(schema["components"]["schemas"])
    assert set(schema["components"]["schemas"]["Video"]["properties"]) == set(event["data"])


def test_a_receiver_that_fails_is_tried_again_later_and_later_for_a_day(host: Receiver) -> None:
    host.answer = lambda handler: reply(handler, 500, b"out of\x00 order")
    delivery = noted(host)
    began, pauses = delivery.created_at, []
    while delivery.status == DeliveryStatus.WAITING:
        before = timezone.now()
        deliver(delivery)
        pauses.append((delivery.next_at - before).total_seconds())
        shift = delivery.next_at - timezone.now()
        began -= shift
        delivery.give_up_at -= shift  # the clock goes on
        delivery.save()
    assert (delivery.status, delivery.answer_status, delivery.answer) == (
        DeliveryStatus.GIVEN_UP,
        500,
        "out of  order",
    )
    assert all(first >= 4.0 and second > 1.5 * first for first, second in itertools.pairwise(pauses[:8]))
    assert 9 <= delivery.tries <= 14
    assert timedelta(hours=16) < timezone.now() - began < timedelta(hours=25)
    ids = {told.headers["webhook-id"] for told in host.told}
    assert len(ids) == 1
    assert len({told.body for told in host.told}) == 1


def test_a_receiver_that_comes_back_gets_it(host: Receiver) -> None:
    host.answer = lambda handler: reply(handler, 503, Retry_After="900")
    delivery = deliver(noted(host))
    assert delivery.next_at - timezone.now() > timedelta(seconds=890)
    host.answer = lambda handler: reply(handler, 204)
    assert deliver(delivery).status == DeliveryStatus.DELIVERED


@pytest.mark.parametrize(
    ("status", "ending"),
    [
        (204, DeliveryStatus.DELIVERED),
        (302, DeliveryStatus.WAITING),
        (404, DeliveryStatus.WAITING),
        (410, DeliveryStatus.GIVEN_UP),
    ],
)
def test_only_2xx_is_delivered_and_only_410_is_an_end(host: Receiver, status: int, ending: DeliveryStatus) -> None:
    host.answer = lambda handler: reply(handler, status, Location=f"{host.url}/elsewhere")
    assert deliver(noted(host)).status == ending
    assert len(host.told) == 1


def test_nobody_there_is_tried_again_and_an_address_inside_is_not(host: Receiver, settings: Any) -> None:
    delivery = noted(host)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(url="http://127.0.0.1:1/")
    deliver(delivery)
    assert (delivery.status, delivery.answer_status) == (DeliveryStatus.WAITING, None)
    settings.OUTBOUND_ALLOW = []
    deliver(delivery)
    assert delivery.status == DeliveryStatus.GIVEN_UP
    assert "not public" in delivery.answer


def test_two_workers_with_the_same_message_tell_once(host: Receiver) -> None:
    delivery = noted(host)
    webhooks.deliver(delivery.pk)
    webhooks.deliver(delivery.pk)
    assert len(host.told) == 1


def test_a_try_whose_worker_died_is_made_again(host: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("express.webhooks.current_app.send_task", lambda name, args: sent.append(args))
    delivery = noted(host)
    assert webhooks.send_due() == 1
    assert webhooks.send_due() == 0  # the broker has it
    dead = timezone.now() - timedelta(minutes=2)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(tries=1, next_at=dead, enqueued_at=dead)
    assert webhooks.send_due() == 1
    assert sent == [[str(delivery.pk)], [str(delivery.pk)]]


def test_a_broker_that_is_away_loses_no_webhook(host: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, args: list[str]) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr("express.webhooks.current_app.send_task", refuse)
    delivery = noted(host)
    assert webhooks.send_due() == 0
    delivery.refresh_from_db()
    assert (delivery.status, delivery.enqueued_at) == (DeliveryStatus.WAITING, None)


def test_a_replay_arrives_under_the_same_id(host: Receiver) -> None:
    delivery = deliver(noted(host))
    webhooks.replay(delivery)
    assert deliver(delivery).status == DeliveryStatus.DELIVERED
    assert len({told.headers["webhook-id"] for told in host.told}) == 1
    assert len(host.told) == 2


def test_a_video_that_expires_is_told_and_forgotten(host: Receiver) -> None:
    video = factories.completed_video(
        callback_url=f"{host.url}/hook", user_data="private", expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert services.remove_expired() == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.event, delivery.video) == ("video.expired", video)
    assert "private" not in delivery.body
    webhooks.deliver(delivery.pk)
    assert json.loads(host.told[0].body)["data"]["thumbnail_url"] is None
    assert not WebhookDelivery.objects.exists()


def test_a_deleted_video_s_deliveries_go_once_they_have_ended(host: Receiver) -> None:
    ended = deliver(noted(host, user_data="private"))
    services.delete_video(ended.video)
    assert not WebhookDelivery.objects.exists()
    running = waiting_video(host, user_data="private")
    services.delete_video(running)
    delivery = WebhookDelivery.objects.get()
    assert deliver_and_is_gone(delivery)
    assert host.told[-1].headers["webhook-id"] == f"msg_{delivery.pk.hex}"


def deliver_and_is_gone(delivery: WebhookDelivery) -> bool:
    webhooks.deliver(delivery.pk)
    return not WebhookDelivery.objects.filter(pk=delivery.pk).exists()


def test_old_deliveries_are_forgotten_and_waiting_ones_are_not(host: Receiver, settings: Any) -> None:
    delivery = deliver(noted(host))
    waiting = WebhookDelivery.objects.create(
        video=delivery.video, event="video.failed", url=host.url, body="{}", give_up_at=timezone.now()
    )
    assert webhooks.remove_old() == 0
    settings.WEBHOOK_KEEP_DAYS = 0.0
    assert webhooks.remove_old() == 1
    assert WebhookDelivery.objects.get() == waiting


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "example.org/hook", "http://127.0.0.1/", "http://169.254.169.254/", "http://[::1]:80/"],
)
def test_a_callback_that_will_never_be_called_is_refused_at_once(client: Client, photo: bytes, url: str) -> None:
    answer = client.post("/api/express/create", {"image": ContentFile(photo, "a.jpg"), "callback_url": url})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "callback_url_refused")
    assert "OUTBOUND_ALLOW" in answer.json()["error"]["hint"]
    assert not Video.objects.exists()


def test_callback_and_its_id_are_kept_with_the_video(client: Client, photo: bytes, host: Receiver) -> None:
    form = {"image": ContentFile(photo, "a.jpg"), "callback_url": host.url, "callback_id": "order 17", "text": "Hi."}
    answer = client.post("/api/express/create", form, headers={"Prefer": "respond-async"})
    assert (answer.status_code, answer.json()["callback_id"]) == (202, "order 17")
    video = Video.objects.get()
    assert (video.callback_url, video.public_url, video.status) == (host.url, "http://testserver", Status.QUEUED)


def test_the_secret_can_be_printed_and_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("webhook_secret")
    first = capsys.readouterr().out.split()
    call_command("webhook_secret", "--rotate")
    second = capsys.readouterr().out.split()
    assert len(first) == 1 and first[0].startswith("whsec_")
    assert second[1:] == first and len(second) == 2
