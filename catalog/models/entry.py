"""What every row of the catalog has: a public id, a name, a place in the list, rights."""

import uuid
from pathlib import PurePath
from typing import Self, TypeVar

from django.core.validators import RegexValidator
from django.db import models

PRIVATE_FOLDER = "catalog-private"

Row = TypeVar("Row", bound=models.Model)

slug_id = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
    "Use small letters, digits and single hyphens, as in “hibari-us”.",
)


def file_name(instance: models.Model, filename: str) -> str:
    """Storage name of an uploaded file: fresh for each upload, so that caches never show the old one."""
    folder = f"{instance._meta.model_name}s"
    return f"catalog/{folder}/{instance.pk}-{uuid.uuid4().hex[:12]}{PurePath(filename).suffix.lower()}"


def private_name(instance: models.Model, filename: str) -> str:
    """Storage name of a file that nobody but the staff may read: it lies outside PUBLIC_MEDIA_FOLDERS."""
    folder = f"{instance._meta.model_name}s"
    return f"{PRIVATE_FOLDER}/{folder}/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()}"


class Gender(models.TextChoices):
    """How an avatar looks or a voice sounds; people filter by it, nothing else depends on it."""

    FEMALE = "female"
    MALE = "male"
    NEUTRAL = "neutral"


class EntryQuerySet(models.QuerySet[Row]):
    """Rows of the catalog."""

    def published(self) -> Self:
        """What requests may name and the API lists, in the catalog's order."""
        return self.filter(is_published=True).order_by("position", "id")

    def lock(self) -> None:
        """Let nobody else change these rows until the transaction ends."""
        list(self.select_for_update().order_by("pk").values_list("pk"))  # in one order: no two wait for each other


class Entry(models.Model):
    """What avatars and voices have in common. Its id is public and never changes."""

    id = models.CharField(
        primary_key=True, max_length=64, validators=[slug_id], help_text="Public and for good, as in “astronaut”."
    )
    name = models.CharField(max_length=120)
    gender = models.CharField(max_length=16, choices=Gender.choices, default=Gender.NEUTRAL)
    is_published = models.BooleanField("published", default=True, help_text="Listed, and open to requests.")
    position = models.PositiveIntegerField(default=100, help_text="Smaller comes first.")
    licence = models.CharField(max_length=200, help_text="Under which terms it may be used.")
    source = models.CharField(max_length=300, blank=True, help_text="Who made it, and where it came from.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
