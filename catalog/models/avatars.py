"""Avatars: photos that anybody may let talk."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models

from catalog.models.consents import Consent
from catalog.models.entry import Entry, EntryQuerySet, file_name, private_name


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


def validate_crop(value: Any) -> None:
    """Refuse anything but [left, top, width, height] in whole pixels, with a real size."""
    if not isinstance(value, list) or len(value) != 4 or not all(type(px) is int for px in value):
        raise ValidationError("A crop is a JSON list of four whole numbers: left, top, width, height.")
    if min(value[:2]) < 0 or min(value[2:]) < 1:
        raise ValidationError("A crop lies inside the photo, and is wider and higher than 0.")


class Avatar(Entry):
    """A photo that anybody may let talk.

        pending -> passed     catalog.analysis found one face that can talk
                -> refused    it did not; `verdict` and `analysis` say why

    Only a passed avatar can be published, and one that shows a living person only with that person's consent.
    """

    class Style(models.TextChoices):
        """What kind of picture it is."""

        PHOTO = "photo"
        PAINTING = "painting"
        ILLUSTRATION = "illustration"
        THREE_D = "3d", "3D"

    class State(models.TextChoices):
        """What the analysis says of the photo."""

        PENDING = "pending", "being looked at"
        PASSED = "passed", "can talk"
        REFUSED = "refused", "cannot talk"

    original = models.FileField(upload_to=private_name, blank=True, editable=False)  # as uploaded; never shown to all
    image = models.FileField(upload_to=file_name, blank=True, editable=False)  # upright, cropped, without metadata
    thumbnail = models.FileField(upload_to=file_name, blank=True, editable=False)
    preview_video = models.FileField(
        upload_to=file_name,
        blank=True,
        validators=[FileExtensionValidator(["mp4"])],
        help_text="A few seconds of it talking, MP4; made by itself when left empty.",
    )
    tags = models.JSONField(default=list, blank=True, validators=[validate_tags])
    style = models.CharField(max_length=16, choices=Style.choices, default=Style.PHOTO)

    crop = models.JSONField(
        null=True, blank=True, editable=False, validators=[validate_crop]
    )  # of the upright original
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING, editable=False)
    verdict = models.CharField(max_length=40, blank=True, editable=False)  # the code of what is wrong with the photo
    analysis = models.JSONField(default=dict, blank=True, editable=False)  # catalog.analysis.Facts
    face_box = models.JSONField(null=True, editable=False, validators=[validate_face_box])  # x, y, w, h in image px
    pending_since = models.DateTimeField(null=True, editable=False)

    depicts_living_person = models.BooleanField(
        "shows a real, living person", default=False, help_text="Then it is published only with a valid consent."
    )
    consent = models.ForeignKey(
        Consent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="avatars",
        help_text="Of the person whom it shows.",
    )

    objects = EntryQuerySet.as_manager()

    class Meta(Entry.Meta):
        constraints = [
            models.CheckConstraint(
                name="avatar_published_has_passed",
                condition=models.Q(is_published=False)
                | (models.Q(state="passed", face_box__isnull=False) & ~models.Q(image="") & ~models.Q(thumbnail="")),
                violation_error_message="An avatar is published only after its photo was found able to talk.",
            ),
            models.CheckConstraint(
                name="avatar_published_living_has_consent",
                condition=models.Q(is_published=False)
                | models.Q(depicts_living_person=False)
                | models.Q(consent__isnull=False),
                violation_error_message="An avatar of a living person is published only with a consent.",
            ),
        ]

    def obstacle(self) -> str:
        """Why it cannot be published; empty when it can."""
        if self.state == self.State.PENDING:
            return "Its photo is still being looked at."
        if self.state == self.State.REFUSED:
            return f"Its photo cannot talk ({self.verdict})."
        if not self.depicts_living_person:
            return ""
        if self.consent is None:
            return "It shows a living person, and there is no consent."
        return "" if self.consent.is_valid else f"The consent of {self.consent.person} is {self.consent.state}."
