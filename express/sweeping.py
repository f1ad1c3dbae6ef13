"""Files without rows, and rows without files: what crashes, restored backups and hands in the storage leave behind."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.apps import apps
from django.core.files.storage import Storage, default_storage
from django.db.models import FileField
from django.utils import timezone

from express.models import Chore, Video

logger = logging.getLogger(__name__)

FOLDERS = ("photos", "speech", "videos", "posters", "parts")  # ours alone; the catalog keeps its own
YOUNG = timedelta(hours=1)  # a file is stored before its row: what is younger may still get one
BATCH = 400
# A deletion of most of what there is: another database, or a restored one, is likelier than so many orphans.
SUSPICIOUS_FROM, SUSPICIOUS_SHARE = 50, 0.5


@dataclass(slots=True)
class Swept:
    """What a sweep found: names in storage, ids of videos."""

    files: int = 0
    orphans: list[str] = field(default_factory=list)
    deleted: int = 0
    missing: list[str] = field(default_factory=list)
    refused: str = ""  # why nothing was deleted


def sweep(*, delete: bool, force: bool = False) -> Swept:
    """Find files that no row names and are older than an hour, and mark the videos whose files are not there.

    delete: remove those files; refused where they are most of what there is, unless forced. Safe to run at any time.
    """
    swept, present = Swept(), set()
    for names in _batches(_files(default_storage)):
        present.update(names)
        named = _named(names)
        swept.orphans += [name for name in names if name not in named and _is_old(name)]
    swept.files = len(present)
    swept.missing = _mark_missing(present)
    if delete:
        _delete(swept, force)
    Chore.objects.update_or_create(
        pk="sweep",
        defaults={"told": asdict(swept) | {"orphans": len(swept.orphans), "missing": len(swept.missing)}},
        create_defaults={"told": {}, "begun_at": timezone.now()},
    )
    logger.info(
        "sweep: %d files, %d without a row, %d deleted, %d videos without files %s",
        *(swept.files, len(swept.orphans), swept.deleted, len(swept.missing), swept.refused),
    )
    return swept


def _delete(swept: Swept, force: bool) -> None:
    count = len(swept.orphans)
    if not force and count >= SUSPICIOUS_FROM and count > SUSPICIOUS_SHARE * swept.files:
        swept.refused = (
            f"{count} of {swept.files} files have no row: is this the right database for this storage? "
            "`manage.py sweep --delete --force` deletes them all the same."
        )
        logger.error("sweep: %s", swept.refused)
        return
    for name in swept.orphans:
        if _named([name]):  # it has got a row since
            continue
        try:
            default_storage.delete(name)
        except OSError as error:
            logger.error("sweep: %s cannot be deleted: %s", name, error)
        else:
            swept.deleted += 1


def _mark_missing(present: set[str]) -> list[str]:
    """Mark the videos whose result or poster is gone, take the mark from those that have theirs again."""
    missing = []
    kept = Video.objects.filter(removed_at=None).exclude(result="").only("result", "poster", "files_missing")
    for video in kept.iterator(chunk_size=BATCH):
        names = [str(file.name) for file in (video.result, video.poster) if file]
        is_missing = any(name not in present and not default_storage.exists(name) for name in names)
        if is_missing:
            missing.append(str(video.pk))
        if is_missing != video.files_missing:
            Video.objects.filter(pk=video.pk, removed_at=None).update(files_missing=is_missing)
    return missing


def _files(storage: Storage) -> Iterator[str]:
    """Every name in our folders."""
    folders = list(FOLDERS)
    while folders:
        folder = folders.pop()
        try:
            inner, names = storage.listdir(folder)
        except FileNotFoundError:
            continue
        folders += [f"{folder}/{name}" for name in inner if name]
        yield from (f"{folder}/{name}" for name in names if name)


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _named(names: list[str]) -> set[str]:
    """Those of the names that a row of express holds, in whichever of its file fields."""
    named: set[str] = set()
    for model in apps.get_app_config("express").get_models():
        for column in model._meta.get_fields():
            if isinstance(column, FileField):
                rows = model._default_manager.filter(**{f"{column.name}__in": names})
                named.update(rows.values_list(column.name, flat=True))
    return named


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - YOUNG
    except OSError:  # gone since it was listed
        return False
