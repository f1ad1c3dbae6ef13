"""Voices, and what a voice engine has to offer.

A new engine is one module with a class of the VoiceEngine shape and one line in `_engines()`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import UnknownVoice
from engine.speech.types import Phone, Word


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """What a caller needs to choose a voice."""

    name: str  # stable id, e.g. "hibari-us"
    title: str
    language: str  # BCP 47
    gender: str  # "female", "male" or "neutral"
    engine: str
    sample_rate: int  # Hz, as the engine speaks


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of synthetic speech.

    samples: (n,) float32 mono at `sample_rate` Hz. phones: in order of time, in seconds from the first sample,
    where they are heard; pauses are the gaps between them. words: likewise, in the order of the text.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    phones: tuple[Phone, ...]
    words: tuple[Word, ...] = ()


class VoiceEngine(Protocol):
    """One synthesiser with one or more voices; safe to use from several threads."""

    def speak(self, text: str, voice: VoiceInfo, max_duration_s: float) -> Spoken:
        """Speak cleaned text. Raises TextUnspeakable, and TextTooLong when it takes longer than `max_duration_s`."""
        ...


VOICES: tuple[VoiceInfo, ...] = (
    VoiceInfo("hibari-us", "Heart (American)", "en-US", "female", "hibari", 24_000),
    VoiceInfo("hibari-gb", "Heart (British accent)", "en-GB", "female", "hibari", 24_000),
)


def find_voice(name: str) -> VoiceInfo:
    """Return the voice called `name`. Raises UnknownVoice."""
    for voice in VOICES:
        if voice.name == name:
            return voice
    raise UnknownVoice(f"no voice is called {name[:100]!r}", voice=name[:100], voices=[v.name for v in VOICES])


def engine_of(voice: VoiceInfo) -> VoiceEngine:
    """Return the engine that speaks with `voice`, loaded once a process."""
    return _engines(voice.engine)


@cache
def _engines(name: str) -> VoiceEngine:
    from engine.speech.hibari import open_hibari  # loads lexicons; a process that only renders audio never pays

    openers = {"hibari": open_hibari}
    return openers[name]()
