"""Talking videos: request, job, file."""

from typing import Any

from django.apps import AppConfig

from catalog.signals import consent_ended


class ExpressConfig(AppConfig):
    """The app."""

    name = "express"
    verbose_name = "Talking videos"

    def ready(self) -> None:
        """Hear of consents that end."""
        consent_ended.connect(_end_videos, dispatch_uid="express.end_videos")


def _end_videos(avatars: list[str], policy: str, rehearsal: bool, **kwargs: Any) -> dict[str, list[str]]:
    from express.services import end_videos  # the engine's libraries, which `manage.py` commands need not wait for

    return end_videos(avatars, policy, rehearsal=rehearsal)
