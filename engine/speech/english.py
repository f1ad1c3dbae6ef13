"""English text -> phonemes in Kokoro's alphabet, by the reader that hibari brings."""

import re
import threading
from functools import cached_property

from hibari.g2p import G2P

from engine.errors import TextUnspeakable
from engine.speech.alphabet import from_ipa
from engine.speech.markup import PRONOUNCED
from engine.speech.reading import as_said

NUMBER_SIGN = re.compile(r"\b(no)\.(?!\s?\d)")  # "She said no." would be read as "number"
LONG_NUMBER = re.compile(r"\d(?:,?\d){15,}")  # past quadrillions; read digit by digit
LONG_WORD = re.compile(r"([^\s\[\]()]{40})(?=[^\s\[\]()])")  # no word is longer; the time grows with its square


class EnglishReader:
    """Reads American and British English; each lexicon is loaded when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # of the lexicons' loading

    def read(self, sentence: str, british: bool) -> str:
        """Return the phonemes of a sentence. Raises TextUnspeakable."""
        sentence = PRONOUNCED.sub(lambda mark: f"[{mark[1]}](/{from_ipa(mark[2])}/)", as_said(sentence, "en"))
        sentence = LONG_NUMBER.sub(lambda number: " ".join(number[0].replace(",", "")), sentence)
        sentence = LONG_WORD.sub(r"\1 ", NUMBER_SIGN.sub(r"\1 .", sentence))
        with self._lock:
            reader = self._british if british else self._american
        try:
            return str(reader(sentence))
        except (ArithmeticError, LookupError, ValueError) as error:  # it trips over some heaps of signs
            raise TextUnspeakable(f"the voice cannot read {sentence[:60]!r}", text=sentence[:60]) from error

    @cached_property
    def _american(self) -> G2P:
        return G2P()

    @cached_property
    def _british(self) -> G2P:
        return G2P(british=True)
