"""How far weights part the lips, and the jaw that parts them as far: the common measure of all peers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.arkit import INDEX, LOWER_FACE
from engine.motion import MotionTrack
from engine.motion.compose import GAIN
from engine.motion.mouth import COLUMN, RATE_HZ, at_frames, smooth, to_arkit
from engine.motion.visemes import Viseme, viseme_of

Series = NDArray[np.float64]
Cue = tuple[float, float, float]  # start and end in seconds, gap in face heights

FPS = 25.0
# The gap between the lips, in face heights, that a weight of 1 makes in rendered frames: means over 13 photos, read by
# our tracker, each weight in four or more amounts and together with others. Errors are below 0.004, the mean of photos
# with shut lips. Pucker narrows the gap that the jaw makes.
JAW, JAW_POWER = 0.095, 0.75
OTHERS = {"mouthLowerDown": 0.022, "mouthUpperUp": 0.018, "mouthFunnel": 0.04, "mouthPucker": -0.013}
EASE_S = 0.04  # standard deviation: shapes that switch from one instant to the next become a mouth that moves


def gap_of(weights: NDArray[np.floating]) -> Series:
    """Return how far (n, 52) ARKit weights part the lips of a photo whose own are shut: (n,) in face heights."""
    pressed = _amount(weights, "mouthPress")
    shut = np.maximum(_amount(weights, "mouthClose"), pressed**2)
    parted = JAW * _amount(weights, "jawOpen") ** JAW_POWER
    for name, gap in OTHERS.items():
        parted += gap * _amount(weights, name)
    return np.asarray((1 - shut) * np.maximum(parted, 0))


def _amount(weights: NDArray[np.floating], name: str) -> Series:
    """Return (n,) in 0..1: a weight, or the mean of its left and right."""
    columns = [column for full, column in INDEX.items() if full.removesuffix("Left").removesuffix("Right") == name]
    return np.asarray(np.clip(weights[:, columns].astype(np.float64).mean(axis=1), 0, 1))


def jaw_only(gap: Series) -> MotionTrack:
    """Return the motion whose jaw alone parts the lips by (n,) face heights at FPS; negative ones stay shut."""
    weights = np.zeros((len(gap), len(INDEX)), np.float32)
    weights[:, INDEX["jawOpen"]] = np.clip(np.maximum(gap, 0) / JAW, 0, 1) ** (1 / JAW_POWER)
    return MotionTrack(FPS, weights, np.zeros((len(gap), 6), np.float32))


def gap_of_phonemes(symbols: Sequence[str]) -> float:
    """Return how far our table of visemes parts the lips for IPA symbols, in face heights, on average."""
    return float(np.mean([_gap_of(viseme_of(symbol)) for symbol in symbols]))


def _gap_of(viseme: Viseme) -> float:
    if viseme.shuts:
        return 0.0
    mouth = np.zeros((1, len(LOWER_FACE)), np.float32)
    for name, value in viseme.targets.items():
        mouth[0, COLUMN[name]] = value
    return float(gap_of(to_arkit(mouth * GAIN))[0])


def eased(cues: Sequence[Cue], duration_s: float) -> Series:
    """Return the gap (n,) at FPS of shapes that follow each other; between them the lips are shut."""
    fine = np.zeros(int(np.ceil(duration_s * RATE_HZ)) + 1, np.float32)
    for start_s, end_s, gap in cues:
        fine[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = gap
    count = int(np.ceil(duration_s * FPS))
    return np.asarray(at_frames(smooth(fine, EASE_S)[:, None], count, FPS)[:, 0], np.float64)
