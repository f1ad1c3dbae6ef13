"""Faults of a request that the engine cannot know of. They answer like the engine's own errors.

InputError
├── ImageMissing       image_missing
├── UnknownAvatar      unknown_avatar
└── FieldUnsupported   invalid_option
"""

from engine.errors import InputError, InvalidOption


class ImageMissing(InputError):
    """Neither a photo nor an avatar was sent."""

    code = "image_missing"
    hint = "Send a photo in the multipart field `image`, or name one of the catalog's avatars in `avatar_id`."


class UnknownAvatar(InputError):
    """No published avatar has this id."""

    code = "unknown_avatar"
    hint = "Choose one of the avatars that GET /api/avatars lists."


class FieldUnsupported(InvalidOption):
    """The field is not one that this server takes."""

    hint = "Leave the field out: this server does not offer it. `details.fields` lists what it takes."
