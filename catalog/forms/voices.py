"""The admin's form of voices: no voice is saved that the engine does not have.

The engine is imported where it is used, so that `manage.py` commands need not wait for its libraries.
"""

from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from catalog.forms.refusal import refusal
from catalog.models import Voice


def _voice_choices() -> list[tuple[str, str]]:
    from engine.speech import VOICES

    return [(voice.name, f"{voice.title} ({voice.name})") for voice in VOICES]


class VoiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A voice that the engine has, with a sample that can be heard."""

    engine_voice = forms.ChoiceField(
        choices=_voice_choices,
        help_text="Engine, language, gender and sample rate follow from it.",
    )

    class Meta:
        model = Voice
        fields = ("id", "name", "engine_voice", "preview_audio", "is_published", "position", "licence", "source")

    def clean_preview_audio(self) -> Any:
        """Refuse a sample that nobody could hear."""
        upload = self.cleaned_data["preview_audio"]
        if isinstance(upload, UploadedFile):
            from engine.errors import EngineError
            from engine.speech import open_speech

            try:
                open_speech(upload.read())
            except EngineError as error:
                raise refusal(error) from error
            upload.seek(0)
        return upload

    def clean(self) -> dict[str, Any]:
        """Take over what the engine knows of the voice, and let it speak its sample when there is none."""
        from engine.speech import VOICES

        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.is_default and not data.get("is_published"):
            self.add_error(
                "is_published", "The default voice has to stay published: make another one the default first."
            )
        known = next((voice for voice in VOICES if voice.name == data.get("engine_voice")), None)
        if known is None:
            return data
        self.instance.engine, self.instance.sample_rate = known.engine, known.sample_rate
        self.instance.language, self.instance.gender = known.language, known.gender
        if not data.get("preview_audio"):
            from catalog.voices import make_sample

            data["preview_audio"] = ContentFile(make_sample(known.name), "sample.m4a")
        return data
