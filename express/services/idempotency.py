"""A request that is sent twice with one Idempotency-Key creates one video (draft-ietf-httpapi-idempotency-key-header).

A key is reserved before its request is looked at, gets its video in the transaction that creates it, and is answered
when the first request was. A request that creates nothing gives its key back.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from express.inputs import VideoRequest
from express.models import IdempotencyKey, Video

MARGIN_S = 60.0  # on top of the longest wait: a key that is open longer belongs to a web process that was killed


class KeyLost(Exception):
    """The key belongs to a later request: this one took so long that it was taken for dead."""


def fingerprint(request: VideoRequest) -> str:
    """Return what two requests have in common that ask for the same, fields and files."""
    told = {field.name: _plain(getattr(request, field.name)) for field in fields(request)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def reserve_key(client: str, key: str, fingerprint: str) -> tuple[IdempotencyKey, bool]:
    """Return the client's key, and whether this request is the first one that came with it.

    A key whose time is over, or whose first request was cut off before it created anything, is a new one.
    """
    now = timezone.now()
    theirs = IdempotencyKey.objects.filter(client=client, key=key)
    theirs.filter(created_at__lt=now - timedelta(seconds=settings.IDEMPOTENCY_KEEP_S)).delete()
    theirs.filter(video=None, created_at__lt=_open_since(now)).delete()
    return IdempotencyKey.objects.get_or_create(client=client, key=key, defaults={"fingerprint": fingerprint})


def is_open(row: IdempotencyKey) -> bool:
    """Whether the first request with the key is still being worked on."""
    return row.status is None and row.created_at >= _open_since(timezone.now())


def give_video(row: IdempotencyKey, video: Video) -> None:
    """Note that the key has its video, in the transaction that creates it. Raises KeyLost."""
    if not IdempotencyKey.objects.filter(pk=row.pk, video=None).update(video=video):
        raise KeyLost


def answered(row: IdempotencyKey, status: int) -> None:
    """Note how the first request was answered."""
    IdempotencyKey.objects.filter(pk=row.pk).update(status=status)


def give_key_back(row: IdempotencyKey) -> None:
    """Let the key be used again, unless it has its video: its request was refused, or failed."""
    if not IdempotencyKey.objects.filter(pk=row.pk, video=None).delete()[0]:
        answered(row, 500)


def remove_old_keys() -> int:
    """Forget the keys whose time is over. Returns how many there were."""
    old = timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_KEEP_S)
    return IdempotencyKey.objects.filter(created_at__lt=old).delete()[0]


def _open_since(now: datetime) -> datetime:
    return now - timedelta(seconds=settings.CREATE_WAIT_MAX_S + MARGIN_S)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    return dict(value) if isinstance(value, Mapping) else value
