"""Sentences and pauses, joined to one stretch of speech."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import TextTooLong
from engine.speech.resample import resample
from engine.speech.types import Phone, Word
from engine.speech.voices import Spoken


class Tape:
    """Grows by sentences and pauses at one sample rate, up to a length."""

    def __init__(self, rate: int, max_duration_s: float) -> None:
        self._rate, self._max_duration_s = rate, max_duration_s
        self._pieces: list[NDArray[np.float32]] = []
        self._phones: list[Phone] = []
        self._words: list[Word] = []
        self._samples = 0

    def add(self, spoken: Spoken, words: Sequence[Word] = ()) -> None:
        """Append a sentence and its words. Raises TextTooLong."""
        start_s = self._samples / self._rate
        self._append(resample(spoken.samples, spoken.sample_rate, self._rate))
        self._phones += [replace(p, start_s=p.start_s + start_s, end_s=p.end_s + start_s) for p in spoken.phones]
        self._words += [replace(w, start_s=w.start_s + start_s, end_s=w.end_s + start_s) for w in words]

    def pause(self, seconds: float) -> None:
        """Append silence. Raises TextTooLong."""
        self._append(np.zeros(round(seconds * self._rate), np.float32))

    def play(self) -> Spoken:
        """Return all of it."""
        samples = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.float32)
        return Spoken(samples, self._rate, tuple(self._phones), tuple(self._words))

    def _append(self, samples: NDArray[np.float32]) -> None:
        self._pieces.append(samples)
        self._samples += len(samples)
        if self._samples > self._max_duration_s * self._rate:
            limit_s = self._max_duration_s
            raise TextTooLong(f"the text takes more than {limit_s:g} s to speak", max_duration_s=limit_s)
