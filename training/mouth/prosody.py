"""Where synthetic speech is emphatic: stress is known from its phonemes, loudness and pitch from its sound."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.motion.hearing import level_db
from engine.motion.mouth import RATE_HZ, smooth
from engine.motion.visemes import viseme_of
from engine.speech.types import ANALYSIS_RATE, Phone

Floats = NDArray[np.floating[Any]]

STRESS = {0: 0.0, 1: 0.35, 2: 0.15}
RISEN = 0.3  # of an accent's strength: a vowel that is a standard deviation louder and higher than the others
LONGEST_LAG, SHORTEST_LAG = ANALYSIS_RATE // 70, ANALYSIS_RATE // 400  # pitches from 70 to 400 Hz
RISE_S, FALL_S = 0.16, 0.34  # of brows and heads around an accent
WINDOW = 1024  # samples; twice the longest period
VOICED = 0.4  # autocorrelation at the period, of a vowel's


def prominence(samples: Floats, phones: Sequence[Phone]) -> Floats:
    """Return (n,) in 0..1 at RATE_HZ: bumps at accents, as high as the vowel stands out.

    samples: (m,) at ANALYSIS_RATE. A vowel stands out by its stress, its loudness and its pitch, the last two against
    the other vowels of the recording.
    """
    vowels = [phone for phone in phones if viseme_of(phone.symbol).firmness[0] >= 1]
    level = smooth(level_db(np.asarray(samples, np.float32)), sigma_s=0.05)
    middles_s = [(phone.start_s + phone.end_s) / 2 for phone in vowels]
    loud = np.array([level[min(len(level) - 1, round(time_s * RATE_HZ))] for time_s in middles_s])
    high = np.array([pitch(samples, time_s) for time_s in middles_s])
    raised = (_standing_out(loud) + _standing_out(high)) / 2
    times_s = np.arange(int(np.ceil(len(samples) / ANALYSIS_RATE * RATE_HZ)) + 1) / RATE_HZ
    accents = np.zeros(len(times_s))
    for phone, middle_s, up in zip(vowels, middles_s, raised, strict=True):
        ramp = np.clip(np.minimum((times_s - middle_s) / RISE_S + 1, 1 - (times_s - middle_s) / FALL_S), 0, 1)
        strength = float(np.clip(STRESS[phone.stress] + RISEN * up, 0, 1))
        accents = np.maximum(accents, strength * ramp * ramp * (3 - 2 * ramp))
    return accents


def pitch(samples: Floats, time_s: float) -> float:
    """Return the pitch at a time in octaves above 1 Hz, by autocorrelation; NaN where there is none."""
    first = max(0, min(round(time_s * ANALYSIS_RATE) - WINDOW // 2, len(samples) - WINDOW))
    window = np.asarray(samples[first : first + WINDOW], np.float64)
    window = window - window.mean()
    spectrum = np.fft.rfft(window, 2 * WINDOW)
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[: LONGEST_LAG + 1]
    lag = SHORTEST_LAG + int(np.argmax(alike[SHORTEST_LAG:]))
    if alike[lag] < VOICED * alike[0] or alike[0] <= 0:
        return float("nan")
    return float(np.log2(ANALYSIS_RATE / lag))


def _standing_out(values: Floats) -> Floats:
    """Return (n,): by how many standard deviations above the mean, at most 2; 0 where unknown."""
    known = values[np.isfinite(values)]
    if len(known) < 2 or known.std() < 1e-6:
        return np.zeros(len(values))
    return np.asarray(np.nan_to_num(np.clip((values - known.mean()) / known.std(), -2, 2)))
