"""Writing a bundle."""

import hashlib
import json
import shutil
import zipfile
from pathlib import PurePath
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from catalog.models import Entry
from catalog.transfer.layout import FORMAT, MANIFEST, VERSION, fields_of, file_of, is_file, kinds, rows_of

CHUNK = 1024 * 1024


def write_bundle(out: IO[bytes]) -> int:
    """Write every row of the catalog with its files; return how many rows there are.

    An avatar's photo travels as it was uploaded, where it was. Consents stay here: they are of this place.
    Raises OSError for a file that is gone.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    with zipfile.ZipFile(out, "w") as archive:
        for name, kind in kinds().items():
            rows[name] = [_write_row(archive, name, row) for row in rows_of(kind)]
        manifest = {"format": FORMAT, "version": VERSION, "made_at": timezone.now(), "rows": rows}
        text = json.dumps(manifest, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False)
        archive.writestr(MANIFEST, text, zipfile.ZIP_DEFLATED)
    return sum(map(len, rows.values()))


def _write_row(archive: zipfile.ZipFile, kind: str, row: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"files": {}}
    for field in fields_of(type(row)):
        if not is_file(field):
            told[field.name] = field.value_from_object(row)
        elif value := file_of(row, field.name):
            name = f"files/{kind}/{row.pk}/{field.name}{PurePath(str(value.name)).suffix.lower()}"
            told["files"][field.name] = {"name": name} | _copy(value, archive, name)
    return told


def _copy(value: Any, archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """Pictures, sound and video are compressed already: they are stored as they are."""
    with value.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, CHUNK)
    with value.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256")
    return {"bytes": value.size, "sha256": digest.hexdigest()}
