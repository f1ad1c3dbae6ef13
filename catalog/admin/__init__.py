"""The catalog in the admin: look, listen, publish."""

from catalog.admin.avatars import AvatarAdmin
from catalog.admin.consents import ConsentAdmin, ReceiptAdmin
from catalog.admin.entry import EntryAdmin
from catalog.admin.lipsync import LipSyncModelAdmin
from catalog.admin.voices import VoiceAdmin

__all__ = ["AvatarAdmin", "ConsentAdmin", "EntryAdmin", "LipSyncModelAdmin", "ReceiptAdmin", "VoiceAdmin"]
