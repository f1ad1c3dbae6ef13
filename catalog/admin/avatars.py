"""Avatars in the admin: look, publish."""

from typing import ClassVar

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.entry import EntryAdmin
from catalog.forms.avatars import AvatarForm
from catalog.models import Avatar, EntryQuerySet


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


def _picture(file: models.fields.files.FieldFile, width_px: int) -> SafeString:
    if not file:
        return SafeString("–")
    return format_html('<img src="{}" width="{}" alt="" class="tp-preview">', file.url, width_px)
