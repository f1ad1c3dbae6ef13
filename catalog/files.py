"""Files of the catalog in storage."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile


def is_stored(file: FieldFile) -> bool:
    """Whether the row names a file, and the file is there."""
    return bool(file.name) and default_storage.exists(str(file.name))


def store(stem: str, suffix: str, data: bytes) -> str:
    """Keep a file under a name made from its content, so that it is stored once and caches never show another."""
    name = f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}{suffix}"
    if default_storage.exists(name):
        return name
    return default_storage.save(name, ContentFile(data))
