"""What is said in a recording: Moonshine-base's decoder (Useful Sensors, MIT; English), greedy.

The recording is cut at its quietest moments into pieces that the recogniser was made for, so that memory stays flat.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine import weights
from engine.motion.encoder import encode_piece
from engine.sessions import CPU, open_session
from engine.speech.types import ANALYSIS_RATE
from engine.stopping import checkpoint

LONGEST_S, SHORTEST_S = 9.0, 4.0  # of a piece; the decoder's own limit is some 30 s, its cost grows with the square
FRAME = ANALYSIS_RATE // 100  # samples of one loudness value: 10 ms
CALM_FRAMES = 20  # loudness is averaged over 0.2 s: a pause between words, not the closure of a P
TOKENS_A_SECOND = 6.5  # more is a recogniser that repeats itself (Moonshine's own limit)
START, END = 1, 2  # token ids
SPACE = "▁"  # SentencePiece's sign for the space before a word
LAYERS, HEADS, WIDTH = 8, 8, 52  # of the decoder's attention


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece of a recording and what is said in it; `text` is empty where nothing was understood."""

    text: str
    samples: NDArray[np.float32]
    start_s: float


def transcribe(samples: NDArray[np.float32]) -> Iterator[Heard]:
    """Yield what is said in (n,) samples at ANALYSIS_RATE, a piece at a time. Raises WeightsMissing."""
    for start, end in _pieces(samples):
        piece = samples[start:end]
        yield Heard(_decode(encode_piece(piece), len(piece) / ANALYSIS_RATE), piece, start / ANALYSIS_RATE)


def _pieces(samples: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Yield first and last sample of each piece: cut where it is quietest within LONGEST_S."""
    start = 0
    while len(samples) - start > LONGEST_S * ANALYSIS_RATE:
        window = samples[start + int(SHORTEST_S * ANALYSIS_RATE) : start + int(LONGEST_S * ANALYSIS_RATE)]
        frames = window[: len(window) // FRAME * FRAME].reshape(-1, FRAME)
        loudness = np.convolve((frames**2).mean(axis=1), np.ones(CALM_FRAMES), "valid")
        end = start + int(SHORTEST_S * ANALYSIS_RATE) + (int(loudness.argmin()) + CALM_FRAMES // 2) * FRAME
        yield start, end
        start = end
    yield start, len(samples)


def _decode(heard: NDArray[np.float32], duration_s: float) -> str:
    """The text of encoder features (n, 416): the likeliest token, again and again."""
    decoder = _decoder()
    names = [value.name for value in decoder.get_outputs()[1:]]
    memory = {name.replace("present", "past_key_values"): np.zeros((1, HEADS, 0, WIDTH), np.float32) for name in names}
    tokens: list[int] = []
    for _ in range(int(duration_s * TOKENS_A_SECOND) + 2):
        checkpoint()
        feed: dict[str, Any] = {
            "input_ids": np.array([[tokens[-1] if tokens else START]], np.int64),
            "encoder_hidden_states": heard[None],
            "use_cache_branch": np.array([bool(tokens)]),
        }
        logits, *present = decoder.run(None, feed | memory)
        for name, value in zip(names, present, strict=True):
            if "decoder" in name or not tokens:  # what it knows of the sound stays as it was
                memory[name.replace("present", "past_key_values")] = value
        token = int(np.asarray(logits)[0, -1].argmax())
        if token == END:
            break
        tokens.append(token)
    vocabulary = _vocabulary()
    return b"".join(vocabulary[token] for token in tokens).decode("utf-8", "replace").replace(SPACE, " ").strip()


@cache
def _decoder() -> ort.InferenceSession:
    return open_session(weights.path("speech-decoder"), provider=CPU)


@cache
def _vocabulary() -> list[bytes]:
    """The tokenizer's file: each entry is its length (one byte, or two from 128 on), then its bytes."""
    data = weights.path("speech-tokenizer").read_bytes()
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length += data[at] * 128 - 128
            at += 1
        entries.append(data[at : at + length])
        at += length
    return entries
