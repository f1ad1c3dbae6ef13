"""Reading a bundle: everything about it is checked before a byte of it is kept."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import ValidationError

from catalog.models import Entry
from catalog.transfer.errors import CHOOSE, CORRECT, UPGRADE, TransferError, broken
from catalog.transfer.layout import FORMAT, MANIFEST, VERSION, fields_of, is_file, kinds

MAX_MANIFEST_BYTES = 32 * 1024 * 1024
MAX_FILE_BYTES = 2 * 1024**3  # a lip-sync model in full precision has 150 to 400 MB
MAX_BYTES = 16 * 1024**3
MAX_FILES = 50_000
MAX_RATIO = 200  # of unpacked to packed bytes; what we write is about 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the bundle tells it: plain fields, and for each file its name, size and SHA-256."""

    kind: type[Entry]
    values: dict[str, Any]
    files: dict[str, dict[str, Any]]

    @property
    def pk(self) -> str:
        """Its id."""
        return str(self.values["id"])


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked bundle. read(): the bytes of one of its files, checked against its hash."""

    archive: zipfile.ZipFile
    rows: list[Row]

    def read(self, told: dict[str, Any]) -> bytes:
        """Raises TransferError when the file is not the one that was written."""
        try:
            data = self.archive.read(told["name"])
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise broken(f"{told['name']} cannot be unpacked.") from error
        if len(data) != told["bytes"] or hashlib.sha256(data).hexdigest() != told["sha256"]:
            raise broken(f"{told['name']} is damaged.")
        return data


@contextmanager
def open_bundle(source: IO[bytes]) -> Iterator[Bundle]:
    """Open a bundle and check all of it: sizes, names, version, every row and every hash.

    Raises TransferError; nothing was kept then.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise TransferError("not_a_bundle", "This is not a ZIP file.", CHOOSE) from error
    with archive:
        files = _check_files(archive)
        rows = [row for name, told in _manifest(archive).items() for row in _rows(name, told, files)]
        bundle = Bundle(archive, rows)
        claimed = [told for row in rows for told in row.files.values()]
        if len({told["name"] for told in claimed}) != len(claimed) or len(claimed) != len(files) - 1:
            raise broken("The files in the bundle are not those that its rows name.")
        for told in claimed:
            bundle.read(told)
        yield bundle


def _check_files(archive: zipfile.ZipFile) -> dict[str, int]:
    """The size of each file by its name."""
    members = archive.infolist()
    if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_BYTES:
        raise _too_large(f"The bundle holds {len(members)} files.")
    for member in members:
        name = member.filename
        plain = name == MANIFEST or (name.startswith("files/") and not {"..", ".", ""} & set(name.split("/")))
        if not plain or "\\" in name or "\0" in name or stat.S_ISLNK(member.external_attr >> 16):
            raise TransferError(
                "unsafe_name",
                f"The bundle holds {name[:80]!r}, which could be written anywhere.",
                "Do not use this file.",
            )
        if member.file_size > MAX_FILE_BYTES or member.file_size > MAX_RATIO * max(member.compress_size, 1024):
            raise _too_large(f"{name} unpacks to {member.file_size} bytes.")
        if member.flag_bits & 1:
            raise broken(f"{name} is encrypted.")
    sizes = {member.filename: member.file_size for member in members}
    if len(sizes) != len(members):
        raise broken("Two files in the bundle have the same name.")
    return sizes


def _too_large(message: str) -> TransferError:
    return TransferError("bundle_too_large", message, f"A bundle holds {MAX_BYTES // 1024**3} GiB at most.")


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
            raise _too_large(f"{MANIFEST} is larger than {MAX_MANIFEST_BYTES} bytes.")
        told = json.loads(archive.read(MANIFEST))
    except KeyError as error:
        raise TransferError("not_a_bundle", f"The ZIP file holds no {MANIFEST}.", CHOOSE) from error
    except (ValueError, OSError, zipfile.BadZipFile, RecursionError) as error:
        raise broken(f"{MANIFEST} cannot be read.") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT or not isinstance(told.get("rows"), dict):
        raise broken(f"{MANIFEST} is not a catalog's.")
    if told.get("version") != VERSION:
        raise TransferError(
            "unknown_version",
            f"The bundle is of version {str(told.get('version'))[:20]}; this service reads version {VERSION}.",
            UPGRADE,
        )
    return dict(told["rows"])


def _rows(name: str, told: Any, files: dict[str, int]) -> Iterator[Row]:
    kind = kinds().get(name)
    if kind is None or not isinstance(told, list):
        raise TransferError("unknown_kind", f"The bundle holds rows of the kind {name[:40]!r}.", UPGRADE)
    seen: set[str] = set()
    for values in told:
        row = _row(kind, values, files)
        if row.pk in seen:
            raise broken(f"{name} {row.pk} is told twice.")
        seen.add(row.pk)
        yield row


def _row(kind: type[Entry], told: Any, files: dict[str, int]) -> Row:
    if not isinstance(told, dict) or not isinstance(told.get("files"), dict) or not isinstance(told.get("id"), str):
        raise broken(f"A row of {kind._meta.verbose_name_plural} cannot be read.")
    plain = {field.name: field for field in fields_of(kind) if not is_file(field)}
    values = {name: value for name, value in told.items() if name != "files"}
    if unknown := values.keys() - plain.keys():
        raise TransferError("unknown_field", f"{told['id'][:64]} has the unknown field {min(unknown)[:40]!r}.", UPGRADE)
    try:
        cleaned = {name: plain[name].clean(value, None) for name, value in values.items()}
    except ValidationError as error:
        message = "; ".join(error.messages)
        raise TransferError("row_invalid", f"{told['id'][:64]}: {message}", CORRECT) from error
    known = {field.name for field in fields_of(kind) if is_file(field)}
    for name, file in told["files"].items():
        if name not in known or not isinstance(file, dict) or files.get(file.get("name", "")) != file.get("bytes"):
            raise broken(f"The file {name[:40]!r} of {told['id'][:64]} is not in the bundle.")
        if not isinstance(file.get("sha256"), str):
            raise broken(f"The file {name[:40]!r} of {told['id'][:64]} has no hash.")
    return Row(kind, cleaned, told["files"])
