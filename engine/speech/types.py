"""Speech: the sound, and what is known of its phonemes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ANALYSIS_RATE = 16_000  # Hz; what the speech encoder was trained on
VIDEO_RATE = 48_000  # Hz; what every video player and AAC like best


@dataclass(frozen=True, slots=True)
class SpeechLimits:
    """How much speech is accepted."""

    max_duration_s: float = 600.0
    max_text_chars: int = 5000  # about six minutes when spoken


@dataclass(frozen=True, slots=True)
class Phone:
    """One phoneme as the voice spoke it."""

    symbol: str  # IPA, without stress marks
    start_s: float
    end_s: float
    stress: int = 0  # 1: carries the word's main stress; 2: secondary; 0: none


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it is written, punctuation included, and when it is heard."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Speech:
    """Mono speech at the two rates that are used, and its phonemes when the voice knows them.

    analysis: (n,) float32 in -1..1 at ANALYSIS_RATE, what the mouth model listens to: `video`, resampled.
    video: (m,) float32 in -1..1 at VIDEO_RATE, what the viewer hears: -16 LUFS as one mono channel. Write
        it as a mono track; copied into both channels of a stereo track it would measure 3 LU louder.
    phones, words: in order of time, without overlap; empty when unknown (uploaded audio).
    """

    analysis: NDArray[np.float32]
    video: NDArray[np.float32]
    phones: tuple[Phone, ...] = ()
    words: tuple[Word, ...] = ()
    text: str = ""
    language: str = ""  # BCP 47; empty when unknown

    @property
    def duration_s(self) -> float:
        """Length of the sound in seconds."""
        return len(self.video) / VIDEO_RATE
