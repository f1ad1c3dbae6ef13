"""Faults of a request that the engine cannot know of, and the shape in which every error is told.

InputError
├── ImageMissing       image_missing
├── UnknownAvatar      unknown_avatar
├── CallbackRefused    callback_url_refused
├── UnknownModel       unknown_model
├── ModelNotCommercial model_not_commercial
└── FieldUnsupported   invalid_option

EngineFault
└── ServiceUnavailable       answered by 503: something that we stand on is away, and the same request may succeed later
    ├── DatabaseUnavailable     database_unavailable
    ├── ModelBeingTried         model_unavailable
    └── StorageUnavailable      storage_unavailable
        └── StorageFull             storage_full
"""

from typing import Any

from engine.errors import EngineError, EngineFault, InputError, InvalidOption


class ImageMissing(InputError):
    """Neither a photo nor an avatar was sent."""

    code = "image_missing"
    hint = "Send a photo in the multipart field `image`, or name one of the catalog's avatars in `avatar_id`."


class UnknownAvatar(InputError):
    """No published avatar has this id."""

    code = "unknown_avatar"
    hint = "Choose one of the avatars that GET /api/avatars lists."


class CallbackRefused(InputError):
    """The webhook's URL is none that we may call."""

    code = "callback_url_refused"
    hint = "Give a whole URL of a host on the public internet, or have the operator add it to OUTBOUND_ALLOW."


class UnknownModel(InputError):
    """No published lip-sync model has this id."""

    code = "unknown_model"
    hint = "Choose one of the models that GET /api/models lists, or leave `model_id` out."


class ModelNotCommercial(InputError):
    """The model's licence forbids commercial use, and this service makes no other videos."""

    code = "model_not_commercial"
    hint = "Choose one of the models that GET /api/models lists, or leave `model_id` out."


class FieldUnsupported(InvalidOption):
    """The field is not one that this server takes."""

    hint = "Leave the field out: this server does not offer it. `details.fields` lists what it takes."


class ServiceUnavailable(EngineFault):
    """Something that we stand on is away."""

    code = "unavailable"
    hint = "Send the same request again in a few seconds."
    retryable = True
    retry_after_s = 5  # a server that restarts is back by then


class DatabaseUnavailable(ServiceUnavailable):
    """The database does not answer."""

    code = "database_unavailable"


class ModelBeingTried(ServiceUnavailable):
    """Somebody has the video's lip-sync model tried again; soon it is known whether it still fits."""

    code = "model_unavailable"


class StorageUnavailable(ServiceUnavailable):
    """The files cannot be read or written."""

    code = "storage_unavailable"
    hint = "Send the same request again later; whoever runs this service should look at its disk or bucket."


class StorageFull(StorageUnavailable):
    """There is no room for another video; found before it is too late for those that are being made."""

    code = "storage_full"
    hint = "Send the same request again later; whoever runs this service has to make room, see MIN_FREE_DISK_MB."
    retry_after_s = 60


def problem(
    code: str, message: str, *, hint: str = "", details: dict[str, Any] | None = None, retryable: bool = False
) -> dict[str, Any]:
    """Return the value of "error" in an answer, and of `error` in a video's JSON."""
    return {"code": code, "message": message, "hint": hint, "details": details or {}, "retryable": retryable}


def engine_problem(error: EngineError) -> dict[str, Any]:
    """Return what an engine error says of itself."""
    return problem(error.code, error.message, hint=error.hint, details=error.details, retryable=error.retryable)
