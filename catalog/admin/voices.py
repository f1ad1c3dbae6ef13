"""Voices in the admin: listen, publish, choose who speaks by default."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.entry import EntryAdmin
from catalog.forms.voices import VoiceForm
from catalog.models import Entry, EntryQuerySet, Voice
from catalog.sending import send


@admin.register(Voice)
class VoiceAdmin(EntryAdmin):
    """Voices, by their sound."""

    form = VoiceForm
    list_display = ("name", "listen", "language", "is_default", "is_published")
    list_filter = ("is_published", "language", "gender", "engine")
    search_fields = ("id", "name", "engine_voice", "licence", "source")
    actions: tuple[str, ...] = ("publish", "unpublish", "make_default")
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "listen",
        "engine",
        "language",
        "gender",
        "sample_rate",
        "is_default",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (None, {"fields": ("engine_voice", "id", "name", "listen", "preview_audio")}),
        ("What the engine says of it", {"fields": ("engine", "language", "gender", "sample_rate")}),
        ("Where it is listed", {"fields": ("is_published", "is_default", "position")}),
        ("Rights", {"fields": ("licence", "source")}),
        ("Times", {"fields": ("created_at", "updated_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Voice | None = None) -> Any:
        """Leave out of a new voice's form what is known only when it was chosen."""
        if obj:
            return self.fieldsets
        return [fieldset for fieldset in self.fieldsets if not set(fieldset[1]["fields"]) <= set(self.readonly_fields)]

    def save_model(self, request: HttpRequest, obj: Entry, form: Any, change: bool) -> None:
        """Save, and let the voice speak its sample when it has none."""
        super().save_model(request, obj, form, change)
        if isinstance(obj, Voice) and not obj.preview_audio:
            transaction.on_commit(partial(send, "make_voice_sample", obj.pk))
            self.message_user(request, f"{obj} is recording its sample; look again in a few seconds.", messages.INFO)

    @admin.display(description="Sample")
    def listen(self, voice: Voice) -> SafeString | str:
        """A player for the sample."""
        if not voice.preview_audio:
            return "A worker is making it. Reload to hear it." if voice.pk else "Made after saving."
        return format_html('<audio src="{}" controls preload="none"></audio>', voice.preview_audio.url)

    @admin.action(permissions=["change"], description="Publish the selected voices")
    def publish(self, request: HttpRequest, queryset: EntryQuerySet[Voice]) -> None:
        """List them."""
        self.message_user(request, f"Published: {queryset.update(is_published=True)}.", messages.SUCCESS)

    @admin.action(permissions=["change"], description="Unpublish the selected voices")
    def unpublish(self, request: HttpRequest, queryset: EntryQuerySet[Voice]) -> None:
        """Take them off the list, but for the default voice."""
        done = queryset.filter(is_default=False).update(is_published=False)
        self.message_user(request, f"Unpublished: {done}.", messages.SUCCESS)
        if queryset.filter(is_default=True).exists():
            self.message_user(
                request, "The default voice stays published: make another one the default first.", messages.WARNING
            )

    @admin.action(permissions=["change"], description="Make the selected voice the default")
    def make_default(self, request: HttpRequest, queryset: EntryQuerySet[Voice]) -> None:
        """Let it speak for requests that name no voice."""
        if queryset.count() != 1:
            self.message_user(request, "Select exactly one voice.", messages.ERROR)
            return
        voice = queryset.get()
        voice.make_default()
        self.message_user(request, f"{voice} is the default now.", messages.SUCCESS)
