"""Avatars: photos that anybody may let talk."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models

from catalog.models.entry import Entry, EntryQuerySet, file_name


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
