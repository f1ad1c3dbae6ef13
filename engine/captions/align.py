"""When each word of a transcript is heard: the transcript is spoken by a voice whose times are known, and that speech
is laid along the recording (dynamic time warping, Sakoe & Chiba 1978, on the speech encoder's features).
"""

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.motion.encoder import FEATURE_HZ, encode_piece
from engine.speech.speak import speak
from engine.speech.types import Word

STEP_COST = 0.02  # of standing still in one of the two: else silence and long vowels wander


def align(text: str, samples: NDArray[np.float32]) -> list[Word]:
    """Return the words of `text` as they are said in (n,) samples at ANALYSIS_RATE; none if nobody can say them."""
    try:
        model = speak(text)
    except InputError:  # "..." or another script: nothing to lay along
        return []
    path = _path(_unit(encode_piece(model.analysis)), _unit(encode_piece(samples)))
    # For each moment of the model, when the recording is there.
    theirs = np.array([path[path[:, 0] == at, 1].mean() for at in range(path[-1, 0] + 1)]) / FEATURE_HZ
    times = np.arange(len(theirs)) / FEATURE_HZ
    return [
        Word(word.text, *(float(np.interp(edge, times, theirs)) for edge in (word.start_s, word.end_s)))
        for word in model.words
    ]


def _unit(features: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = features - features.mean(axis=0)
    return np.asarray(centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-6), np.float32)


def _path(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.intp]:
    """(k, 2) pairs of indices along the cheapest monotone path through the cosine distances of two sequences."""
    cost = 1 - ours @ theirs.T
    total = np.full((len(ours) + 1, len(theirs) + 1), np.inf, np.float32)
    total[0, 0] = 0
    rows, columns = cost.shape
    for diagonal in range(rows + columns - 1):  # one numpy step for all cells that do not depend on each other
        i = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        j = diagonal - i
        before = np.minimum(total[i, j], np.minimum(total[i, j + 1], total[i + 1, j]) + STEP_COST)
        total[i + 1, j + 1] = cost[i, j] + before
    i, j = rows, columns
    pairs = []
    while i > 0 and j > 0:
        pairs.append((i - 1, j - 1))
        options = total[i - 1, j - 1], total[i - 1, j] + STEP_COST, total[i, j - 1] + STEP_COST
        step = int(np.argmin(options))
        i, j = (i - 1, j - 1) if step == 0 else (i - 1, j) if step == 1 else (i, j - 1)
    return np.array(pairs[::-1], np.intp)
