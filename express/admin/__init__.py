"""The admin of express."""

from express.admin.keys import ApiKeyAdmin
from express.admin.videos import VideoAdmin

__all__ = ["ApiKeyAdmin", "VideoAdmin"]
