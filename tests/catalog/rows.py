"""Rows of the catalog for tests that need not draw or speak."""

from typing import Any

from django.core.files.base import ContentFile

from catalog.models import Avatar, Voice


def avatar(id: str, **fields: Any) -> Avatar:
    """A published avatar; its files hold a few bytes only."""
    defaults = {"name": id.title(), "licence": "CC0 1.0", "face_box": [10, 10, 100, 120], "state": "passed"}
    row = Avatar(id=id, **defaults | fields)
    row.image.save("photo.jpg", ContentFile(b"photo"), save=False)
    row.thumbnail.save("thumbnail.jpg", ContentFile(b"thumbnail"), save=False)
    row.save()
    return row


def voice(id: str, **fields: Any) -> Voice:
    """A published voice without a sample."""
    defaults = {
        "name": id.title(),
        "licence": "Apache-2.0",
        "language": "en-US",
        "gender": "female",
        "engine": "hibari",
        "engine_voice": "hibari-us",
        "sample_rate": 24_000,
    }
    return Voice.objects.create(id=id, **defaults | fields)
