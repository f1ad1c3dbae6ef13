"""IPA as synthesisers write it -> our Phones.

eSpeak and Kokoro write "ˈɑː", "tɕh", "onɡ" or "ø" with marks of stress, length, tone and nasality; the mouth's
table (engine/motion/visemes.py) knows plain sounds. A symbol of several sounds shares its time among them.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from engine.motion.visemes import VISEMES
from engine.speech.types import Phone

STRESS = {"ˈ": 1, "ˌ": 2}
LONGEST = max(map(len, VISEMES))
BETWEEN_WORDS_S = 0.12  # a pause this short is the closure or onset of the sound after it
ALIKE = {
    "g": "ɡ", "ɚ": "ɜ", "ɝ": "ɜ", "ᵊ": "ə", "ᵻ": "ɪ", "ɘ": "ə", "ɞ": "ɜ", "ɫ": "l", "ɭ": "l", "ʀ": "ʁ", "ɦ": "h",
    "ħ": "h", "ʕ": "h", "ʍ": "w", "ɰ": "ɣ", "ɴ": "ŋ", "ɶ": "œ", "ɺ": "ɾ", "ʣ": "dz", "ʥ": "dʑ", "ʦ": "ts",
    "ʨ": "tɕ", "ꭧ": "tʂ", "ʤ": "dʒ", "ʧ": "tʃ", "ɢ": "ɡ", "ɬ": "l", "ɮ": "l", "ʟ": "l", "ɧ": "ʃ",
}  # fmt: skip


def phones(symbols: Sequence[str], times_s: Sequence[float]) -> Iterator[Phone]:
    """Yield phones of `symbols` (k,), the i-th of which lasts from times_s[i] to times_s[i + 1]; "" is a pause."""
    pause_from: float | None = None
    for symbol, (begin_s, end_s) in zip(symbols, pairwise(times_s), strict=True):
        parts = list(sounds(symbol))
        if not parts:
            pause_from = begin_s if pause_from is None else pause_from
            continue
        near = pause_from is not None and begin_s - pause_from < BETWEEN_WORDS_S
        start_s = pause_from if near and pause_from is not None else begin_s
        pause_from = None
        stress = next((STRESS[mark] for mark in symbol if mark in STRESS), 0)
        for number, part in enumerate(parts):
            share = (end_s - start_s) / len(parts)
            if share > 0:
                yield Phone(part, start_s + number * share, start_s + (number + 1) * share, stress)


def sounds(symbol: str) -> Iterable[str]:
    """Return the plain sounds that a symbol stands for."""
    marks = unicodedata.normalize("NFD", symbol.replace("ç", "ɕ").replace("nɡ", "ŋ"))
    plain = "".join(ALIKE.get(sign, sign) for sign in marks if unicodedata.category(sign) in ("Ll", "Lo"))
    found: list[str] = []
    while plain:
        size = next((size for size in range(LONGEST, 0, -1) if plain[:size] in VISEMES), 0)
        if size and not (found and plain[:size] == "h"):  # "th" is an aspirated T, not two sounds
            found.append(plain[:size])
        plain = plain[size or 1 :]
    return found
