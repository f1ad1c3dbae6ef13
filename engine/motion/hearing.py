"""What the sound tells about when to move: speech or silence, and where it is emphatic."""

import numpy as np
from numpy.typing import NDArray

from engine.motion.mouth import RATE_HZ, Curve, smooth
from engine.speech.types import ANALYSIS_RATE

SPEECH_RANGE_DB = 38.0  # from the loud vowels down to the faintest fricatives of the same speaker
ABOVE_NOISE_DB = 5.0
NOISE_AT_MOST_DB = 15.0  # below the loud vowels: what is louder is music or a crowd, and hides no silence
QUIETEST_DB = -58.0  # below it nothing is heard, however quiet the speech
SHORTEST_SILENCE_S = 0.2  # closures within words last up to 0.15 s
SHORTEST_SOUND_S = 0.03  # clicks
BEFORE_S, AFTER_S = 0.1, 0.08  # lips part before the first sound, and come to rest after the last


EMPHASIS_S = 0.15  # standard deviation: brows and heads follow phrases, not syllables; those look like a pigeon's
LEAST, MOST = 0.07, 0.4  # what the network tells where they rest, and where they have gone as far as they go


def level_db(samples: Curve) -> Curve:
    """Return the level (n,) at RATE_HZ in dB of full scale, in windows of 20 ms, of speech at ANALYSIS_RATE."""
    hop = ANALYSIS_RATE // RATE_HZ
    whole = len(samples) // hop
    parts = samples[: whole * hop].reshape(whole, hop)
    # einsum squares and adds without a copy: twice the speech in float64 was most of what an hour of it took here
    last = float(np.square(samples[whole * hop :]).sum())
    power = np.concatenate([np.einsum("ij,ij->i", parts, parts, dtype=np.float64), [last, 0.0]])
    windows = (power + np.concatenate([[0.0], power[:-1]])) / (2 * hop)
    return np.asarray(10 * np.log10(windows + 1e-12), np.float32)


def audible(level: Curve) -> Curve:
    """Return (n,) in 0..1 at RATE_HZ: 0 where the speaker is silent, eased at the edges."""
    loud, floor = float(np.percentile(level, 95)), float(np.percentile(level, 5))
    threshold = max(loud - SPEECH_RANGE_DB, min(floor + ABOVE_NOISE_DB, loud - NOISE_AT_MOST_DB), QUIETEST_DB)
    heard = _without_short(level > threshold, round(SHORTEST_SOUND_S * RATE_HZ))
    heard = ~_without_short(~heard, round(SHORTEST_SILENCE_S * RATE_HZ))
    for start, end in _runs(heard):
        heard[max(0, start - round(BEFORE_S * RATE_HZ)) : end + round(AFTER_S * RATE_HZ)] = True
    return smooth(heard.astype(np.float32), sigma_s=0.025)


def emphasis(told: Curve, heard: Curve) -> Curve:
    """Return (n,) in 0..1 at RATE_HZ: how emphatic the network finds what is said (n,), where it is heard."""
    way = np.clip((smooth(told, EMPHASIS_S) - LEAST) / (MOST - LEAST), 0, 1)
    return np.asarray(way * way * (3 - 2 * way) * heard, np.float32)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (start, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _without_short(flags: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    kept = flags.copy()
    for start, end in _runs(flags):
        if end - start < shortest:
            kept[start:end] = False
    return kept
