"""When the words of a sentence are heard, from when its phones are, or failing that its sound."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.speech.markup import PRONOUNCED
from engine.speech.types import Phone, Word

SLOT_S = 0.01
AUDIBLE = 0.03  # of the loudest slot, as amplitude: 30 dB below it; the pauses of synthetic voices are silent
WHOLE = re.compile(rf"[^\s\w]*{PRONOUNCED.pattern}[^\s\w]*")  # with the punctuation around it
UNSPACED = 4  # characters of a "word" in writing without spaces: what is read in one glance


def words_among(sentence: str, phones: Sequence[Phone], weigh: Callable[[str], int]) -> list[Word]:
    """Share the phones of a sentence out among its words, in order.

    weigh: how many phones a word has when it is read alone. In a sentence some read otherwise ("Dr.", "1999"),
    so that only says each word's share of all phones. What has none, such as a dash, joins the word before.
    """
    marked = _written(sentence)
    counts = np.array([weigh(word) for word in marked], float)
    if not phones or counts.sum() == 0:
        return []
    ends = np.rint(np.cumsum(counts) * len(phones) / counts.sum()).astype(int)
    words: list[Word] = []
    first = 0
    for word, end in zip(marked, ends, strict=True):
        text = PRONOUNCED.sub(r"\1", word)
        if end > first:
            words.append(Word(text, phones[first].start_s, phones[end - 1].end_s))
        elif words:
            words[-1] = Word(f"{words[-1].text} {text}", words[-1].start_s, words[-1].end_s)
        first = max(first, end)
    return words


def audible_slots(samples: NDArray[np.float32], rate: int) -> list[Phone]:
    """Return the stretches of SLOT_S of (n,) samples in which something is heard, as phones without a name."""
    size = round(SLOT_S * rate)
    slots = np.abs(samples[: len(samples) // size * size]).reshape(-1, size).max(axis=1)
    heard = np.flatnonzero(slots > AUDIBLE * slots.max()) if len(slots) else np.zeros(0, int)
    return [Phone("", float(at) * SLOT_S, float(at + 1) * SLOT_S) for at in heard]


def _written(sentence: str) -> list[str]:
    """The words as they are written, each `[word](/ipa/)` whole; long runs without spaces in short parts."""
    found: list[str] = []
    at = 0
    for mark in WHOLE.finditer(sentence):
        found += [*_parts(sentence[at : mark.start()]), mark[0]]
        at = mark.end()
    return [*found, *_parts(sentence[at:])]


def _parts(text: str) -> list[str]:
    words: list[str] = []
    for word in text.split():
        if any("぀" <= sign <= "鿿" for sign in word):  # kana and ideographs
            words += [word[at : at + UNSPACED] for at in range(0, len(word), UNSPACED)]
        else:
            words.append(word)
    return words
