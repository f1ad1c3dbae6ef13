"""The mouth's own small vocabulary, and what both ways of moving it share.

A mouth is a table (n, SHAPES) at RATE_HZ: left and right move alike, and shutting is kept apart, since lips that
shut for P, B and M must do so whatever else the mouth is about.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arkit import ARKIT_NAMES, INDEX
from engine.motion.visemes import BITE

Curve = NDArray[np.floating[Any]]

RATE_HZ = 100  # four times the usual frame rate: a closure of 40 ms is not lost between frames

# Our name -> the ARKit weights that it drives.
SHAPES: dict[str, tuple[str, ...]] = {
    "jaw": ("jawOpen",),
    "funnel": ("mouthFunnel",),
    "pucker": ("mouthPucker",),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"),
    "lower_down": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upper_up": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "roll_lower": ("mouthRollLower",),
    "roll_upper": ("mouthRollUpper",),
    "press": ("mouthPressLeft", "mouthPressRight"),
    "close": ("mouthClose",),
    "tongue": ("tongueOut",),  # 0.25: tip up behind the upper teeth; 0.5: tip between the teeth
}
COLUMN = {name: position for position, name in enumerate(SHAPES)}
PARTING = [COLUMN[name] for name in ("jaw", "lower_down", "upper_up")]  # what parts the lips
SURE_TO_SHOW_S = 0.04  # closures last at least this long, so that one falls on some frame from 25 frames a second on
SHUT_JAW = 0.15  # share of the jaw's opening that stays behind shut lips
SHUT_WITH = {"close": 1.0, "press": 0.3, "roll_lower": 0.12, "roll_upper": 0.08}  # weights while shut


@dataclass(frozen=True, slots=True)
class Said:
    """What a mouth does while something is said, at RATE_HZ.

    shapes: (n, SHAPES), of free lips. bite: (n,) in 0..1, how far the lower lip is at the upper teeth (F, V).
    shut: (n,) in 0..1, how far the lips are shut (P, B, M).
    """

    shapes: Curve
    bite: Curve
    shut: Curve


def bitten(mouth: Curve, bite: Curve) -> Curve:
    """Return the mouth (n, SHAPES) with its lower lip at the upper teeth where `bite` (n,) in 0..1 says so."""
    result = mouth * (1 - bite[:, None])
    for name, weight in BITE.targets.items():
        result[:, COLUMN[name]] += weight * bite
    return np.asarray(result)


def shut(mouth: Curve, shutness: Curve) -> Curve:
    """Return the mouth (n, SHAPES) with its lips shut where `shutness` (n,) in 0..1 says so."""
    result = mouth.copy()
    parting = result[:, PARTING]
    keep = np.array([SHUT_JAW, 0, 0], np.float32)
    result[:, PARTING] = parting * (1 - shutness[:, None] * (1 - keep))
    for name, weight in SHUT_WITH.items():
        result[:, COLUMN[name]] = np.maximum(result[:, COLUMN[name]], weight * shutness)
    return result


def at_frames(curve: Curve, count: int, fps: float) -> Curve:
    """Sample a curve (n, k) at RATE_HZ when each frame comes on screen, as a camera would: (count, k)."""
    times = np.arange(count) / fps * RATE_HZ
    positions = np.arange(len(curve))
    return np.stack([np.interp(times, positions, column) for column in curve.T], axis=1).astype(np.float32)


def shut_at_frames(shutness: Curve, count: int, fps: float) -> Curve:
    """Sample `shutness` (n,) so that the tightest moment around each frame wins: (count,).

    At 10 frames a second, half of the Ps would fall between two samples.
    """
    times = np.rint(np.arange(count) / fps * RATE_HZ).astype(int)
    reach = int(max(0.0, 1 / fps - SURE_TO_SHOW_S) / 2 * RATE_HZ)
    around = times[:, None] + np.arange(-reach, reach + 1)
    return np.asarray(shutness[np.clip(around, 0, len(shutness) - 1)].max(axis=1), np.float32)


def to_arkit(mouth: Curve) -> Curve:
    """Spread (n, SHAPES) onto the (n, 52) ARKit weights, cut to 0..1."""
    weights = np.zeros((len(mouth), len(ARKIT_NAMES)), np.float32)
    for name, targets in SHAPES.items():
        for target in targets:
            weights[:, INDEX[target]] = mouth[:, COLUMN[name]]
    return np.clip(weights, 0, 1)


def smooth(curve: Curve, sigma_s: float) -> Curve:
    """Gaussian smoothing along time of (n,) or (n, k) at RATE_HZ; the ends are held."""
    reach = max(1, round(3 * sigma_s * RATE_HZ))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (sigma_s * RATE_HZ)) ** 2)
    kernel /= kernel.sum()
    columns = curve.reshape(len(curve), -1)
    padded = np.pad(columns, ((reach, reach), (0, 0)), mode="edge")
    smoothed = np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)
    return smoothed.reshape(curve.shape).astype(np.float32)
