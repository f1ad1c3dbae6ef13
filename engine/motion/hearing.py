"""What the sound tells about when to move: speech or silence, and the accents of a sentence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.motion.mouth import RATE_HZ, Curve, smooth
from engine.speech.types import ANALYSIS_RATE, Speech

SPEECH_RANGE_DB = 38.0  # from the loud vowels down to the faintest fricatives of the same speaker
ABOVE_NOISE_DB = 5.0
NOISE_AT_MOST_DB = 15.0  # below the loud vowels: what is louder is music or a crowd, and hides no silence
QUIETEST_DB = -58.0  # below it nothing is heard, however quiet the speech
SHORTEST_SILENCE_S = 0.2  # closures within words last up to 0.15 s
SHORTEST_SOUND_S = 0.03  # clicks
BEFORE_S, AFTER_S = 0.1, 0.08  # lips part before the first sound, and come to rest after the last
STRESSED = 0.25  # what a dictionary's stress adds to the strength of an accent: synthetic voices hardly raise theirs
ACCENT_EVERY_S = 0.7  # a head that nods on every syllable looks like a pigeon


@dataclass(frozen=True, slots=True)
class Accent:
    """A moment of emphasis; strength in 0..1."""

    time_s: float
    strength: float


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


def accents(speech: Speech, level: Curve, heard: Curve) -> list[Accent]:
    """Return the emphasised moments in order of time: stressed vowels that are louder than the rest.

    Without phones, every peak of loudness may be one; with them, a stress is one even in an even voice.
    """
    loudness = smooth(level, sigma_s=0.05)
    voiced = loudness[heard > 0.5]
    if len(voiced) < RATE_HZ // 2:
        return []
    if speech.phones:
        times = [int((phone.start_s + phone.end_s) / 2 * RATE_HZ) for phone in speech.phones if phone.stress == 1]
    else:
        inner = loudness[1:-1]
        times = list(1 + np.flatnonzero((inner > loudness[:-2]) & (inner >= loudness[2:]) & (heard[1:-1] > 0.5)))
    usual, spread = float(np.median(voiced)), float(voiced.std()) + 1e-6
    known = STRESSED if speech.phones else 0.0
    found: list[Accent] = []
    for time in sorted((min(time, len(loudness) - 1) for time in times), key=lambda time: -loudness[time]):
        strength = float(np.clip((loudness[time] - usual) / (1.5 * spread) + known, 0, 1))
        if strength > 0.3 and all(abs(time / RATE_HZ - other.time_s) >= ACCENT_EVERY_S for other in found):
            found.append(Accent(time / RATE_HZ, strength))
    return sorted(found, key=lambda accent: accent.time_s)


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
