"""What two requests have in common that would give the same video."""

import hashlib
import json
from dataclasses import asdict

from catalog.models import Avatar, LipSyncModel, Voice
from engine import Options
from engine.digest import engine_digest


def fingerprint(
    *,
    photo: bytes | None,
    avatar: Avatar | None,
    audio: bytes | None,
    text: str,
    voice: Voice | None,
    model: LipSyncModel | None,
    options: Options,
) -> str:
    """Return the SHA-256 of photo, speech and options, and of what would make the video of them."""
    spoken_by = [voice.pk, voice.engine, voice.engine_voice] if voice else None
    told = [
        engine_digest(),
        _sha256(photo) if photo is not None else avatar and avatar.image.name,  # renamed when its file changes
        _sha256(audio) if audio is not None else [text, spoken_by],
        [model.pk, model.sha256] if model else None,
        asdict(options),
    ]
    return _sha256(json.dumps(told, sort_keys=True, default=str).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
