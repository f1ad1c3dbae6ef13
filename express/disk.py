"""Room on the disks that videos need: where they are stored, if that is here, and where they are made."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage

from express.errors import StorageFull

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Room:
    """A file system: what it is for ("storage", "temporary files"), free_mb of total_mb."""

    use: str
    path: str
    free_mb: int
    total_mb: int

    @property
    def used_mb(self) -> int:
        """What is taken."""
        return self.total_mb - self.free_mb

    @property
    def free_gb(self) -> float:
        """What is free, to be read."""
        return round(self.free_mb / 1024, 1)

    @property
    def high_mb(self) -> int:
        """How much may be taken before videos are refused."""
        return int(max(0, self.total_mb - settings.MIN_FREE_DISK_MB))

    @property
    def low_mb(self) -> int:
        """From where on it looks like a matter for tomorrow."""
        return int(0.85 * self.high_mb)

    @property
    def is_short(self) -> bool:
        """Whether less is free than MIN_FREE_DISK_MB."""
        return bool(self.free_mb < settings.MIN_FREE_DISK_MB)


def rooms() -> list[Room]:
    """Return the file systems that matter on this machine. A bucket has no end that we could see."""
    places = {"temporary files": tempfile.gettempdir()}
    if isinstance(default_storage, FileSystemStorage):
        places = {"storage": default_storage.path("")} | places
    return [_room(use, Path(place)) for use, place in places.items()]


def shortage() -> str:
    """Return in words which disk is too full for another video; nothing when there is room."""
    short = [room for room in rooms() if room.is_short]
    return "; ".join(
        f"{room.free_mb} MB are free for {room.use}, {settings.MIN_FREE_DISK_MB} MB have to be" for room in short
    )


def require_room() -> None:
    """Raise StorageFull when there is no room for another video."""
    if short := shortage():
        raise StorageFull(short)


def _room(use: str, place: Path) -> Room:
    while not place.exists():  # a fresh MEDIA_ROOT
        place = place.parent
    usage = shutil.disk_usage(place)
    return Room(use, str(place), usage.free // MIB, usage.total // MIB)
