"""What both ways of moving the mouth share, by phonemes and by ear.

A mouth is a table (n, LOWER_FACE) of ARKit weights at RATE_HZ. Shutting is kept apart, since lips that shut for P, B
and M must do so whatever else the mouth is about.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arkit import ARKIT_NAMES, INDEX, LOWER_FACE
from engine.motion.visemes import BITE

Curve = NDArray[np.floating[Any]]

RATE_HZ = 100  # four times the usual frame rate: a closure of 40 ms is not lost between frames

COLUMN = {name: position for position, name in enumerate(LOWER_FACE)}
JAW, CLOSE = COLUMN["jawOpen"], COLUMN["mouthClose"]
PARTING = [JAW, *(COLUMN[f"mouth{lip}{side}"] for lip in ("LowerDown", "UpperUp") for side in ("Left", "Right"))]
SURE_TO_SHOW_S = 0.04  # closures last at least this long, so that one falls on some frame from 25 frames a second on
BLUR, BLURRED_S = 0.3, 0.02  # standard deviation, of a frame's time; what curves have anyway
SHUT_JAW = 0.15  # share of the jaw's opening that stays behind shut lips
SHUT_WITH = {  # weights while shut
    "mouthClose": 1.0,
    "mouthPressLeft": 0.3,
    "mouthPressRight": 0.3,
    "mouthRollLower": 0.12,
    "mouthRollUpper": 0.08,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a mouth does while something is said, at RATE_HZ.

    free: (n, LOWER_FACE) in 0..1, of lips that touch nothing; mouthClose is 0. bite: (n,) in 0..1, how far the lower
    lip is at the upper teeth (F, V). shut: (n,) in 0..1, how far the lips are shut (P, B, M).
    """

    free: Curve
    bite: Curve
    shut: Curve


def bitten(mouth: Curve, bite: Curve) -> Curve:
    """Return the mouth (n, LOWER_FACE) with its lower lip at the upper teeth where `bite` (n,) in 0..1 says so."""
    result = mouth * (1 - bite[:, None])
    for name, weight in BITE.targets.items():
        result[:, COLUMN[name]] += weight * bite
    return np.asarray(result)


def shut(mouth: Curve, shutness: Curve) -> Curve:
    """Return the mouth (n, LOWER_FACE) with its lips shut where `shutness` (n,) in 0..1 says so."""
    result = mouth.copy()
    parting = result[:, PARTING]
    keep = np.array([SHUT_JAW, 0, 0, 0, 0], np.float32)
    result[:, PARTING] = parting * (1 - shutness[:, None] * (1 - keep))
    for name, weight in SHUT_WITH.items():
        result[:, COLUMN[name]] = np.maximum(result[:, COLUMN[name]], weight * shutness)
    return result


def at_frames(curve: Curve, count: int, fps: float) -> Curve:
    """Sample a curve (n, k) at RATE_HZ when each frame comes on screen: (count, k).

    Frames that are far apart show the mean of their time, as a camera's do, and not what flickers between them.
    """
    if BLUR / fps > BLURRED_S:
        curve = smooth(curve, float(np.sqrt((BLUR / fps) ** 2 - BLURRED_S**2)))
    times = np.arange(count) / fps * RATE_HZ
    positions = np.arange(len(curve))
    frames = np.empty((count, curve.shape[1]), np.float32)
    for k, column in enumerate(curve.T):
        frames[:, k] = np.interp(times, positions, column)
    return frames


def shut_at_frames(shutness: Curve, count: int, fps: float) -> Curve:
    """Sample `shutness` (n,) so that the tightest moment around each frame wins: (count,).

    At 10 frames a second, half of the Ps would fall between two samples.
    """
    times = np.rint(np.arange(count) / fps * RATE_HZ).astype(int)
    reach = int(max(0.0, 1 / fps - SURE_TO_SHOW_S) / 2 * RATE_HZ)
    around = times[:, None] + np.arange(-reach, reach + 1)
    return np.asarray(shutness[np.clip(around, 0, len(shutness) - 1)].max(axis=1), np.float32)


def to_arkit(mouth: Curve) -> Curve:
    """Put (n, LOWER_FACE) in its place among the (n, 52) ARKit weights, cut to 0..1."""
    weights = np.zeros((len(mouth), len(ARKIT_NAMES)), np.float32)
    weights[:, [INDEX[name] for name in LOWER_FACE]] = np.clip(mouth, 0, 1)
    return weights


def smooth(curve: Curve, sigma_s: float) -> Curve:
    """Gaussian smoothing along time of (n,) or (n, k) at RATE_HZ; the ends are held."""
    reach = max(1, round(3 * sigma_s * RATE_HZ))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * RATE_HZ)) ** 2)
    kernel /= kernel.sum()
    columns = curve.reshape(len(curve), -1)
    smoothed = np.empty(columns.shape, np.float32)
    for k, column in enumerate(columns.T):  # one at a time: an hour of all of them in float64 is 100 MB
        smoothed[:, k] = np.convolve(np.pad(column, reach, mode="edge"), kernel, mode="valid")
    return smoothed.reshape(curve.shape)
