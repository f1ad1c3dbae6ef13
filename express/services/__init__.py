"""What can be done with videos: rows, and messages to the workers on commit. No HTTP, no rendering."""

from express.services.control import cancel_video
from express.services.create import create_video, send, wait_until_final
from express.services.recovery import HEAD, requeue_lost
from express.services.removal import delete_video, remove_expired

__all__ = [
    "HEAD",
    "cancel_video",
    "create_video",
    "delete_video",
    "remove_expired",
    "requeue_lost",
    "send",
    "wait_until_final",
]
