"""Catalog rows for the tests of express."""

import pytest
from django.core.files.base import ContentFile

from catalog.models import Avatar, Voice


@pytest.fixture
def avatar(photo: bytes) -> Avatar:
    """A published avatar."""
    return Avatar.objects.create(
        id="eileen",
        name="Eileen",
        licence="public domain",
        image=ContentFile(photo, "eileen.jpg"),
        thumbnail=ContentFile(photo, "eileen.jpg"),
        face_box=[100, 100, 200, 200],
        state="passed",
    )


@pytest.fixture
def voice() -> Voice:
    """A published voice that is not the default."""
    return Voice.objects.create(
        id="british",
        name="British",
        licence="Apache-2.0",
        language="en-GB",
        engine="hibari",
        engine_voice="hibari-gb",
        sample_rate=24_000,
    )
