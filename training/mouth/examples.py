"""What the network learns from: features with what the mouth does at the same time.

Two kinds: synthetic speech, whose phonemes say what every part of the mouth does (engine.motion.articulate), and
real mouths in videos, of which we know how far the lips were apart and how wide the mouth was.
"""

import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.motion.articulate import articulate
from engine.motion.encoder import FEATURE_HZ
from engine.motion.listen import HEARD, PER_FEATURE
from engine.motion.mouth import COLUMN, RATE_HZ
from engine.speech.types import Phone
from training.mouth.corpus import load

Floats = NDArray[np.float32]
EVERY = 10  # one in so many synthetic recordings is for testing
TEST_SPEAKERS = ("s3", "s30", "s31")  # of the real ones: a woman and two men, 50 sentences


@dataclass(frozen=True, slots=True)
class Example:
    """features: (n, FEATURES). targets: (PER_FEATURE * n, columns), or (.., 2) gap and width of a real mouth."""

    name: str
    kind: str  # language, or "real"
    features: NDArray[np.float16]
    targets: Floats
    held_out: bool


def synthetic(corpus: Path, heard: Path) -> list[Example]:
    """Return all recordings of the corpus that have features."""
    examples = []
    for path in sorted(heard.glob("*.npz")):
        name = path.stem.rpartition(".")[0]
        table = np.load(path)
        _, phones, language = load(corpus / f"{name}.npz")
        targets = labels(phones, float(table["faster"]), len(table["features"]))
        examples.append(
            Example(path.stem, language, table["features"], targets, zlib.crc32(name.encode()) % EVERY == 0)
        )
    return examples


def labels(phones: list[Phone], faster: float, count: int) -> Floats:
    """Return (PER_FEATURE * count, columns): what the mouth does."""
    sped = [replace(one, start_s=one.start_s / faster, end_s=one.end_s / faster) for one in phones]
    moved = articulate(sped, count / FEATURE_HZ)
    curves = np.column_stack([moved.shapes[:, [COLUMN[name] for name in HEARD]], moved.bite, moved.shut])
    return at_answers(curves, RATE_HZ, count)


def at_answers(curves: Floats, rate_hz: float, count: int) -> Floats:
    """Sample curves (m, k) at the times of the network's answers for `count` features."""
    times = np.arange(PER_FEATURE * count) / (PER_FEATURE * FEATURE_HZ) * rate_hz
    columns = [np.interp(times, np.arange(len(curves)), column) for column in curves.T]
    return np.stack(columns, axis=1).astype(np.float32)


def real(tracks: Path, heard: Path) -> list[Example]:
    """Return all real mouths that have features and were seen throughout."""
    examples = []
    for path in sorted(heard.glob("*.npz")):
        name = path.stem.rpartition(".")[0]
        table, track = np.load(path), np.load(tracks / f"{name}.npz")
        if track["present"].mean() < 0.95:
            continue
        curves = np.column_stack([track["opening"], track["width"]])
        rate_hz = float(track["fps"]) * float(table["faster"])
        targets = at_answers(curves, rate_hz, len(table["features"]))
        examples.append(Example(path.stem, "real", table["features"], targets, speaker(name) in TEST_SPEAKERS))
    return examples


def speaker(name: str) -> str:
    """Return who speaks in a recording of GRID, as far as our file names tell."""
    return name.split("_", maxsplit=1)[0] if "_" in name else "s1"
