"""The rows that a request names by their ids: avatars, voices and lip-sync models; and consents of the people shown."""

from catalog.models.avatars import Avatar, validate_crop, validate_face_box, validate_tags
from catalog.models.consents import Consent, Ending, Receipt
from catalog.models.entry import Entry, EntryQuerySet, Gender, file_name, private_name, slug_id
from catalog.models.lipsync import LipSyncModel
from catalog.models.voices import Voice, language_tag

__all__ = [
    "Avatar",
    "Consent",
    "Ending",
    "Entry",
    "EntryQuerySet",
    "Gender",
    "LipSyncModel",
    "Receipt",
    "Voice",
    "file_name",
    "language_tag",
    "private_name",
    "slug_id",
    "validate_crop",
    "validate_face_box",
    "validate_tags",
]
