"""Avatars and voices: the rows that a request names by their ids."""

import uuid
from pathlib import PurePath
from typing import Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator, RegexValidator
from django.db import models, transaction

Row = TypeVar("Row", bound=models.Model)

slug_id = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
    "Use small letters, digits and single hyphens, as in “hibari-us”.",
)
language_tag = RegexValidator(
    r"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z",
    "Use a BCP 47 tag, as in “en”, “en-GB” or “zh-Hant-TW”.",
)


def validate_tags(value: Any) -> None:
    """Refuse anything but a list of short, non-empty strings."""
    if not isinstance(value, list) or not all(isinstance(tag, str) and 0 < len(tag) <= 40 for tag in value):
        raise ValidationError('Tags are a JSON list of short strings, as in ["studio", "smiling"].')


def validate_face_box(value: Any) -> None:
    """Refuse anything but [x, y, width, height] with a real size."""
    if not isinstance(value, list) or len(value) != 4 or not all(isinstance(px, int | float) for px in value):
        raise ValidationError("A face box is a JSON list of four numbers: x, y, width, height.")
    if value[2] <= 0 or value[3] <= 0:
        raise ValidationError("A face box is wider and higher than 0.")


def file_name(instance: models.Model, filename: str) -> str:
    """Storage name of an uploaded file: fresh for each upload, so that caches never show the old one."""
    folder = f"{instance._meta.model_name}s"
    return f"catalog/{folder}/{instance.pk}-{uuid.uuid4().hex[:12]}{PurePath(filename).suffix.lower()}"


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


class Avatar(Entry):
    """A photo that anybody may let talk. Its face was found before it could be published."""

    class Style(models.TextChoices):
        """What kind of picture it is."""

        PHOTO = "photo"
        PAINTING = "painting"
        ILLUSTRATION = "illustration"
        THREE_D = "3d", "3D"

    image = models.FileField(upload_to=file_name, help_text="One face from the front, 96 px high or more.")
    thumbnail = models.FileField(upload_to=file_name, editable=False)
    preview_video = models.FileField(
        upload_to=file_name,
        blank=True,
        validators=[FileExtensionValidator(["mp4"])],
        help_text="A few seconds of it talking, MP4.",
    )
    tags = models.JSONField(default=list, blank=True, validators=[validate_tags])
    style = models.CharField(max_length=16, choices=Style.choices, default=Style.PHOTO)
    face_box = models.JSONField(null=True, editable=False, validators=[validate_face_box])  # x, y, w, h in image px

    objects = EntryQuerySet.as_manager()

    class Meta(Entry.Meta):
        constraints = [
            models.CheckConstraint(
                name="avatar_published_has_face",
                condition=models.Q(is_published=False) | models.Q(face_box__isnull=False),
                violation_error_message="An avatar is published only after its face was found.",
            ),
        ]


class Voice(Entry):
    """A voice that speaks a request's text."""

    language = models.CharField(max_length=16, validators=[language_tag], help_text="BCP 47, as in “en-US”.")
    engine = models.CharField(max_length=32, help_text="The program that speaks, as in “hibari”.")
    engine_voice = models.CharField(max_length=64, help_text="The voice's name in the engine, as in “hibari-us”.")
    sample_rate = models.PositiveIntegerField(help_text="Hz, as the engine makes it.")
    preview_audio = models.FileField(
        upload_to=file_name,
        blank=True,
        validators=[FileExtensionValidator(["m4a", "mp3", "wav", "ogg", "flac"])],
        help_text="A sentence or two; spoken by the voice itself when left empty.",
    )
    is_default = models.BooleanField("default", default=False, help_text="Speaks when a request names no voice.")

    objects = EntryQuerySet.as_manager()

    class Meta(Entry.Meta):
        constraints = [
            models.UniqueConstraint(
                name="voice_one_default",
                fields=["is_default"],
                condition=models.Q(is_default=True),
                violation_error_message="Another voice is the default.",
            ),
            models.CheckConstraint(
                name="voice_default_is_published",
                condition=models.Q(is_default=False) | models.Q(is_published=True),
                violation_error_message="The default voice has to stay published.",
            ),
        ]

    @classmethod
    def default(cls) -> "Voice | None":
        """The voice for requests that name none: the marked one, else the first published one."""
        return cls.objects.published().order_by("-is_default", "position", "id").first()

    def make_default(self) -> None:
        """Make this the default voice, and the former one not."""
        with transaction.atomic():
            Voice.objects.filter(is_default=True).exclude(pk=self.pk).update(is_default=False)
            Voice.objects.filter(pk=self.pk).update(is_default=True, is_published=True)
        self.is_default = self.is_published = True
