"""Avatars in the admin: upload, see what was found, crop, publish."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.admin import transfer
from catalog.admin.entry import EntryAdmin
from catalog.admin.history import note
from catalog.admin.shown import badge
from catalog.forms.avatars import AvatarForm, CropForm
from catalog.models import Avatar, EntryQuerySet

CROP_PREVIEW_PX = 1600  # of the photo in the cropper; crops are made from the original
SLOW_AFTER_S = 8  # an analysis takes about a second: after this, nobody seems to be at work
COLOURS = {Avatar.State.PENDING: "amber", Avatar.State.PASSED: "green", Avatar.State.REFUSED: "red"}


class TagFilter(admin.SimpleListFilter):
    """By one tag. Tags are looked at here because SQLite cannot search in a JSON list."""

    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Every tag that is in use."""
        self.tags = dict(model_admin.model.objects.values_list("pk", "tags"))
        return [(tag, tag) for tag in sorted({tag for tags in self.tags.values() for tag in tags}, key=str.casefold)]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Avatar]) -> models.QuerySet[Avatar]:
        """Those that have it."""
        if not self.value():
            return queryset
        return queryset.filter(pk__in=[pk for pk, tags in self.tags.items() if self.value() in tags])


@admin.register(Avatar)
class AvatarAdmin(EntryAdmin):
    """Avatars, by their faces."""

    form = AvatarForm
    change_list_template = "admin/catalog/avatars.html"
    list_display = ("picture", "name", "verdict_told", "style", "tag_list", "is_published")
    list_filter = ("is_published", "state", "style", "gender", "depicts_living_person", TagFilter)
    search_fields = ("id", "name", "tags", "licence", "source")
    readonly_fields: ClassVar[tuple[str, ...]] = ("found", "clip", "created_at", "updated_at")
    autocomplete_fields = ("consent",)
    actions = ("publish", "unpublish", "look_again")
    fieldsets = (
        (None, {"fields": ("id", "name", "photo", "found", "preview_video", "clip")}),
        ("Where it is listed", {"fields": ("is_published", "style", "gender", "tags")}),
        ("Rights", {"fields": ("licence", "source", "depicts_living_person", "consent")}),
        ("Times", {"fields": ("created_at", "updated_at")}),
    )

    class Media:
        js = ("catalog/avatar.js",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Avatar]:
        """Landmarks are some kilobytes a row: they are read where they are drawn."""
        return super().get_queryset(request).defer("analysis").select_related("consent")

    def get_urls(self) -> list[URLPattern]:
        """Add what an avatar's page asks for."""
        pages = (
            ("<path:pk>/analysis", self.analysis, "analysis"),
            ("<path:pk>/look", self.look, "look"),
            ("<path:pk>/crop", self.crop, "crop"),
            ("<path:pk>/original", self.original, "original"),
        )
        own = [
            path(route, self.admin_site.admin_view(view), name=f"catalog_avatar_{name}") for route, view, name in pages
        ]
        return [*own, *transfer.urls(self.admin_site), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Avatar, form: Any, change: bool) -> None:  # type: ignore[override]
        """Save; a new photo is looked at by a worker."""
        from catalog.analysis import request_analysis

        if upload := form.cleaned_data.get("photo"):
            obj.original, obj.crop, obj.is_published = upload, None, False
            if "preview_video" not in form.changed_data:
                obj.preview_video = ""
        super().save_model(request, obj, form, change)
        if upload:
            request_analysis(obj)

    def response_add(self, request: HttpRequest, obj: Avatar, post_url_continue: str | None = None) -> HttpResponse:
        """Show the page of a new avatar, where the verdict appears."""
        messages.success(request, f"{obj} was added. Its photo is being looked at.")
        return redirect("admin:catalog_avatar_change", obj.pk)

    def analysis(self, request: HttpRequest, pk: str) -> HttpResponse:
        """GET: the panel of an avatar's page, which asks for it until there is a verdict."""
        avatar = self._avatar(request, pk, change=False)
        return HttpResponse(self._panel(request, avatar))

    def look(self, request: HttpRequest, pk: str) -> HttpResponse:
        """POST: look at the photo here and now, without a worker; with `face`, at that face alone."""
        if request.method != "POST":
            return redirect("admin:catalog_avatar_change", pk)
        avatar = self._avatar(request, pk)
        if "face" in request.POST:
            faces = avatar.analysis.get("faces", [])
            index = request.POST["face"]
            part = faces[int(index)]["cut_to"] if index.isdigit() and int(index) < len(faces) else None
            if part is None:
                raise Http404
            Avatar.objects.filter(pk=pk).update(crop=part)
            note(request, [avatar], f"Cropped to face {int(index) + 1} of {len(faces)}.")
        return self._looked(request, avatar)

    def crop(self, request: HttpRequest, pk: str) -> HttpResponse:
        """The page on which a part of the photo is chosen."""
        avatar = self._avatar(request, pk)
        size_px = avatar.analysis.get("original_size")
        if not size_px:
            messages.error(request, "Let the photo be looked at first.")
            return redirect("admin:catalog_avatar_change", pk)
        left, top, width, height = avatar.crop or (0, 0, *size_px)
        start = {"left": left, "top": top, "width": width, "height": height}
        form = CropForm(request.POST or None, initial=start, size_px=tuple(size_px))
        if request.method == "POST" and form.is_valid():
            Avatar.objects.filter(pk=pk).update(crop=form.crop())
            note(request, [avatar], f"Cropped to {told_crop(form.crop())}.")
            return self._looked(request, avatar)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Crop {avatar}",
            "avatar": avatar,
            "form": form,
            "size_px": size_px,
        }
        return TemplateResponse(request, "admin/catalog/crop.html", context)

    def original(self, request: HttpRequest, pk: str) -> HttpResponse:
        """The uploaded photo, upright and small, for the staff alone."""
        from catalog.photos import upright

        avatar = self._avatar(request, pk, change=False)
        try:
            with (avatar.original or avatar.image).open("rb") as stream:
                picture = upright(stream.read(), CROP_PREVIEW_PX)
        except (OSError, ValueError) as error:
            raise Http404 from error
        return HttpResponse(picture, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})

    @admin.display(description="")
    def picture(self, avatar: Avatar) -> SafeString:
        """The thumbnail."""
        if not avatar.thumbnail:
            return SafeString("–")
        return format_html('<img src="{}" width="56" alt="" loading="lazy" class="tp-preview">', avatar.thumbnail.url)

    @admin.display(description="Photo")
    def verdict_told(self, avatar: Avatar) -> SafeString:
        """Whether it can talk, and what keeps it from being published."""
        shown = badge(avatar.get_state_display(), COLOURS[Avatar.State(avatar.state)])
        obstacle = "" if avatar.is_published or avatar.state != Avatar.State.PASSED else avatar.obstacle()
        return format_html("{} {}", shown, avatar.verdict or obstacle)

    @admin.display(description="Tags")
    def tag_list(self, avatar: Avatar) -> SafeString:
        """The tags, each a link to those that share it."""
        return format_html_join(" ", '<a class="tp-tag" href="?tag={}">{}</a>', ((tag, tag) for tag in avatar.tags))

    @admin.display(description="What was found")
    def found(self, avatar: Avatar) -> SafeString | str:
        """The panel, for who sees the page."""
        return self._panel(None, avatar) if avatar.pk else "It is looked at once it is saved."

    @admin.display(description="Talking")
    def clip(self, avatar: Avatar) -> SafeString | str:
        """The clip of it talking."""
        if not avatar.preview_video:
            return "Made once its photo was found able to talk."
        return format_html(
            '<video src="{}" controls preload="metadata" class="tp-preview" width="360"></video>',
            avatar.preview_video.url,
        )

    @admin.action(permissions=["change"], description="Publish the selected avatars")
    def publish(self, request: HttpRequest, queryset: EntryQuerySet[Avatar]) -> None:
        """List them, but for those that must not be."""
        chosen = list(queryset.filter(is_published=False).select_related("consent"))
        kept = {avatar.name: avatar.obstacle() for avatar in chosen}
        done = [avatar for avatar in chosen if not kept[avatar.name]]
        Avatar.objects.filter(pk__in=[avatar.pk for avatar in done]).update(is_published=True)
        note(request, done, "Published.")
        self.message_user(request, f"Published: {len(done)}.", messages.SUCCESS)
        for name, obstacle in kept.items():
            if obstacle:
                self.message_user(request, f"{name} is not published. {obstacle}", messages.WARNING)

    @admin.action(permissions=["change"], description="Unpublish the selected avatars")
    def unpublish(self, request: HttpRequest, queryset: EntryQuerySet[Avatar]) -> None:
        """Take them off the list."""
        chosen = list(queryset.filter(is_published=True))
        queryset.update(is_published=False)
        note(request, chosen, "Unpublished.")
        self.message_user(request, f"Unpublished: {len(chosen)}.", messages.SUCCESS)

    @admin.action(permissions=["change"], description="Look at the selected photos again")
    def look_again(self, request: HttpRequest, queryset: EntryQuerySet[Avatar]) -> None:
        """Let a worker look at them; until it has, they are not published."""
        from catalog.analysis import request_analysis

        chosen = list(queryset)
        for avatar in chosen:
            request_analysis(avatar)
        note(request, chosen, "Looked at again.")
        self.message_user(request, f"Being looked at: {len(chosen)}. Publish them when they have passed.")

    def _avatar(self, request: HttpRequest, pk: str, *, change: bool = True) -> Avatar:
        avatar = get_object_or_404(Avatar.objects.select_related("consent"), pk=pk)
        allowed = self.has_change_permission if change else self.has_view_permission
        if not allowed(request, avatar):
            raise Http404
        return avatar

    def _looked(self, request: HttpRequest, avatar: Avatar) -> HttpResponseRedirect:
        from catalog.analysis import analyse

        looked = analyse(avatar.pk)
        if looked is not None and looked.state == Avatar.State.PASSED:
            messages.success(request, "The photo can talk.")
        elif looked is not None:
            messages.warning(request, "The photo cannot talk: see what was found.")
        return HttpResponseRedirect(reverse("admin:catalog_avatar_change", args=[avatar.pk]))

    def _panel(self, request: HttpRequest | None, avatar: Avatar) -> SafeString:
        waited = (timezone.now() - avatar.pending_since).total_seconds() if avatar.pending_since else 0
        facts = avatar.analysis
        return render_to_string(
            "admin/catalog/analysis.html",
            {
                "avatar": avatar,
                "facts": facts,
                "face": facts.get("face"),
                "faces": list(enumerate(facts.get("faces", []))) if avatar.state == Avatar.State.REFUSED else [],
                "obstacle": avatar.obstacle(),
                "slow": waited > SLOW_AFTER_S,
                "dot": max(facts.get("size", [0])) / 450,
                "can_crop": bool(facts.get("original_size")),
            },
            request,
        )


def told_crop(crop: list[int] | None) -> str:
    """A crop in words."""
    return "the whole photo" if crop is None else "{2} × {3} px at {0}, {1}".format(*crop)
