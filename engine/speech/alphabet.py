"""Kokoro's alphabet, in which hibari reads as well: IPA, with one letter for what English writes in two.

https://github.com/hexgrad/misaki: A is the vowel of "day", I of "my", O of "go", and so on.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from engine.speech.types import Phone

TICK_S = 0.025  # the unit of the durations that both networks decide on
LABEL_LAG_S = 0.050  # durations run this much behind the sound: there vowels are loudest, stops 19 dB below them

STRESS = {"ˈ": 1, "ˌ": 2}
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
    "ʣ": "dz",
    "ʥ": "dʑ",
    "ʦ": "ts",
    "ʨ": "tɕ",
    "ꭧ": "tʂ",
    "ɚ": "ɜ",
    "ᵊ": "ə",
    "ᵻ": "ɪ",
}
# How people write IPA for English -> this alphabet; the longest first.
FROM_IPA = {
    **{name: letter for letter, name in IPA.items() if letter in "AIOQWYʤʧʣʥʦʨ"},
    "ɚ": "əɹ",
    "ɝ": "ɜɹ",
    "ɫ": "l",
    "g": "ɡ",
    "r": "ɹ",
    "'": "ˈ",
    "‿": "",
    ".": "",
    "|": "",
    "ˑ": "ː",
}


@cache
def vocabulary() -> dict[str, int]:
    """The number of each symbol that the networks know."""
    found: dict[str, int] = json.loads(resources.files("hibari").joinpath("assets/vocab.json").read_text("utf-8"))
    return found


def from_ipa(ipa: str) -> str:
    """Return IPA in this alphabet."""
    ipa = ipa.replace("\u0361", "")  # the tie over two letters
    for written, letters in FROM_IPA.items():
        ipa = ipa.replace(written, letters)
    return ipa


def cut(symbols: str, longest: int) -> Iterator[str]:
    """Cut a string of more than `longest` after its last pause, else after its last word, else anywhere."""
    while len(symbols) > longest:
        head = symbols[:longest]
        end = max(head.rfind(mark) for mark in CLAUSE_ENDS) + 1 or head.rfind(" ") + 1 or longest
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
