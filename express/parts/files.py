"""What workers hand to each other through the storage: no two of them need to share a disk.

Names follow from the rows, so that whatever was stored can be removed without a list of it.
"""

import contextlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from express.files import opened, told_as_unavailable
from express.models import Part

FOLDER = "parts"


def part_name(part: Part) -> str:
    """Storage name of what the part's worker made."""
    return f"{FOLDER}/{part.video_id.hex}-{part.video_attempt}-{part.number}-{part.attempt}"


def poster_name(part: Part) -> str:
    """Storage name of the picture that comes with the first part."""
    return f"{part_name(part)}.jpg"


def put(name: str, content: bytes | BinaryIO) -> str:
    """Store a file under this very name, and return it. Raises StorageUnavailable."""
    with told_as_unavailable():
        default_storage.delete(name)  # else what a try left that was cut off would give ours another name
        return default_storage.save(name, ContentFile(content) if isinstance(content, bytes) else File(content))


def each_opened(parts: list[Part]) -> Iterator[BinaryIO]:
    """Yield the files of parts, each open until the next is asked for."""
    for part in parts:
        with opened(part.file) as file:
            yield cast(BinaryIO, file)


def discard(part: Part) -> None:
    """Delete what the part's current attempt may have stored. What cannot be reached now is left to the sweep."""
    with contextlib.suppress(OSError):
        for name in (part_name(part), poster_name(part)):
            default_storage.delete(name)


def discard_all(part: Part) -> None:
    """Delete what any attempt of the part may have stored."""
    for attempt in range(part.attempt, -1, -1):
        part.attempt = attempt
        discard(part)
