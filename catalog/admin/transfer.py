"""Export and import of the whole catalog in the admin."""

import tempfile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from catalog.admin.history import note
from catalog.transfer import TransferError, open_bundle, store, write_bundle
from catalog.transfer.layout import kinds


class BundleForm(forms.Form):
    """The file."""

    bundle = forms.FileField(label="Exported catalog", help_text="A ZIP file that was exported here or elsewhere.")


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """The two pages, for the list of avatars to mount."""

    def exported(request: HttpRequest) -> HttpResponseBase:
        _require(request, "view")
        out = tempfile.TemporaryFile(prefix="talkingphotos-")  # noqa: SIM115  # the response closes it
        write_bundle(out)
        out.seek(0)
        name = f"catalog-{timezone.localdate():%Y-%m-%d}.zip"
        headers = {"Cache-Control": "private, no-store"}
        return FileResponse(out, as_attachment=True, filename=name, content_type="application/zip", headers=headers)

    def imported(request: HttpRequest) -> HttpResponse:
        _require(request, "add", "change")
        form = BundleForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                with open_bundle(form.cleaned_data["bundle"]) as bundle:
                    done = store(bundle)
            except TransferError as error:
                form.add_error("bundle", str(error))
            else:
                for kind in kinds().values():
                    note(request, kind._default_manager.filter(pk__in=[*done.created, *done.updated]), "Imported.")
                messages.success(request, f"Imported: {done}")
                return redirect("admin:catalog_avatar_changelist")
        context: dict[str, Any] = {**site.each_context(request), "title": "Import a catalog", "form": form}
        return TemplateResponse(request, "admin/catalog/import.html", context)

    view = site.admin_view
    return [
        path("export", view(exported), name="catalog_export"),
        path("import", view(imported), name="catalog_import"),
    ]


def _require(request: HttpRequest, *rights: str) -> None:
    """Refuse who may not do it with every kind of row."""
    for kind in kinds().values():
        for right in rights:
            if not request.user.has_perm(f"{kind._meta.app_label}.{right}_{kind._meta.model_name}"):
                raise PermissionDenied
