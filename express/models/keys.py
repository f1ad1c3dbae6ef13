"""ApiKey: who may use the API. IdempotencyKey: a request that was sent before."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from express.models.video import Priority

MARK = "tp"  # begins every secret, so that scanners for leaked secrets can know one
USED_EVERY = timedelta(minutes=1)  # how exact last_used_at is: one update a minute, not one a request


class ApiKey(models.Model):
    """A client of the API. Its secret is `tp_<prefix>_<secret>`, shown once; we keep a hash, and the prefix to find it.

    The secret has 256 random bits, which no dictionary holds: SHA-256 is enough, and fast.
    """

    name = models.CharField(max_length=120, help_text="Who uses it, as in “Shop, staging”.")
    prefix = models.CharField(max_length=8, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    max_running = models.PositiveIntegerField(
        "videos at once", null=True, blank=True, help_text="Waiting or being rendered; empty: the server's limit."
    )
    max_per_minute = models.PositiveIntegerField(
        "videos a minute", null=True, blank=True, help_text="Created; empty: the server's limit."
    )
    max_priority = models.SmallIntegerField(
        "highest priority", choices=Priority.choices, default=Priority.NORMAL, help_text="That its videos may have."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({MARK}_{self.prefix}…)"

    @classmethod
    def issue(cls, **fields: Any) -> tuple["ApiKey", str]:
        """Return a new key, saved, and its secret, which nobody can show again. fields: those of the model."""
        key = cls(**fields)
        secret = key.renew()
        key.save()
        return key, secret

    @classmethod
    def find(cls, secret: str) -> "ApiKey | None":
        """Return the key of a secret, unless it was revoked; note that it was used."""
        mark, _, rest = secret.partition("_")
        key = cls.objects.filter(prefix=rest.partition("_")[0], revoked_at=None).first() if mark == MARK else None
        if key is None or not constant_time_compare(key.digest, _digest(secret)):
            return None
        now = timezone.now()
        if key.last_used_at is None or key.last_used_at < now - USED_EVERY:
            cls.objects.filter(pk=key.pk).update(last_used_at=now)
        return key

    def renew(self) -> str:
        """Give it a new secret, unsaved, and return it; the old one is void."""
        self.prefix = secrets.token_hex(4)
        secret = f"{MARK}_{self.prefix}_{secrets.token_urlsafe(32)}"
        self.digest = _digest(secret)
        return secret


class IdempotencyKey(models.Model):
    """The `Idempotency-Key` of a request to create a video, and what came of it."""

    client = models.CharField(max_length=64)  # whose key it is, as Client.id names it
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # of the fields and files that came with it
    video = models.ForeignKey("express.Video", on_delete=models.CASCADE, null=True, related_name="+")
    status = models.PositiveSmallIntegerField(null=True)  # of the first answer; null while that request is open
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key_once", fields=["client", "key"])]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
