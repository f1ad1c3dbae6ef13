"""The rows that a request names by their ids: avatars and voices."""

from catalog.models.avatars import Avatar, validate_face_box, validate_tags
from catalog.models.entry import Entry, EntryQuerySet, Gender, file_name, slug_id
from catalog.models.voices import Voice, language_tag

__all__ = [
    "Avatar",
    "Entry",
    "EntryQuerySet",
    "Gender",
    "Voice",
    "file_name",
    "language_tag",
    "slug_id",
    "validate_face_box",
    "validate_tags",
]
