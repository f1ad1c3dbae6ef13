"""The admin's form of voices: no voice is saved that the engines do not have.

The engine is imported where it is used, so that `manage.py` commands need not wait for its libraries.
"""

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from catalog.forms.refusal import refusal
from catalog.models import Voice

if TYPE_CHECKING:
    from engine.speech import VoiceInfo

Choices = list[tuple[str, str | list[tuple[str, str]]]]


def _voice_choices() -> Choices:
    """Every voice that speaks here, by language."""
    from catalog.voices import language_name, library

    voices = sorted(library().voices, key=lambda voice: language_name(voice.language))  # stable: the best first
    groups = groupby(voices, key=lambda voice: language_name(voice.language))
    return [("", "---------"), *((name, [(voice.name, voice.title) for voice in group]) for name, group in groups)]


def _how_to_get_more() -> SafeString:
    from catalog.voices import library

    hints = [(offer.how_to_get,) for offer in library().offers if offer.how_to_get and not offer.voices]
    return format_html_join("", "<br>{}", hints)


class VoiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A voice that an engine has, with a sample that can be heard. All else follows from it, unless it is given."""

    engine_voice = forms.ChoiceField(label="Voice")

    class Meta:
        model = Voice
        fields = ("id", "name", "engine_voice", "preview_audio", "is_published", "position", "licence", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"id", "name", "licence"} & set(self.fields):
            self.fields[name].required = False
            self.fields[name].help_text += " The engine's own when left empty."
        if "engine_voice" not in self.fields:  # for people who may only look
            return
        choices, current = _voice_choices(), self.instance.engine_voice
        if current and _find(current) is None:  # its engine was taken away; the rest of the row can still be edited
            choices.append((current, f"{current} (not installed)"))
        field = self.fields["engine_voice"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.help_text = "Engine, language, gender and sample rate follow from it." + _how_to_get_more()

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
        """Take over what the engine knows of the voice; a sample of another one is dropped, and made anew."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.is_default and not data.get("is_published"):
            self.add_error(
                "is_published", "The default voice has to stay published: make another one the default first."
            )
        known = _find(data.get("engine_voice", ""))
        if known is None:
            return data
        for name, value in (("id", known.name), ("name", known.title), ("licence", known.licence)):
            if name in self.fields and not data.get(name) and name not in self.errors:
                data[name] = value
        self.instance.engine, self.instance.sample_rate = known.engine, known.sample_rate
        self.instance.language, self.instance.gender = known.language, known.gender
        changed = self.initial.get("engine_voice") not in (None, known.name)
        if changed and not isinstance(data.get("preview_audio"), UploadedFile):
            data["preview_audio"] = False  # as the box "Clear" does
        return data


def _find(name: str) -> "VoiceInfo | None":
    from catalog.voices import library

    return next((voice for voice in library().voices if voice.name == name), None)
