"""The project as an app: it carries the system checks."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


class TalkingPhotosConfig(AppConfig):
    """Registers the project's own checks."""

    name = "talkingphotos"

    def ready(self) -> None:
        register(check_secret_key, deploy=True)


def check_secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when SECRET_KEY was made up at start."""
    if not settings.SECRET_KEY_IS_TEMPORARY:
        return []
    return [
        Warning(
            "SECRET_KEY is not set, so each process makes its own and log-ins end with it.",
            hint="Put SECRET_KEY=... into .env; scripts/run does so.",
            id="talkingphotos.W001",
        )
    ]
