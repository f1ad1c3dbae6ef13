"""What can be done with videos: rows, and messages to the workers on commit. No HTTP, no rendering."""

from express.services.consents import end_videos
from express.services.control import cancel_video, retry_video
from express.services.create import create_video, send, wait_until_final
from express.services.idempotency import (
    KeyLost,
    answered,
    fingerprint,
    give_key_back,
    is_open,
    remove_old_keys,
    reserve_key,
)
from express.services.limits import LimitReached, require_room
from express.services.parts import recover_parts
from express.services.recovery import HEAD, requeue_lost
from express.services.removal import delete_video, remove_expired
from express.services.silence import HEARTBEATS, PART_HEARTBEATS, Watch

__all__ = [
    "HEAD",
    "HEARTBEATS",
    "PART_HEARTBEATS",
    "KeyLost",
    "LimitReached",
    "Watch",
    "answered",
    "cancel_video",
    "create_video",
    "delete_video",
    "end_videos",
    "fingerprint",
    "give_key_back",
    "is_open",
    "recover_parts",
    "remove_expired",
    "remove_old_keys",
    "requeue_lost",
    "require_room",
    "reserve_key",
    "retry_video",
    "send",
    "wait_until_final",
]
