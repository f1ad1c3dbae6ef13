"""Lip-sync models in the admin: register, see whether they fit, watch them, choose the default."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.entry import EntryAdmin
from catalog.admin.shown import badge
from catalog.forms.lipsync import LipSyncModelForm
from catalog.models import Entry, LipSyncModel
from catalog.models.lipsync import LAYERED, LipSyncModelQuerySet

COLOURS = {"pending": "amber", "passed": "green", "refused": "red"}
NOTHING = "–"


@admin.register(LipSyncModel)
class LipSyncModelAdmin(EntryAdmin):
    """What draws mouths, and what trying it has shown."""

    form = LipSyncModelForm
    list_display = (
        "name",
        "id",
        "state_shown",
        "face",
        "speed",
        "commercial_use",
        "is_default",
        "is_published",
    )
    list_filter = ("state", "is_published", "commercial_use", "contract")
    search_fields = ("id", "name", "licence", "source", "sha256")
    actions: tuple[str, ...] = ("publish", "unpublish", "make_default", "try_again")
    readonly_fields: ClassVar[tuple[str, ...]] = (
        *("verdict", "face", "dtype", "file_size", "speed", "preview", "is_default", "created_at", "updated_at"),
    )
    fieldsets = (
        (None, {"fields": ("id", "name", "verdict", "preview")}),
        ("Its file: one of these", {"fields": ("file", "path", "url", "sha256")}),
        ("Rights", {"fields": ("licence", "commercial_use", "source")}),
        ("Where it is listed", {"fields": ("is_published", "is_default")}),
        ("What trying it has shown", {"fields": ("face", "dtype", "file_size", "speed")}),
        ("Times", {"fields": ("created_at", "updated_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what there is not yet, and what the built-in renderer has not."""
        first, file, *rest = super().get_fieldsets(request, obj)
        if obj is None:
            return [(None, {"fields": ("id", "name")}), file, *rest[:1], (None, {"fields": ("is_published",)})]
        return [first, *rest] if obj.pk == LAYERED else [first, file, *rest]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The built-in renderer has no file, and its rights are ours."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, *LipSyncModelForm.Meta.fields) if obj and obj.pk == LAYERED else fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The built-in renderer stays: it draws whenever nothing else can."""
        return super().has_delete_permission(request, obj) and not (obj and obj.pk == LAYERED)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete the rows with their files, but for the built-in renderer."""
        super().delete_queryset(request, queryset.exclude(pk=LAYERED))

    def save_model(self, request: HttpRequest, obj: Entry, form: Any, change: bool) -> None:
        """Save, and let a worker try what is new."""
        super().save_model(request, obj, form, change)
        if isinstance(obj, LipSyncModel) and obj.pk != LAYERED and form.has_new_source:
            from catalog import arrivals

            arrivals.request_probe(obj)
            self.message_user(request, "It is being tried; reload this page in a moment.", messages.INFO)

    @admin.display(description="Verdict", ordering="state")
    def state_shown(self, model: LipSyncModel) -> SafeString:
        """Whether it fits; the reason is on its page, and in the tooltip."""
        shown = badge(model.get_state_display(), COLOURS[model.state])
        return format_html('<span title="{}">{}</span>', model.reason, shown) if model.reason else shown

    @admin.display(description="Verdict")
    def verdict(self, model: LipSyncModel) -> SafeString:
        """Whether it fits, and why not."""
        told = f": {model.reason}" if model.reason else ""
        if model.state == LipSyncModel.State.PASSED and settings.COMMERCIAL_USE_ONLY and not model.commercial_use:
            told = ", but COMMERCIAL_USE_ONLY keeps it from being used"
        return format_html("{}{}", badge(model.get_state_display(), COLOURS[model.state]), told)

    @admin.display(description="Face", ordering="size_px")
    def face(self, model: LipSyncModel) -> str:
        """Side of the square that it draws."""
        return NOTHING if model.size_px is None else f"{model.size_px} px"

    @admin.display(description="Speed", ordering="frame_s")
    def speed(self, model: LipSyncModel) -> str:
        """What a frame took on one core when it was tried."""
        return NOTHING if model.frame_s is None else f"{model.frame_s * 1000:.0f} ms a frame"

    @admin.display(description="File size", ordering="bytes")
    def file_size(self, model: LipSyncModel) -> str:
        """Size of the file."""
        return NOTHING if model.bytes is None else filesizeformat(model.bytes)

    @admin.display(description="Preview")
    def preview(self, model: LipSyncModel) -> SafeString | str:
        """A photo of the catalog talking with this mouth."""
        if not model.preview_video:
            if model.state == LipSyncModel.State.PASSED:
                return "None yet. “Try the selected models again” in the list makes one."
            return "A worker makes it once the model fits."
        return format_html(
            '<video src="{}" controls preload="metadata" class="tp-preview" width="360"></video>',
            model.preview_video.url,
        )

    @admin.action(permissions=["change"], description="Publish the selected models")
    def publish(self, request: HttpRequest, queryset: LipSyncModelQuerySet) -> None:
        """List them, as soon as they fit."""
        self.message_user(request, f"Published: {queryset.update(is_published=True)}.", messages.SUCCESS)

    @admin.action(permissions=["change"], description="Unpublish the selected models")
    def unpublish(self, request: HttpRequest, queryset: LipSyncModelQuerySet) -> None:
        """Take them off the list; requests that name none go to the built-in renderer then."""
        chosen = queryset.exclude(pk=LAYERED)
        self.message_user(
            request, f"Unpublished: {chosen.update(is_published=False, is_default=False)}.", messages.SUCCESS
        )

    @admin.action(permissions=["change"], description="Make the selected model the default")
    def make_default(self, request: HttpRequest, queryset: LipSyncModelQuerySet) -> None:
        """Let it draw for requests that name no model."""
        chosen = queryset.filter(state=LipSyncModel.State.PASSED)
        if queryset.count() != 1 or chosen.count() != 1:
            self.message_user(request, "Select exactly one model, and one that fits.", messages.ERROR)
            return
        model = chosen.get()
        model.make_default()
        self.message_user(request, f"{model} is the default now.", messages.SUCCESS)

    @admin.action(permissions=["change"], description="Try the selected models again, and show them")
    def try_again(self, request: HttpRequest, queryset: LipSyncModelQuerySet) -> None:
        """Let a worker try them, and make their previews anew."""
        from catalog import arrivals

        for model in queryset:
            if model.contract == LipSyncModel.Contract.LAYERED:
                arrivals.request_preview(model)
            else:
                arrivals.request_probe(model)
        self.message_user(request, "They are being tried; reload this page in a moment.", messages.INFO)
