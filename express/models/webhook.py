"""Webhooks: what is to be told to whom, and the secrets that sign it."""

import base64
import secrets
import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from express.models.keys import ApiKey
from express.models.video import Video

SECRET_BYTES = 32  # Standard Webhooks takes 24 to 64
RETIRES_AFTER = timedelta(days=1)  # after a rotation the old secret signs, too, until receivers have the new one


def new_secret() -> str:
    """Return a fresh signing secret as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class WebhookSecret(models.Model):
    """A secret that signs webhooks until it retires: those of one key's videos, or of all whose key has none."""

    owner = models.ForeignKey(ApiKey, on_delete=models.CASCADE, null=True, blank=True, related_name="webhook_secrets")
    secret = models.CharField(max_length=100, default=new_secret, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    retires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.secret[:10]}… of {self.created_at:%Y-%m-%d}"

    @classmethod
    def current(cls, owner: ApiKey | None = None) -> list[Self]:
        """Those that sign now, newest first: the owner's, else everybody's; the first one is made when it is needed."""
        valid = cls.objects.filter(Q(retires_at=None) | Q(retires_at__gt=timezone.now()))
        own = list(valid.filter(owner=owner)) if owner else []
        return own or list(valid.filter(owner=None)) or [cls.objects.create()]

    @classmethod
    def rotate(cls, owner: ApiKey | None = None) -> Self:
        """Make a new secret; those before it retire in a day."""
        cls.retire(owner)
        return cls.objects.create(owner=owner)

    @classmethod
    def retire(cls, owner: ApiKey | None) -> None:
        """Let the present ones sign for a day more."""
        cls.objects.filter(owner=owner, retires_at=None).update(retires_at=timezone.now() + RETIRES_AFTER)


class DeliveryStatus(models.TextChoices):
    """How far a webhook is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


class WebhookDelivery(models.Model):
    """One event that one address is told of. Written in the transaction that made the event happen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # the webhook-id: the same in each try
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    url = models.CharField(max_length=2000)
    body = models.TextField()  # as it is sent, byte for byte, at each try
    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)  # of a waiting one: when it is tried
    enqueued_at = models.DateTimeField(null=True, blank=True)  # when the broker took the message of the next try
    give_up_at = models.DateTimeField()
    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)  # of the last try; none: nobody answered
    answer = models.CharField(max_length=500, blank=True)  # its beginning, or why there was none
    took_s = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["next_at"], name="webhook_due", condition=Q(status="waiting")),
            models.Index(fields=["-created_at"], name="webhook_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="webhook_final_has_end",
                condition=Q(status=DeliveryStatus.WAITING, ended_at__isnull=True)
                | (~Q(status=DeliveryStatus.WAITING) & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.url}"
