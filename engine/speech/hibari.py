"""The hibari voice engine (https://pypi.org/project/hibari-tts/), with the times of its phonemes.

Its network decides how long each symbol of the phoneme string lasts before it draws the spectrum. That decision
is not among the outputs of the published graph, so we add it, and know every phone's time exactly.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, partial
from importlib import resources
from itertools import groupby
from operator import itemgetter

import numpy as np
import onnxruntime as ort
from hibari import Hibari, dsp
from hibari.g2p import G2P
from numpy.typing import NDArray

from engine import weights
from engine.errors import TextTooLong, TextUnspeakable
from engine.sessions import CPU, open_session
from engine.speech.types import Phone, Word
from engine.speech.voices import Spoken, VoiceInfo
from engine.speech.words import words_among
from engine.stopping import checkpoint

DURATIONS = "/Clip_output_0"  # float (symbols,), in ticks
TICK_S = 0.025
LABEL_LAG_S = 0.050  # durations run this much behind the sound: there vowels are loudest, stops 19 dB below them
MAX_SYMBOLS = 400  # longer strings than the network was trained on are cut at a pause or between words
PARAGRAPH_PAUSE_S = 0.35  # on top of the half second that a sentence's own edges hold
NOISE_SEED = 0  # the network's noise is drawn from here, so the same text sounds the same twice

STRESS = {"ˈ": 1, "ˌ": 2}
NUMBER_SIGN = re.compile(r"\b(no)\.(?!\s?\d)")  # "She said no." would be read as "number"
LONG_NUMBER = re.compile(r"\d(?:,?\d){15,}")  # past quadrillions; read digit by digit
LONG_WORD = re.compile(r"(\S{40})(?=\S)")  # no word is longer, and the reader's time grows with the square of it
CLAUSE_ENDS = (",", ";", ":", "—", "…")
PAUSES = frozenset(';:,.!?—…"()“”')
IPA = {
    "A": "eɪ",
    "I": "aɪ",
    "O": "oʊ",
    "Q": "əʊ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "T": "ɾ",
    "ʤ": "dʒ",
    "ʧ": "tʃ",
    "ᵊ": "ə",
    "ᵻ": "ɪ",
}
# The bundled network knows American symbols only: fed with British ones it says "bet" for "boat". Its own symbols
# that come nearest keep what makes the accent: no R after vowels, "dance" with the vowel of "father".
BRITISH = {"ɜː": "ɜɹ", "Q": "O", "ɒ": "ɑ", "ː": "", "a": "æ"}


def open_hibari() -> "HibariEngine":
    """Load the network. Raises WeightsMissing."""
    model = weights.path("hibari").read_bytes() + extra_output(DURATIONS)
    vocabulary = json.loads(resources.files("hibari").joinpath("assets/vocab.json").read_text("utf-8"))
    # The graph is small and its shapes change with every sentence: a GPU would only add copies.
    return HibariEngine(open_session(model, provider=CPU), vocabulary)


def extra_output(name: str) -> bytes:
    """Return bytes that, appended to a serialised ONNX model, make the value `name` one more output.

    Protocol Buffers merge concatenated messages: this is ModelProto(graph=GraphProto(output=[ValueInfoProto(name)])).
    """

    def message(field: int, content: bytes) -> bytes:
        return bytes([field << 3 | 2, len(content)]) + content

    return message(7, message(12, message(1, name.encode())))


class HibariEngine:
    """Speaks English; the network is shared by all its voices, the accent is in the phonemes."""

    def __init__(self, session: ort.InferenceSession, vocabulary: dict[str, int]) -> None:
        self._session = session
        self._vocabulary = vocabulary

    def speak(self, text: str, voice: VoiceInfo, max_duration_s: float) -> Spoken:
        """Speak sentence by sentence. Raises TextUnspeakable, TextTooLong."""
        pieces: list[NDArray[np.float32]] = []
        phones: list[Phone] = []
        sentences: list[tuple[str, int]] = []  # and how many phones there are when they end
        length = 0
        for sentence, piece, heard in self._pieces(text, voice):
            start_s = length / dsp.SR
            pieces.append(piece)
            phones += [replace(p, start_s=p.start_s + start_s, end_s=p.end_s + start_s) for p in heard]
            sentences.append((sentence, len(phones)))
            length += len(piece)
            if length > max_duration_s * dsp.SR:
                raise TextTooLong(
                    f"the text takes more than {max_duration_s:g} s to speak", max_duration_s=max_duration_s
                )
        if not phones:
            raise TextUnspeakable("nothing in the text can be spoken", language=voice.language)
        return Spoken(np.concatenate(pieces), dsp.SR, tuple(phones), tuple(self._words(sentences, phones, voice)))

    def _pieces(self, text: str, voice: VoiceInfo) -> Iterator[tuple[str, NDArray[np.float32], list[Phone]]]:
        noise = np.random.default_rng(NOISE_SEED)
        for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
            if number:
                yield "", np.zeros(round(PARAGRAPH_PAUSE_S * dsp.SR), np.float32), []
            for sentence in Hibari.split_sentences(paragraph):
                checkpoint()
                for symbols in self._symbols(sentence, british=voice.language == "en-GB"):
                    yield sentence, *self._sound(symbols, noise)

    def _symbols(self, sentence: str, british: bool) -> list[str]:
        """Return phoneme strings in the network's alphabet; none when the sentence holds nothing to say."""
        symbols = _read(self._british if british else self._american, sentence)
        for theirs, ours in BRITISH.items() if british else ():
            symbols = symbols.replace(theirs, ours)
        symbols = "".join(symbol for symbol in symbols if symbol in self._vocabulary)
        return [part for part in _cut(symbols) if any(symbol.isalpha() for symbol in part)]

    def _words(self, sentences: list[tuple[str, int]], phones: list[Phone], voice: VoiceInfo) -> Iterator[Word]:
        first = 0
        for sentence, parts in groupby(sentences, key=itemgetter(0)):
            last = [end for _, end in parts][-1]
            if last > first:
                yield from words_among(sentence, phones[first:last], partial(self._phones_in, voice=voice))
            first = last

    def _phones_in(self, word: str, voice: VoiceInfo) -> int:
        """How many phones a word has when it is read alone."""
        checkpoint()
        try:
            symbols = self._symbols(word, british=voice.language == "en-GB")
        except TextUnspeakable:
            return 0
        return sum(len(phones_of(part, np.zeros(len(part) + 2, np.float32))) for part in symbols)

    @cached_property
    def _american(self) -> G2P:
        return G2P()

    @cached_property
    def _british(self) -> G2P:
        return G2P(british=True)

    def _sound(self, symbols: str, noise: np.random.Generator) -> tuple[NDArray[np.float32], list[Phone]]:
        ids = [0, *(self._vocabulary[symbol] for symbol in symbols), 0]
        inputs = {"ids": np.array([ids], np.int64), "speed": np.ones(1, np.float32)}
        outputs = self._session.run(["lh", "theta", "ln", "lr", "phi", "f0", DURATIONS], inputs)
        *spectrum, ticks = outputs
        samples = dsp.synth(*(part[0] for part in spectrum), noise)
        return samples, phones_of(symbols, np.asarray(ticks).ravel())


def _read(reader: G2P, sentence: str) -> str:
    """Return the phoneme string of a sentence. Raises TextUnspeakable."""
    sentence = LONG_NUMBER.sub(lambda number: " ".join(number[0].replace(",", "")), sentence)
    sentence = LONG_WORD.sub(r"\1 ", NUMBER_SIGN.sub(r"\1 .", sentence))
    try:
        return str(reader(sentence))
    except (ArithmeticError, LookupError, ValueError) as error:  # its reader trips over some heaps of signs
        raise TextUnspeakable(f"the voice cannot read {sentence[:60]!r}", text=sentence[:60]) from error


def _cut(symbols: str) -> Iterator[str]:
    """Cut a string of more than MAX_SYMBOLS after its last pause, else after its last word, else anywhere."""
    while len(symbols) > MAX_SYMBOLS:
        head = symbols[:MAX_SYMBOLS]
        end = max(head.rfind(mark) for mark in CLAUSE_ENDS) + 1 or head.rfind(" ") + 1 or MAX_SYMBOLS
        yield symbols[:end].strip()
        symbols = symbols[end:].lstrip()
    yield symbols


def phones_of(symbols: str, ticks: NDArray[np.float32]) -> list[Phone]:
    """Return the phones of a phoneme string; `ticks` (len(symbols) + 2,) holds their durations and the edges'.

    Length marks belong to the vowel before, stress marks to the vowel after, a space between words to the phone
    after it, whose closure or onset it holds. Punctuation is a pause.
    """
    edges_s = np.maximum(0.0, np.cumsum(ticks) * TICK_S - LABEL_LAG_S)
    phones: list[Phone] = []
    start_s, stress, paused = float(edges_s[0]), 0, True
    for symbol, begin_s, end_s in zip(symbols, edges_s[:-2], edges_s[1:-1], strict=True):
        if symbol in PAUSES:
            start_s, paused = float(end_s), True
        elif symbol == " ":
            start_s = float(end_s if paused else begin_s)
        elif symbol in STRESS:
            start_s, stress = min(start_s, float(begin_s)), STRESS[symbol]
        elif symbol.isalpha() and symbol not in "ːʰʲ":
            phones.append(Phone(IPA.get(symbol, symbol), start_s, float(end_s), stress))
            start_s, stress, paused = float(end_s), 0, False
        elif phones:
            phones[-1] = replace(phones[-1], end_s=float(end_s))
            start_s = float(end_s)
    return phones
