"""SVOX Pico (https://pypi.org/project/py-nanotts/, Apache-2.0): small voices in six languages, 80 times real time.

It does not tell when its phonemes sound, so that the mouth follows the sound.
"""

import html
import threading

import numpy as np
from numpy.typing import NDArray
from py_nanotts import NanoTTS

from engine.speech.reading import as_said
from engine.speech.voices import Offer, Spoken, VoiceEngine, VoiceInfo, VoiceSources

RATE = 16_000
VOLUME = 0.65  # at 1 the loudest vowels are clipped
SILENT = 0.003  # of full scale: 50 dB below it
LEAD_S, TAIL_S = 0.05, 0.4  # of silence around a sentence; Pico itself leaves 0.04 s and anything up to a second


def _voice(tag: str, title: str) -> VoiceInfo:
    return VoiceInfo(f"pico-{tag.lower()}", title, tag, "female", "pico", RATE, "Apache-2.0", takes_ipa=False)


VOICES = (
    _voice("de-DE", "Pico (Deutsch)"),
    _voice("es-ES", "Pico (español)"),
    _voice("fr-FR", "Pico (français)"),
    _voice("it-IT", "Pico (italiano)"),
    _voice("en-GB", "Pico (British)"),
    _voice("en-US", "Pico (American)"),
)


def offer(sources: VoiceSources) -> Offer:
    """It comes with the project."""
    return Offer("pico", VOICES, open_pico)


def open_pico() -> VoiceEngine:
    """Start the synthesiser."""
    return PicoEngine(NanoTTS())


class PicoEngine:
    """Speaks six languages; one sentence at a time, for the library keeps its state in global variables."""

    def __init__(self, synthesiser: NanoTTS) -> None:
        self._synthesiser = synthesiser
        self._lock = threading.Lock()

    def say(self, sentence: str, voice: VoiceInfo, speed: float) -> Spoken:
        """Speak one sentence. Its noise is another one each time, which nobody hears."""
        said = as_said(sentence, voice.language)
        if not any(sign.isalnum() for sign in said):
            return Spoken(np.zeros(0, np.float32), RATE)
        with self._lock:
            # Signs of its own markup would be read as such.
            sound = self._synthesiser.speak(
                html.escape(said, quote=False), voice=voice.language, speed=speed, volume=VOLUME
            )
        return Spoken(_trimmed(np.frombuffer(sound, np.int16).astype(np.float32) / np.float32(32768), speed), RATE)

    def weigh(self, word: str, voice: VoiceInfo) -> int:
        """How many letters are said."""
        return sum(sign.isalpha() for sign in as_said(word, voice.language))


def _trimmed(samples: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    """Return (n,) samples with LEAD_S of silence before and TAIL_S after what is heard; nothing if nothing is."""
    heard = np.flatnonzero(np.abs(samples) > SILENT)
    if not len(heard):
        return samples[:0]
    lead, tail = (np.zeros(round(seconds / speed * RATE), np.float32) for seconds in (LEAD_S, TAIL_S))
    return np.concatenate([lead, samples[heard[0] : heard[-1] + 1], tail])
