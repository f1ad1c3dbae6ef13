"""Avatars and voices in the admin: look, listen, publish."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.forms import AvatarForm, VoiceForm
from catalog.models import Avatar, Entry, EntryQuerySet, Voice


class EntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument
    """What both lists share: publishing, ids that stay, and no file left behind."""

    list_editable = ("position",)
    list_display_links = ("name",)
    actions: tuple[str, ...] = ("publish", "unpublish")
    readonly_fields: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Entry | None = None) -> tuple[str, ...]:
        """An id is public: it cannot change once it was given."""
        return (*self.readonly_fields, "id") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Entry, form: Any, change: bool) -> None:
        """Save, and remove the files that were replaced."""
        before = _files_of(obj)
        super().save_model(request, obj, form, change)
        _remove_on_commit(before - _files_of(obj))

    def delete_model(self, request: HttpRequest, obj: Entry) -> None:
        """Delete the row with its files."""
        files = _files_of(obj)
        super().delete_model(request, obj)
        _remove_on_commit(files)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete the rows with their files."""
        files = _file_names(queryset)
        super().delete_queryset(request, queryset)
        _remove_on_commit(files)


@admin.register(Avatar)
class AvatarAdmin(EntryAdmin):
    """Avatars, by their faces."""

    form = AvatarForm
    list_display = ("picture", "name", "id", "style", "gender", "tag_list", "is_published", "position")
    list_filter = ("is_published", "style", "gender")
    search_fields = ("id", "name", "tags", "licence", "source")
    readonly_fields: ClassVar[tuple[str, ...]] = ("preview", "face_found", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("id", "name", "image", "preview", "face_found", "preview_video")}),
        ("Where it is listed", {"fields": ("is_published", "position", "style", "gender", "tags")}),
        ("Rights", {"fields": ("licence", "source")}),
        ("Times", {"fields": ("created_at", "updated_at")}),
    )

    @admin.display(description="")
    def picture(self, avatar: Avatar) -> SafeString:
        """The thumbnail."""
        return _picture(avatar.thumbnail, 56)

    @admin.display(description="Preview")
    def preview(self, avatar: Avatar) -> SafeString:
        """The photo, and the clip of it talking where there is one."""
        photo = _picture(avatar.image, 360)
        if not avatar.preview_video:
            return photo
        return format_html(
            '{} <video src="{}" controls preload="metadata" class="tp-preview" width="360"></video>',
            photo,
            avatar.preview_video.url,
        )

    @admin.display(description="Face")
    def face_found(self, avatar: Avatar) -> str:
        """What the face finder said."""
        if avatar.face_box is None:
            return "Not checked yet: it is looked for when a photo is saved."
        x, y, width, height = (round(px) for px in avatar.face_box)
        return f"Found: {width} × {height} px at {x}, {y}."

    @admin.display(description="Tags")
    def tag_list(self, avatar: Avatar) -> str:
        """The tags in one line."""
        return ", ".join(avatar.tags)

    @admin.action(permissions=["change"], description="Publish the selected avatars")
    def publish(self, request: HttpRequest, queryset: EntryQuerySet[Avatar]) -> None:
        """List them, but for those whose face was never found."""
        faceless = queryset.filter(face_box__isnull=True).count()
        done = queryset.filter(face_box__isnull=False).update(is_published=True)
        self.message_user(request, f"Published: {done}.", messages.SUCCESS)
        if faceless:
            self.message_user(request, f"Not published, for want of a face: {faceless}.", messages.WARNING)

    @admin.action(permissions=["change"], description="Unpublish the selected avatars")
    def unpublish(self, request: HttpRequest, queryset: EntryQuerySet[Avatar]) -> None:
        """Take them off the list."""
        self.message_user(request, f"Unpublished: {queryset.update(is_published=False)}.", messages.SUCCESS)


@admin.register(Voice)
class VoiceAdmin(EntryAdmin):
    """Voices, by their sound."""

    form = VoiceForm
    list_display = ("name", "id", "listen", "language", "gender", "is_default", "is_published", "position")
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
        (None, {"fields": ("id", "name", "engine_voice", "preview_audio", "listen")}),
        ("What the engine says of it", {"fields": ("engine", "language", "gender", "sample_rate")}),
        ("Where it is listed", {"fields": ("is_published", "is_default", "position")}),
        ("Rights", {"fields": ("licence", "source")}),
        ("Times", {"fields": ("created_at", "updated_at")}),
    )

    @admin.display(description="Sample")
    def listen(self, voice: Voice) -> SafeString | str:
        """A player for the sample."""
        if not voice.preview_audio:
            return "–"
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


def _picture(file: models.fields.files.FieldFile, width_px: int) -> SafeString:
    if not file:
        return SafeString("–")
    return format_html('<img src="{}" width="{}" alt="" class="tp-preview">', file.url, width_px)


def _files_of(entry: Entry) -> set[str]:
    return _file_names(type(entry)._default_manager.filter(pk=entry.pk))


def _file_names(rows: models.QuerySet[Any]) -> set[str]:
    fields = [field.name for field in rows.model._meta.get_fields() if isinstance(field, models.FileField)]
    return {name for row in rows.values_list(*fields) for name in row if name}


def _remove_on_commit(names: set[str]) -> None:
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name))
