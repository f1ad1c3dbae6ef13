"""The admin's forms of avatars.

The engine is imported where it is used, so that `manage.py` commands need not wait for its libraries.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from catalog.forms.refusal import refusal
from catalog.forms.tags import TagsField
from catalog.models import Avatar


class AvatarForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no argument
    """An avatar. A new photo is looked at by a worker after it is saved; only then can it be published."""

    photo = forms.FileField(required=False, help_text="One face from the front, 200 px high or more.")
    tags = TagsField()

    class Meta:
        model = Avatar
        fields = (
            "id",
            "name",
            "preview_video",
            "is_published",
            "style",
            "gender",
            "tags",
            "depicts_living_person",
            "consent",
            "licence",
            "source",
        )

    def clean_photo(self) -> Any:
        """Refuse what is no picture at all; faces are looked for later."""
        upload = self.cleaned_data["photo"]
        if isinstance(upload, UploadedFile):
            from engine.errors import EngineError
            from engine.photo import open_photo

            try:
                open_photo(upload.read())
            except EngineError as error:
                raise refusal(error) from error
            upload.seek(0)
        elif not self.instance.original and not self.instance.image:
            raise ValidationError("Choose a photo.", code="required")
        return upload

    def clean(self) -> dict[str, Any]:
        """Refuse to publish what cannot be published, with the reason."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("is_published"):
            row = self.instance
            wanted = Avatar(
                state=Avatar.State.PENDING if data.get("photo") else row.state,
                verdict=row.verdict,
                depicts_living_person=data.get("depicts_living_person", row.depicts_living_person),
                consent=data.get("consent"),
            )
            if obstacle := wanted.obstacle():
                self.add_error("is_published", obstacle)
                data["is_published"] = False
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """What `clean` has refused already need not be refused again by the table's constraints."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's types leave it out
        return excluded | {"is_published"}


class CropForm(forms.Form):
    """The part of the photo that is used, in px of the upright photo."""

    left = forms.IntegerField(min_value=0)
    top = forms.IntegerField(min_value=0)
    width = forms.IntegerField(min_value=16)
    height = forms.IntegerField(min_value=16)

    def __init__(self, *args: Any, size_px: tuple[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.size_px = size_px

    def clean(self) -> dict[str, Any]:
        """Refuse a part that leaves the photo."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and (
            data["left"] + data["width"] > self.size_px[0] or data["top"] + data["height"] > self.size_px[1]
        ):
            raise ValidationError("The crop leaves the photo, which has {} × {} px.".format(*self.size_px))
        return data

    def crop(self) -> list[int] | None:
        """The crop as the row keeps it; None: the whole photo."""
        values = [self.cleaned_data[name] for name in ("left", "top", "width", "height")]
        return None if values == [0, 0, *self.size_px] else values
