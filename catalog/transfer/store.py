"""Keeping a bundle: what is the same already stays untouched, so that reading it twice changes nothing."""

import hashlib
import logging
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog.models import Avatar, Entry, LipSyncModel, Voice
from catalog.transfer.errors import CORRECT, TransferError
from catalog.transfer.layout import file_of
from catalog.transfer.read import Bundle, Row

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Imported:
    """What was done, by ids; remarks: what could not be taken over as it was, one sentence each."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = f"{len(self.created)} new, {len(self.updated)} changed, {len(self.unchanged)} as they were."
        return " ".join([counts, *self.remarks])


def store(bundle: Bundle) -> Imported:
    """Take over every row: all of them, or, when one cannot be kept, none.

    Rows that are here and not in the bundle stay. Avatars' photos are looked at anew, and published only when they
    pass. Raises TransferError.
    """
    done = Imported()
    written: list[str] = []
    try:
        with transaction.atomic():
            changed = [row for row in bundle.rows if _keep(bundle, row, done, written)]
    except BaseException as error:
        for name in written:
            default_storage.delete(name)
        if isinstance(error, ValidationError):
            message = "; ".join(error.messages)
            raise TransferError("row_invalid", message, CORRECT) from error
        raise
    for row in changed:
        _settle(row, done)
    logger.info("catalog imported: %s", done)
    return done


def _keep(bundle: Bundle, told: Row, done: Imported, written: list[str]) -> bool:
    """Write one row with its files. False when it is here already."""
    row = told.kind._default_manager.filter(pk=told.pk).first()
    if row is not None and _same(row, told):
        done.unchanged.append(told.pk)
        return False
    (done.created if row is None else done.updated).append(told.pk)
    row = row or told.kind()
    for name, value in told.values.items():
        setattr(row, name, value)
    replaced = []
    for name, file in told.files.items():
        if _hash(file_of(row, name)) != file["sha256"]:
            replaced.append(getattr(row, name).name)
            setattr(row, name, _stored(bundle, row, name, file))
            written.append(getattr(row, name).name)
    _hold_back(row)
    row.full_clean(exclude=[one.name for one in row._meta.concrete_fields if not one.editable])
    row.save()
    for name in filter(None, replaced):
        transaction.on_commit(lambda name=name: default_storage.delete(name))  # type: ignore[misc]
    return True


def _stored(bundle: Bundle, row: Entry, field_name: str, file: dict[str, Any]) -> str:
    field = getattr(row, field_name).field
    name: str = field.generate_filename(row, f"file{PurePath(file['name']).suffix}")
    return default_storage.save(name, ContentFile(bundle.read(file)))


def _same(row: Entry, told: Row) -> bool:
    if any(getattr(row, name) != value for name, value in told.values.items()):
        return False
    return all(_hash(file_of(row, name)) == file["sha256"] for name, file in told.files.items())


def _hash(file: Any) -> str | None:
    if not file:
        return None
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""  # lost: another one takes its place


def _hold_back(row: Entry) -> None:
    """What may be true only once the row has settled."""
    if isinstance(row, Avatar):
        row.is_published = False
        row.state = Avatar.State.PENDING
    elif isinstance(row, LipSyncModel):
        row.state, row.reason = LipSyncModel.State.PENDING, ""
    elif isinstance(row, Voice):
        row.is_default = Voice.objects.filter(pk=row.pk, is_default=True).exists()


def _settle(told: Row, done: Imported) -> None:
    """Publish an avatar whose photo passes; try a model; let the default voice be the one that it was there."""
    if told.kind is Avatar:
        from catalog.analysis import analyse

        avatar = analyse(told.pk)
        if avatar is None or not told.values.get("is_published"):
            return
        if obstacle := avatar.obstacle():
            done.remarks.append(f"{avatar.name} is not published. {obstacle}")
            return
        Avatar.objects.filter(pk=avatar.pk).update(is_published=True)
    elif told.kind is LipSyncModel:
        from catalog.arrivals import try_model

        model = try_model(told.pk)
        if model is not None and model.state == LipSyncModel.State.REFUSED:
            done.remarks.append(f"{model.name} does not fit. {model.reason}")
    elif told.kind is Voice and told.values.get("is_default"):
        Voice.objects.get(pk=told.pk).make_default()
