"""The admin's form of avatars: no photo is saved that could not talk.

The engine is imported where it is used, so that `manage.py` commands need not wait for its libraries.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from catalog.forms.refusal import refusal
from catalog.models import Avatar


class AvatarForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no argument
    """An avatar, whose photo has to hold one face that can be animated."""

    class Meta:
        model = Avatar
        fields = (
            "id",
            "name",
            "image",
            "preview_video",
            "is_published",
            "position",
            "style",
            "gender",
            "tags",
            "licence",
            "source",
        )

    def clean_image(self) -> Any:
        """Check a photo that is new or was never checked, and keep its cleaned copy instead."""
        upload = self.cleaned_data["image"]
        if not isinstance(upload, UploadedFile) and self.instance.face_box is not None:
            return upload
        from catalog.photos import prepare_photo
        from engine.errors import EngineError

        try:
            photo = prepare_photo(upload.read())
        except EngineError as error:
            raise refusal(error) from error
        except OSError as error:
            raise ValidationError("The stored photo is gone. Choose it again.", code="missing") from error
        self.instance.face_box = photo.face_box
        self.instance.thumbnail = ContentFile(photo.thumbnail, "thumbnail.jpg")
        return ContentFile(photo.image, f"photo{photo.suffix}")
