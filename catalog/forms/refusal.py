"""The engine's errors as a form shows them."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

if TYPE_CHECKING:  # the engine's libraries, which `manage.py` commands need not wait for
    from engine.errors import EngineError


def refusal(error: "EngineError") -> ValidationError:
    """What went wrong and what to do about it, in one message."""
    message = error.message[:1].upper() + error.message[1:]
    return ValidationError(f"{message}. {error.hint}", code=error.code)
