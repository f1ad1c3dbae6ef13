"""The hibari voice engine (https://pypi.org/project/hibari-tts/), with the times of its phonemes.

Its network decides how long each symbol of the phoneme string lasts before it draws the spectrum. That decision
is not among the outputs of the published graph, so we add it, and know every phone's time exactly.
"""

import math

import numpy as np
import onnxruntime as ort
from hibari import dsp

from engine import weights
from engine.errors import TextUnspeakable
from engine.sessions import CPU, open_session
from engine.speech.alphabet import cut, phones_of, vocabulary
from engine.speech.english import EnglishReader
from engine.speech.tape import Tape
from engine.speech.voices import Offer, Spoken, VoiceInfo, VoiceSources

DURATIONS = "/Clip_output_0"  # float (symbols,), in ticks
MAX_SYMBOLS = 400  # longer strings than the network was trained on are cut at a pause or between words
NOISE_SEED = 0  # the network's noise is drawn from here, so the same text sounds the same twice

# The bundled network knows American symbols only: fed with British ones it says "bet" for "boat". Its own symbols
# that come nearest keep what makes the accent: no R after vowels, "dance" with the vowel of "father".
BRITISH = {"ɜː": "ɜɹ", "Q": "O", "ɒ": "ɑ", "ː": "", "a": "æ"}

VOICES = (
    VoiceInfo("hibari-us", "Heart (American)", "en-US", "female", "hibari", dsp.SR, "Apache-2.0"),
    VoiceInfo("hibari-gb", "Heart (British accent)", "en-GB", "female", "hibari", dsp.SR, "Apache-2.0"),
)


def offer(sources: VoiceSources) -> Offer:
    """It comes with the project."""
    return Offer("hibari", VOICES, open_hibari)


def open_hibari() -> "HibariEngine":
    """Load the network. Raises WeightsMissing."""
    model = weights.path("hibari").read_bytes() + extra_output(DURATIONS)
    # The graph is small and its shapes change with every sentence: a GPU would only add copies.
    return HibariEngine(open_session(model, provider=CPU), EnglishReader())


def extra_output(name: str) -> bytes:
    """Return bytes that, appended to a serialised ONNX model, make the value `name` one more output.

    Protocol Buffers merge concatenated messages: this is ModelProto(graph=GraphProto(output=[ValueInfoProto(name)])).
    """

    def message(field: int, content: bytes) -> bytes:
        return bytes([field << 3 | 2, len(content)]) + content

    return message(7, message(12, message(1, name.encode())))


class HibariEngine:
    """Speaks English; the network is shared by all its voices, the accent is in the phonemes."""

    def __init__(self, session: ort.InferenceSession, reader: EnglishReader) -> None:
        self._session = session
        self._reader = reader

    def say(self, sentence: str, voice: VoiceInfo, speed: float) -> Spoken:
        """Speak one sentence, in parts where it is long. Raises TextUnspeakable."""
        noise = np.random.default_rng(NOISE_SEED)
        tape = Tape(dsp.SR, math.inf)
        for symbols in self._symbols(sentence, british=voice.language == "en-GB"):
            tape.add(self._sound(symbols, speed, noise))
        return tape.play()

    def weigh(self, word: str, voice: VoiceInfo) -> int:
        """How many phones a word has when it is read alone."""
        try:
            symbols = self._symbols(word, british=voice.language == "en-GB")
        except TextUnspeakable:
            return 0
        return sum(len(phones_of(part, np.zeros(len(part) + 2, np.float32))) for part in symbols)

    def _symbols(self, sentence: str, british: bool) -> list[str]:
        """Return phoneme strings in the network's alphabet; none when the sentence holds nothing to say."""
        symbols = self._reader.read(sentence, british)
        for theirs, ours in BRITISH.items() if british else ():
            symbols = symbols.replace(theirs, ours)
        symbols = "".join(symbol for symbol in symbols if symbol in vocabulary())
        return [part for part in cut(symbols, MAX_SYMBOLS) if any(symbol.isalpha() for symbol in part)]

    def _sound(self, symbols: str, speed: float, noise: np.random.Generator) -> Spoken:
        ids = [0, *(vocabulary()[symbol] for symbol in symbols), 0]
        inputs = {"ids": np.array([ids], np.int64), "speed": np.array([speed], np.float32)}
        outputs = self._session.run(["lh", "theta", "ln", "lr", "phi", "f0", DURATIONS], inputs)
        *spectrum, ticks = outputs
        samples = dsp.synth(*(part[0] for part in spectrum), noise)
        return Spoken(samples, dsp.SR, tuple(phones_of(symbols, np.asarray(ticks).ravel())))
