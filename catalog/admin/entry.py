"""What every list of the catalog shares in the admin."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.http import HttpRequest

from catalog.models import Entry


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


def _files_of(entry: Entry) -> set[str]:
    return _file_names(type(entry)._default_manager.filter(pk=entry.pk))


def _file_names(rows: models.QuerySet[Any]) -> set[str]:
    fields = [field.name for field in rows.model._meta.get_fields() if isinstance(field, models.FileField)]
    return {name for row in rows.values_list(*fields) for name in row if name}


def _remove_on_commit(names: set[str]) -> None:
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name))
