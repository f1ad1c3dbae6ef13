"""When the words of a sentence are heard, from when its phones are."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.speech.types import Phone, Word


def words_among(sentence: str, phones: Sequence[Phone], count_phones: Callable[[str], int]) -> list[Word]:
    """Share the phones of a sentence out among its words, in order.

    count_phones: how many phones a word has when it is read alone. In a sentence some read otherwise ("Dr.", "1999"),
    so the counts only say each word's share of all phones. What has none, such as a dash, joins the word before.
    """
    written = sentence.split()
    counts = np.array([count_phones(word) for word in written], float)
    if not phones or counts.sum() == 0:
        return []
    ends = np.rint(np.cumsum(counts) * len(phones) / counts.sum()).astype(int)
    words: list[Word] = []
    first = 0
    for text, end in zip(written, ends, strict=True):
        if end > first:
            words.append(Word(text, phones[first].start_s, phones[end - 1].end_s))
        elif words:
            words[-1] = Word(f"{words[-1].text} {text}", words[-1].start_s, words[-1].end_s)
        first = max(first, end)
    return words
