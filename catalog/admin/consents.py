"""Consents in the admin: record, look at the evidence, revoke; and the receipts of what was done then."""

import json
import mimetypes
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog import consents
from catalog.admin.history import changes, note
from catalog.admin.shown import badge
from catalog.models import Consent, Receipt

COLOURS = {"valid": "green", "not valid yet": "amber", "expired": "red", "revoked": "red"}


class StateFilter(admin.SimpleListFilter):
    """By whether it holds."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Both answers."""
        return [("valid", "Valid"), ("over", "Revoked or expired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Consent]) -> QuerySet[Consent]:
        """Those that hold today, or do not."""
        valid = Consent.objects.valid().values("pk")
        if self.value() == "valid":
            return queryset.filter(pk__in=valid)
        return queryset.exclude(pk__in=valid) if self.value() == "over" else queryset


@admin.register(Consent)
class ConsentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument
    """Who consented to what, until when."""

    list_display = ("person", "state_told", "avatar_count", "granted_on", "expires_on", "created_at")
    list_filter = (StateFilter, "expires_on")
    search_fields = ("person", "scope", "notes")
    date_hierarchy = "granted_on"
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "state_told",
        "proof",
        "shown_by",
        "receipts_told",
        "recorded_by",
        "created_at",
    )
    fieldsets = (
        (None, {"fields": ("person", "state_told", "granted_on", "expires_on", "scope")}),
        ("Evidence", {"fields": ("evidence", "proof", "notes")}),
        ("What it is for", {"fields": ("shown_by", "receipts_told")}),
        ("Record", {"fields": ("recorded_by", "created_at")}),
    )
    change_form_template = "admin/catalog/consent.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        """With the number of avatars, counted in the same query."""
        rows: QuerySet[Consent] = super().get_queryset(request)
        return rows.annotate(avatar_total=Count("avatars"))

    def get_readonly_fields(self, request: HttpRequest, obj: Consent | None = None) -> tuple[str, ...]:
        """A consent that has ended stays as it was; a file that is evidence is never replaced."""
        if obj is None:
            return self.readonly_fields
        fixed = ("evidence",) if not obj.ended_because else ("person", "granted_on", "expires_on", "scope", "evidence")
        return (*self.readonly_fields, *fixed)

    def get_fieldsets(self, request: HttpRequest, obj: Consent | None = None) -> Any:
        """A kept file is shown as a link for the staff, not as a public address."""
        hidden = (
            {"evidence"} if obj else {"state_told", "proof", "shown_by", "receipts_told", "recorded_by", "created_at"}
        )
        shown = [(title, [name for name in rest["fields"] if name not in hidden]) for title, rest in self.fieldsets]
        return [(title, {"fields": names}) for title, names in shown if names]

    def has_delete_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        """Records stay: they are revoked, not deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the evidence and the way to revoke."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/evidence", view(self.evidence), name="catalog_consent_evidence"),
            path("<int:pk>/revoke", view(self.revoke), name="catalog_consent_revoke"),
            *super().get_urls(),
        ]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """What the history tells: old and new values."""
        return super().construct_change_message(request, form, formsets, add) if add else changes(form)

    def save_model(self, request: HttpRequest, obj: Consent, form: Any, change: bool) -> None:
        """Save, with who recorded it."""
        if not change:
            obj.recorded_by = request.user  # type: ignore[assignment]  # the admin lets nobody in without a log-in
        super().save_model(request, obj, form, change)

    def evidence(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """GET: the evidence, as a download, for staff who may see consents."""
        consent = get_object_or_404(Consent, pk=pk)
        if not self.has_view_permission(request, consent):
            raise PermissionDenied
        try:
            file = consent.evidence.open("rb")
        except OSError as error:
            raise Http404 from error
        name = f"consent-{pk}.{str(consent.evidence.name).rsplit('.', 1)[-1]}"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, as_attachment=True, filename=name, content_type=kind, headers=headers)

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET: what revoking would do; POST: do it, and show the receipt."""
        consent = get_object_or_404(Consent, pk=pk)
        if not self.has_change_permission(request, consent):
            raise PermissionDenied
        if request.method == "POST":
            receipt = consents.revoke(consent, request.user.get_username(), request.POST.get("reason", "")[:2000])
            if receipt is None:
                messages.error(request, "This consent had ended already.")
                return redirect("admin:catalog_consent_change", pk)
            note(request, [consent], "Revoked.")
            note(request, consent.avatars.all(), f"Withdrawn: {consent.person} revoked the consent.")
            messages.success(request, "Revoked. This is the receipt.")
            return redirect("admin:catalog_receipt_change", receipt.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Revoke the consent of {consent.person}",
            "consent": consent,
            "avatars": consent.avatars.filter(depicts_living_person=True).defer("analysis"),
            "impact": {name: len(ids) for name, ids in consents.impact(consent).items()},
        }
        return TemplateResponse(request, "admin/catalog/revoke.html", context)

    @admin.display(description="State")
    def state_told(self, consent: Consent) -> SafeString:
        """The state in its colour."""
        return badge(consent.state, COLOURS[consent.state])

    @admin.display(description="Avatars", ordering="avatar_total")
    def avatar_count(self, consent: Any) -> int:
        """How many avatars stand on it."""
        total: int = consent.avatar_total
        return total

    @admin.display(description="Evidence")
    def proof(self, consent: Consent) -> SafeString:
        """A link for the staff."""
        url = reverse("admin:catalog_consent_evidence", args=[consent.pk])
        return format_html('<a href="{}" class="button">Download</a>', url)

    @admin.display(description="Avatars")
    def shown_by(self, consent: Consent) -> SafeString | str:
        """The avatars that stand on it."""
        rows = consent.avatars.defer("analysis")
        links = ((reverse("admin:catalog_avatar_change", args=[row.pk]), row.name) for row in rows)
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "None yet: choose it on an avatar's page."

    @admin.display(description="Receipts")
    def receipts_told(self, consent: Consent) -> SafeString | str:
        """What was done when it ended."""
        links = ((reverse("admin:catalog_receipt_change", args=[row.pk]), row) for row in consent.receipts.all())
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "–"


@admin.register(Receipt)
class ReceiptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What was done when consents ended. Nothing here can be changed."""

    list_display = ("consent", "cause", "by", "created_at", "avatars_told", "stopped", "deleted", "flagged")
    list_filter = ("cause", "created_at")
    list_select_related = ("consent",)
    search_fields = ("consent__person", "by", "reason")
    fields = ("consent", "cause", "by", "reason", "created_at", "avatars_told", "policy", "videos_told", "download")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Receipts are written when a consent ends."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        """They stay as they are."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        """They are kept for good."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the download."""
        view = self.admin_site.admin_view(self.as_json)
        return [path("<int:pk>/receipt.json", view, name="catalog_receipt_json"), *super().get_urls()]

    def as_json(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET: the receipt as a file."""
        receipt = get_object_or_404(Receipt.objects.select_related("consent"), pk=pk)
        if not self.has_view_permission(request, receipt):
            raise PermissionDenied
        body = json.dumps(receipt.as_json(), indent=2, ensure_ascii=False)
        name = f'attachment; filename="receipt-{pk}.json"'
        return HttpResponse(body, content_type="application/json", headers={"Content-Disposition": name})

    @admin.display(description="Avatars unpublished")
    def avatars_told(self, receipt: Receipt) -> str:
        """Their ids."""
        return ", ".join(receipt.avatars) or "none"

    @admin.display(description="Stopped")
    def stopped(self, receipt: Receipt) -> int:
        """Videos that waited or were being rendered."""
        return len(receipt.videos.get("stopped", ()))

    @admin.display(description="Deleted")
    def deleted(self, receipt: Receipt) -> int:
        """Videos whose files were removed."""
        return len(receipt.videos.get("deleted", ()))

    @admin.display(description="Flagged")
    def flagged(self, receipt: Receipt) -> int:
        """Videos that were marked."""
        return len(receipt.videos.get("flagged", ()))

    @admin.display(description="Videos")
    def videos_told(self, receipt: Receipt) -> SafeString | str:
        """Their ids, by what was done."""
        told = [(name, len(ids), ", ".join(ids)) for name, ids in receipt.videos.items() if ids]
        return format_html_join("", "<p><b>{}</b> ({}): {}</p>", told) or "none"

    @admin.display(description="File")
    def download(self, receipt: Receipt) -> SafeString:
        """The receipt as JSON."""
        url = reverse("admin:catalog_receipt_json", args=[receipt.pk])
        return format_html('<a href="{}" class="button">Download as JSON</a>', url)
