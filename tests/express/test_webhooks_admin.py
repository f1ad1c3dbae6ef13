"""Webhooks in the admin: to be found, read, sent again; secrets to be replaced."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from express.models import DeliveryStatus, WebhookDelivery, WebhookSecret
from tests import factories

pytestmark = pytest.mark.django_db


def given_up(**fields: Any) -> WebhookDelivery:
    now = timezone.now()
    end = {"status": DeliveryStatus.GIVEN_UP, "ended_at": now, "give_up_at": now, "tries": 12, "answer_status": 500}
    told = {"event": "video.failed", "url": "https://shop.example/hook", "body": '{"type": "video.failed"}'}
    return WebhookDelivery.objects.create(video=factories.completed_video(), **told | end | fields)


def test_the_list_says_who_answered_what(admin_client: Client) -> None:
    delivery = given_up(answer="out of order")
    page = admin_client.get("/admin/express/webhookdelivery/").content.decode()
    assert "https://shop.example/hook" in page
    assert "Given Up" in page
    detail = admin_client.get(f"/admin/express/webhookdelivery/{delivery.pk}/change/").content.decode()
    assert "out of order" in detail
    assert f"msg_{delivery.pk.hex}" in detail
    assert "video.failed" in detail
    assert 'name="_save"' not in detail


def test_the_list_asks_as_often_for_many_as_for_one(
    admin_client: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    given_up()
    with django_assert_max_num_queries(12) as one:
        admin_client.get("/admin/express/webhookdelivery/")
    for _ in range(5):
        given_up()
    with django_assert_num_queries(len(one)):
        admin_client.get("/admin/express/webhookdelivery/")


def test_what_was_given_up_can_be_sent_again(admin_client: Client) -> None:
    delivery = given_up()
    form = {"action": "replay", "_selected_action": [str(delivery.pk)]}
    answer = admin_client.post("/admin/express/webhookdelivery/", form, follow=True)
    assert "1 on their way again" in answer.content.decode()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries, delivery.ended_at) == (DeliveryStatus.WAITING, 0, None)


def test_a_secret_that_is_added_replaces_the_one_before(admin_client: Client) -> None:
    old = WebhookSecret.current()[0]
    assert admin_client.post("/admin/express/webhooksecret/add/", {"owner": ""}).status_code == 302
    new, before = WebhookSecret.objects.all()
    assert (new.retires_at, before) == (None, old)
    assert before.retires_at is not None
    assert new.secret in admin_client.get(f"/admin/express/webhooksecret/{new.pk}/change/").content.decode()
