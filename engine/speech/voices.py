"""Voices, and what a voice engine has to offer.

A new engine is one module with a class of the VoiceEngine shape and an `offer()`, and one line in library.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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
    licence: str  # under which the voice may be used
    takes_ipa: bool = True  # whether `[word](/ipa/)` tells it how to say a word

    @property
    def base_language(self) -> str:
        """The language without script and region: "en" of "en-GB"."""
        return self.language.split("-")[0]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of synthetic speech.

    samples: (n,) float32 mono at `sample_rate` Hz. phones: in order of time, in seconds from the first sample,
    where they are heard; pauses are the gaps between them; none where the engine does not know. words: likewise,
    in the order of the text, as they are written.
    """

    samples: NDArray[np.float32]
    sample_rate: int
    phones: tuple[Phone, ...] = ()
    words: tuple[Word, ...] = ()


class VoiceEngine(Protocol):
    """One synthesiser with one or more voices; safe to use from several threads."""

    def say(self, sentence: str, voice: VoiceInfo, speed: float) -> Spoken:
        """Speak one sentence of cleaned text; empty where it holds nothing to say.

        sentence: numbers, dates and the like are still as people write them; `[word](/ipa/)` says how a word
        sounds, if the voice takes that. speed: 0.5..2, the pitch stays. Raises TextUnspeakable.
        """
        ...

    def weigh(self, word: str, voice: VoiceInfo) -> int:
        """How long a word of the sentence is beside the others: in phones where they are known, else in letters."""
        ...


@dataclass(frozen=True, slots=True)
class VoiceSources:
    """Where the optional voices are looked for."""

    piper_folder: Path | None = None  # of .onnx files with their .onnx.json
    espeak_program: str = "espeak-ng"  # a name that is looked up in PATH, or a path


@dataclass(frozen=True, slots=True)
class Offer:
    """What one engine can do on this machine."""

    engine: str
    voices: tuple[VoiceInfo, ...]  # none where something is missing
    open: Callable[[], VoiceEngine]  # loads it; raises WeightsMissing
    how_to_get: str = ""  # what to do for (more) voices of this engine
