"""What every list of the catalog shares in the admin."""

import json
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.history import changes, note
from catalog.models import Entry

STEP = 10  # between the positions of neighbours


class EntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument
    """What all lists share: publishing, order by drag, history, ids that stay, and no file left behind."""

    list_display_links = ("name",)
    list_per_page = 200
    ordering = ("position", "id")
    sortable_by: ClassVar[tuple[str, ...]] = ()  # the order is the catalog's own, and made by hand
    actions: tuple[str, ...] = ("publish", "unpublish")
    readonly_fields: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")

    class Media:
        css = {"all": ("catalog/admin.css",)}
        js = ("catalog/order.js",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Begin each row with a handle, for those who may change the order."""
        handle = ["handle"] if self.has_change_permission(request) else []
        return [*handle, *super().get_list_display(request)]

    @admin.display(description="Order")
    def handle(self, entry: Entry) -> SafeString:
        """To drag the row by, or to move it with the arrow keys."""
        return format_html(
            '<button type="button" class="tp-handle" data-id="{}" title="Drag, or press ↑ and ↓" '
            'aria-label="Move {}: arrow up, arrow down">⠿</button>',
            entry.pk,
            entry.name,
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the address that takes a new order."""
        name = f"catalog_{self.opts.model_name}_order"
        return [path("order", self.admin_site.admin_view(self.order), name=name), *super().get_urls()]

    def order(self, request: HttpRequest) -> HttpResponse:
        """POST {"ids": […], "moved": id}: put these rows into this order; the others keep their places around them."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        try:
            asked = json.loads(request.body)
            ids, moved = [str(one) for one in asked["ids"]], str(asked["moved"])
        except (ValueError, KeyError, TypeError):
            return JsonResponse({"error": "Send the ids in their new order."}, status=400)
        with transaction.atomic():
            rows = {
                row.pk: row for row in self.model._default_manager.order_by("position", "id").only("id", "position")
            }
            asked_for = iter([rows[pk] for pk in ids if pk in rows])
            wanted = {pk for pk in ids if pk in rows}
            if len(wanted) != len(ids):
                return JsonResponse({"error": "Somebody changed the list meanwhile: reload it."}, status=409)
            ordered = [next(asked_for) if pk in wanted else row for pk, row in rows.items()]
            for place, row in enumerate(ordered):
                row.position = STEP * (place + 1)
            self.model._default_manager.bulk_update(ordered, ["position"])
            if row := rows.get(moved):
                note(request, self.model._default_manager.filter(pk=moved), f"Moved to place {ordered.index(row) + 1}.")
        return JsonResponse({"ok": True})

    def get_readonly_fields(self, request: HttpRequest, obj: Entry | None = None) -> tuple[str, ...]:
        """An id is public: it cannot change once it was given."""
        return (*self.readonly_fields, "id") if obj else self.readonly_fields

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """What the history tells: old and new values."""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        return changes(form)

    def save_model(self, request: HttpRequest, obj: Entry, form: Any, change: bool) -> None:
        """Save, and remove the files that were replaced."""
        before = _files_of(obj)
        super().save_model(request, obj, form, change)
        remove_on_commit(before - _files_of(obj))

    def delete_model(self, request: HttpRequest, obj: Entry) -> None:
        """Delete the row with its files."""
        files = _files_of(obj)
        super().delete_model(request, obj)
        remove_on_commit(files)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete the rows with their files."""
        files = _file_names(queryset)
        super().delete_queryset(request, queryset)
        remove_on_commit(files)


def remove_on_commit(names: set[str]) -> None:
    """Delete files from storage once the transaction that let go of them is over."""
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name))


def _files_of(entry: Entry) -> set[str]:
    return _file_names(type(entry)._default_manager.filter(pk=entry.pk))


def _file_names(rows: models.QuerySet[Any]) -> set[str]:
    fields = [field.name for field in rows.model._meta.get_fields() if isinstance(field, models.FileField)]
    return {name for row in rows.values_list(*fields) for name in row if name}
