"""What a bundle holds.

    catalog.json                          {"format", "version", "made_at", "rows": {kind: [row, …]}}
    files/<kind>/<id>/<field><suffix>     each named by its row, with size and SHA-256

A row has the fields of its table, but for times and for what is found out again where it is read.
"""

from typing import Any

from django.db import models

from catalog.models import Avatar, Entry, LipSyncModel
from catalog.models.lipsync import LAYERED

FORMAT, VERSION = "talking-photos-catalog", 1
MANIFEST = "catalog.json"
FOUND_OUT_AGAIN = {  # by the analysis of the photo, or by trying the model, on the machine that reads the bundle
    "lipsyncmodel": (
        "contract",
        "state",
        "reason",
        "size_px",
        "dtype",
        "frame_s",
        "bytes",
        "preview_video",
        "is_default",
    ),
    "avatar": ("analysis", "state", "verdict", "face_box", "pending_since", "image", "thumbnail", "consent"),
}
TIMES = ("created_at", "updated_at")


def kinds() -> dict[str, type[Entry]]:
    """Every kind of row, by its name in bundles."""
    return {str(kind._meta.model_name): kind for kind in Entry.__subclasses__()}


def rows_of(kind: type[Entry]) -> "models.QuerySet[Entry]":
    """The rows that travel: all but the built-in renderer, which is everywhere."""
    rows: models.QuerySet[Entry] = kind._default_manager.order_by("position", "id")
    return rows.exclude(pk=LAYERED) if kind is LipSyncModel else rows


def fields_of(kind: type[Entry]) -> "list[models.Field[Any, Any]]":
    """The fields that travel, files included."""
    left_out = (*TIMES, *FOUND_OUT_AGAIN.get(str(kind._meta.model_name), ()))
    return [field for field in kind._meta.concrete_fields if field.name not in left_out and not field.is_relation]


def file_of(row: Entry, name: str) -> Any:
    """The file of a row that travels under a field's name: of an avatar without an original, its cleaned photo."""
    file = getattr(row, name)
    return row.image if isinstance(row, Avatar) and name == "original" and not file else file


def is_file(field: "models.Field[Any, Any]") -> bool:
    """Whether the field names a file."""
    return isinstance(field, models.FileField)
