"""Self-labelled speech: a synthetic voice says random words, and its phonemes tell what a mouth would do.

Changing the playing speed shifts pitch and formants together, which makes one voice sound like people of
different size; the phones are stretched with it.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources

import numpy as np

from engine.speech import Speech, speak
from engine.speech.decode import speech_from_samples
from engine.speech.types import VIDEO_RATE

SPEEDS = (0.8, 0.9, 1.0, 1.13, 1.27)
LINKS = (
    "the", "a", "and", "of", "to", "in", "is", "for", "on", "that", "with", "at", "this",
    "was", "it", "but", "from", "or", "by", "you", "we", "they", "he", "she", "not",
)  # fmt: skip
WORDS_A_SENTENCE = (4, 12)


def sentences(count: int, seed: int) -> Iterator[str]:
    """Yield sentences of random dictionary words with the little words of English between them."""
    packed = resources.files("hibari").joinpath("assets/lexicon_us_gold.json.gz").read_bytes()
    words = [word for word in json.loads(gzip.decompress(packed)) if word.isalpha() and word.islower()]
    random = np.random.default_rng(seed)
    for _ in range(count):
        chosen = random.choice(words, random.integers(*WORDS_A_SENTENCE))
        linked = [f"{random.choice(LINKS)} {word}" if random.random() < 0.6 else word for word in chosen]
        yield " ".join(linked).capitalize() + random.choice([".", "?", "!", "."])


def speeches(count: int, seed: int) -> Iterator[Speech]:
    """Yield `count` speeches of three sentences, at the SPEEDS in turn."""
    texts = list(sentences(3 * count, seed))
    for number in range(count):
        speech = speak(" ".join(texts[3 * number : 3 * number + 3]))
        speed = SPEEDS[number % len(SPEEDS)]
        faster = speech_from_samples(speech.video, round(VIDEO_RATE * speed))
        phones = tuple(replace(p, start_s=p.start_s / speed, end_s=p.end_s / speed) for p in speech.phones)
        yield replace(faster, phones=phones)
