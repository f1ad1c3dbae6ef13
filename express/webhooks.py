"""Webhooks by the Standard Webhooks scheme (https://www.standardwebhooks.com): note, sign, deliver, try again.

The row of a delivery is the truth. It is written with the event, tried at once by a task, tried again later and later
for a day, and survives a broker or a receiver that is away.
"""

import base64
import hashlib
import hmac
import json
import logging
import random
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

import outbound
from express import logs
from express.description import describe, iso
from express.errors import CallbackRefused
from express.models import DeliveryStatus, Video, WebhookDelivery, WebhookSecret

logger = logging.getLogger(__name__)

TASK = "express.tasks.deliver_webhook"  # by its name: tasks stand above us
ANSWERS_WITHIN_S = 15.0
KEPT_BYTES = 500  # of an answer, for the admin
LOOKED_UP_WITHIN_S = 2.0
LEASE = timedelta(seconds=60)  # a try whose worker died is made again after this
RESEND_AFTER, RESEND_MOST = timedelta(seconds=60), 200
TRIED_FOR = timedelta(days=1)
FIRST_PAUSE_S, PAUSE_GROWS, LONGEST_PAUSE_S, JITTER = 5.0, 3.0, 6 * 3600.0, 0.2  # some twelve tries in a day
GONE = 410  # the receiver wants nothing more of it


def check_url(url: str) -> None:
    """Raise CallbackRefused for a URL that will never be called."""
    try:
        outbound.Policy.allowing(settings.OUTBOUND_ALLOW).check_host(url, LOOKED_UP_WITHIN_S)
    except outbound.OutboundError as error:
        raise CallbackRefused(f"callback_url: {error}", field="callback_url", reason=error.code) from error


def note(video_id: UUID, event: str) -> None:
    """Write down that the video's callback is to be told of an event; in the transaction of the event itself."""
    video = Video.objects.get(pk=video_id)
    now = timezone.now()
    data = describe(video, lambda path: video.public_url + path)
    delivery = WebhookDelivery.objects.create(
        video=video,
        event=event,
        url=video.callback_url,
        body=json.dumps({"type": event, "timestamp": iso(now), "data": data}, ensure_ascii=False, default=str),
        next_at=now,
        give_up_at=now + TRIED_FOR,
    )
    transaction.on_commit(lambda: send(delivery))


def send(delivery: WebhookDelivery) -> bool:
    """Ask the workers for the next try. False when somebody did already, or the broker is away: `send_due` is next."""
    now = timezone.now()
    unsent = WebhookDelivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.WAITING, enqueued_at=delivery.enqueued_at
    )
    if not unsent.update(enqueued_at=now):
        return False
    try:
        current_app.send_task(TASK, [str(delivery.pk)])
    except Exception as error:  # what a broker that is away raises depends on the broker
        logger.warning("webhook %s: the broker does not answer (%s); it is sent later", delivery.pk, error)
        WebhookDelivery.objects.filter(pk=delivery.pk, enqueued_at=now).update(enqueued_at=None)
        return False
    return True


def send_due() -> int:
    """Ask for the tries whose time has come, and for those that the broker lost. Returns how many there were."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(status=DeliveryStatus.WAITING, next_at__lte=now)
    unsent = due.filter(Q(enqueued_at=None) | Q(enqueued_at__lt=now - RESEND_AFTER))
    return sum(send(delivery) for delivery in unsent.order_by("next_at")[:RESEND_MOST])


def deliver(delivery_id: UUID) -> None:
    """Make the try that is due. Does nothing when another worker makes it, or when it has ended."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(pk=delivery_id, status=DeliveryStatus.WAITING, next_at__lte=now)
    if not due.update(next_at=now + LEASE, tries=F("tries") + 1):
        logger.info("webhook %s: not waiting for a try", delivery_id)
        return
    delivery = WebhookDelivery.objects.select_related("video__owner").get(pk=delivery_id)
    with logs.about(video=delivery.video_id, request=delivery.video.request_id):
        began = time.monotonic()
        retry, after_s, told = _try(delivery)
        told["took_s"] = round(time.monotonic() - began, 3)
        _conclude(delivery, retry, after_s, told)


def signatures(message_id: str, timestamp: int, body: str, secrets: Iterable[str]) -> str:
    """Return the header webhook-signature: one `v1,` signature for each secret, parted by spaces.

    secrets: as whsec_ and base64. timestamp: Unix seconds.
    """
    signed = f"{message_id}.{timestamp}.{body}".encode()
    keys = (base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets)
    return " ".join("v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)


def replay(delivery: WebhookDelivery) -> None:
    """Deliver once more what was delivered or given up, under the same id, for another day."""
    now = timezone.now()
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.WAITING, next_at=now, give_up_at=now + TRIED_FOR, enqueued_at=None, ended_at=None, tries=0
    )
    delivery.refresh_from_db()
    transaction.on_commit(lambda: send(delivery))


def remove_old() -> int:
    """Delete what ended WEBHOOK_KEEP_DAYS ago. Returns how many there were."""
    before = timezone.now() - timedelta(days=settings.WEBHOOK_KEEP_DAYS)
    return WebhookDelivery.objects.filter(ended_at__lt=before).delete()[0]


def _try(delivery: WebhookDelivery) -> tuple[bool, float, dict[str, Any]]:
    """Send it once: whether to try again if it did not arrive, after how many seconds at least, what was answered."""
    timestamp = int(time.time())
    message_id = f"msg_{delivery.pk.hex}"
    secrets = [secret.secret for secret in WebhookSecret.current(delivery.video.owner)]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(message_id, timestamp, delivery.body, secrets),
    }
    try:
        answer = outbound.client().post(
            delivery.url, delivery.body.encode(), headers, keep_bytes=KEPT_BYTES, within_s=ANSWERS_WITHIN_S
        )
    except outbound.OutboundError as error:
        return error.retryable, 0.0, {"answer_status": None, "answer": str(error)[:KEPT_BYTES]}
    except Exception:  # or it would be tried every minute for ever
        logger.exception("webhook %s: could not be sent", delivery.pk)
        return True, 0.0, {"answer_status": None, "answer": "our side failed; the log says how"}
    told = {"answer_status": answer.status, "answer": _printable(answer.body)}
    return answer.status != GONE, _retry_after_s(answer.headers), told


def _conclude(delivery: WebhookDelivery, retry: bool, after_s: float, told: dict[str, Any]) -> None:
    """Write down what came of the try; only where nobody else has made another one since."""
    now = timezone.now()
    status = told["answer_status"]
    pause = timedelta(seconds=max(_pause_s(delivery.tries), after_s))
    if status is not None and 200 <= status < 300:
        told |= {"status": DeliveryStatus.DELIVERED, "ended_at": now}
    elif not retry or now + pause > delivery.give_up_at:
        told |= {"status": DeliveryStatus.GIVEN_UP, "ended_at": now}
    else:
        told |= {"next_at": now + pause, "enqueued_at": None}
    WebhookDelivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.WAITING, tries=delivery.tries).update(**told)
    if "ended_at" in told and delivery.video.removed_at:
        delivery.delete()  # what a removed video held of its user goes with it
    logger.info(
        "webhook %s (%s of video %s): try %d, %s",
        *(delivery.pk, delivery.event, delivery.video_id, delivery.tries, status or told["answer"]),
    )


def _pause_s(tries: int) -> float:
    """5 s, 15 s, 45 s … 6 h, each up to a fifth shorter or longer, lest all come back at once."""
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * PAUSE_GROWS ** (tries - 1))
    return pause_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret


def _retry_after_s(headers: Any) -> float:
    text = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return min(float(text), LONGEST_PAUSE_S) if text.isdecimal() else 0.0


def _printable(body: bytes) -> str:
    return "".join(char if char.isprintable() else " " for char in body.decode(errors="replace"))[:KEPT_BYTES]
