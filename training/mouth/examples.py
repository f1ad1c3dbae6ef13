"""What the network learns from: features with what the mouth does at the same time.

Two kinds: synthetic speech, whose phonemes say what the mouth does (engine.motion.articulate) and where its accents
are, and real faces in videos, of which we know how far the lips were apart, how wide the mouth was, what a tracker read
as ARKit weights, how high the brows were and how fast the head nodded.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arkit import INDEX, LOWER_FACE
from engine.motion.articulate import articulate
from engine.motion.encoder import FEATURE_HZ
from engine.motion.listen import COLUMNS, PER_FEATURE
from engine.motion.mouth import RATE_HZ, smooth
from engine.speech.types import Phone
from training.mouth.corpus import load
from training.mouth.prosody import prominence

Floats = NDArray[np.float32]
SEEN = ("gap", "width", "brow", "nod", *LOWER_FACE)  # what videos tell of a real face
BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")
RESTING = 10  # percentile of a weight in a clip: a face at rest, which is the person's own
NOD_S = 0.08  # standard deviation over which the head's speed is taken
EVERY = 10  # one in so many synthetic recordings is for testing
TEST_SPEAKERS = ("s3", "s30", "s31")  # of the real ones: a woman and two men, 50 sentences


@dataclass(frozen=True, slots=True)
class Example:
    """features: (n, FEATURES). targets: (PER_FEATURE * n, COLUMNS), or (.., SEEN) of a real face."""

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
        samples, phones, language = load(corpus / f"{name}.npz")
        targets = labels(samples, phones, float(table["faster"]), len(table["features"]))
        examples.append(
            Example(path.stem, language, table["features"], targets, zlib.crc32(name.encode()) % EVERY == 0)
        )
    return examples


def labels(samples: Floats, phones: list[Phone], faster: float, count: int) -> Floats:
    """Return (PER_FEATURE * count, COLUMNS): what the face does, 0 in columns of which phonemes say nothing."""
    sped = [replace(one, start_s=one.start_s / faster, end_s=one.end_s / faster) for one in phones]
    moved = articulate(sped, count / FEATURE_HZ)
    targets = np.zeros((PER_FEATURE * count, len(COLUMNS)), np.float32)
    targets[:, : len(LOWER_FACE)] = at_answers(moved.free, RATE_HZ, count)
    contacts = at_answers(np.column_stack([moved.shut, moved.bite]), RATE_HZ, count)
    targets[:, [COLUMNS.index("mouthClose"), COLUMNS.index("bite")]] = contacts
    accents = at_answers(prominence(samples, phones)[:, None], RATE_HZ * faster, count)
    targets[:, [COLUMNS.index("brow"), COLUMNS.index("nod")]] = accents
    return targets


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
        rate_hz = float(track["fps"]) * float(table["faster"])
        targets = at_answers(seen(track), rate_hz, len(table["features"]))
        examples.append(Example(path.stem, "real", table["features"], targets, speaker(name) in TEST_SPEAKERS))
    return examples


def seen(track: Mapping[str, Any]) -> Floats:
    """Return (n, SEEN) of a table of training.mouth.track; weights are above the person's own resting face."""
    weights = track["blendshapes"] - np.percentile(track["blendshapes"], RESTING, axis=0)
    weights = np.maximum(weights, 0)
    brow = weights[:, [INDEX[name] for name in BROWS]].mean(axis=1)
    nod = speed(track["pitch"], float(track["fps"]))
    lower = weights[:, [INDEX[name] for name in LOWER_FACE]]
    return np.column_stack([track["opening"], track["width"], brow, nod, lower]).astype(np.float32)


def speed(angle: Floats, fps: float) -> Floats:
    """Return (n,) in units a second of (n,) at `fps`, without its sign."""
    frames_s = np.arange(len(angle)) / fps
    times_s = np.arange(0, len(angle) / fps, 1 / RATE_HZ)
    calm = smooth(np.interp(times_s, frames_s, angle), NOD_S)
    return np.asarray(np.interp(frames_s, times_s, np.abs(np.gradient(calm)) * RATE_HZ), np.float32)


def speaker(name: str) -> str:
    """Return who speaks in a recording of GRID, as far as our file names tell."""
    return name.split("_", maxsplit=1)[0] if "_" in name else "s1"
