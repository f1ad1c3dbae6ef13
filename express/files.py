"""The files of a row: stored and read in one way, so that an error leaves nothing half written."""

import contextlib
import errno
import os
from collections.abc import Iterator
from typing import Any

from django.core.files import File
from django.db.models import Model
from django.db.models.fields.files import FieldFile

from express.errors import StorageUnavailable


def keep(row: Model, field: str, content: "File[Any]") -> str:
    """Store the file of a row that is not saved yet, and return its name in storage.

    Raises StorageUnavailable, and then leaves nothing behind that it can still reach.
    """
    file: FieldFile = getattr(row, field)
    name = file.field.generate_filename(row, "")
    with told_as_unavailable():
        try:
            name = file.storage.save(name, content, max_length=file.field.max_length)
        except BaseException:
            discard(file, name)  # a full disk leaves half a file, a killed bucket perhaps a whole one
            raise
    setattr(row, field, name)
    return name


def discard(file: FieldFile, name: str | None) -> None:
    """Delete a file that no row names. One that cannot be reached now is left to the sweep."""
    with contextlib.suppress(OSError):
        if name:
            file.storage.delete(name)


def read(file: FieldFile) -> bytes:
    """Return the file's bytes. Raises StorageUnavailable; FileNotFoundError when it is gone for good."""
    with told_as_unavailable(), file.storage.open(str(file.name), "rb") as stream:
        data: bytes = stream.read()
    return data


def opened(file: FieldFile) -> "File[Any]":
    """Return the file, open for reading. Raises as `read` does."""
    with told_as_unavailable():
        return file.storage.open(str(file.name), "rb")


@contextlib.contextmanager
def told_as_unavailable() -> Iterator[None]:
    """Turn what a disk or a bucket raises into StorageUnavailable; a file that is not there stays what it is."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise
    except OSError as error:
        raise StorageUnavailable(f"the files cannot be reached: {os.strerror(error.errno or errno.EIO)}") from error
