"""Speech as it travels to whoever renders a part: what the face listens to, and what is known of it."""

import io
import json
from dataclasses import asdict

import numpy as np

from engine.speech.types import Phone, Speech, Word

FULL_SCALE = 32767  # 16 bits: 96 dB below the loudest, where the quietest that anything listens to is 58 dB


def pack(speech: Speech) -> bytes:
    """Return all of the speech but the sound that viewers hear: 32 kB a second."""
    known = {
        "samples": len(speech.video),
        "phones": [asdict(phone) for phone in speech.phones],
        "words": [asdict(word) for word in speech.words],
        "text": speech.text,
        "language": speech.language,
    }
    file = io.BytesIO()
    np.savez(
        file,
        analysis=np.rint(np.clip(speech.analysis, -1, 1) * FULL_SCALE).astype("<i2"),
        known=np.frombuffer(json.dumps(known).encode(), np.uint8),
    )
    return file.getvalue()


def unpack(data: bytes) -> Speech:
    """Return the speech of `pack`; its `video` is as long as it was, and silent."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        known = json.loads(file["known"].tobytes())
        return Speech(
            analysis=file["analysis"].astype(np.float32) / FULL_SCALE,
            video=np.broadcast_to(np.float32(0), (known["samples"],)),
            phones=tuple(Phone(**phone) for phone in known["phones"]),
            words=tuple(Word(**word) for word in known["words"]),
            text=known["text"],
            language=known["language"],
        )
