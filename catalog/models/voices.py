"""Voices: who speaks a request's text."""

from django.core.validators import FileExtensionValidator, RegexValidator
from django.db import models, transaction

from catalog.models.entry import Entry, EntryQuerySet, file_name

language_tag = RegexValidator(
    r"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z",
    "Use a BCP 47 tag, as in “en”, “en-GB” or “zh-Hant-TW”.",
)


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
    is_default = models.BooleanField(
        "default", default=False, help_text="Speaks first in its language, and texts that do not tell theirs."
    )

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
            Voice.objects.all().lock()
            Voice.objects.filter(is_default=True).exclude(pk=self.pk).update(is_default=False)
            Voice.objects.filter(pk=self.pk).update(is_default=True, is_published=True)
        self.is_default = self.is_published = True
