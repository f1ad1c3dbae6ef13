"""How well the lips keep time with real people's.

    python -m bench.sync FOLDER [--seconds 15]

FOLDER holds videos of talking people, NAME.mp4 (or .mkv, .mov, .webm), each with its sound in it or in NAME.wav
beside it. For each, one frame of the video becomes the photo, its sound the speech, and the gap between the lips
is followed in the real and in our frames. Printed for us, and for a mouth that opens with loudness alone:

r          Pearson's correlation of the two gaps at no delay; 1 is perfect
lag_ms     the delay that would fit best, positive where our lips are late
amplitude  how much the gap varies, as a ratio to the real one
jitter     mean of the second differences of the gap, as a ratio to the real one's
"""

import argparse
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from engine.arkit import INDEX
from engine.face import find_faces
from engine.motion import MotionTrack, animate
from engine.motion.hearing import level_db
from engine.motion.mouth import at_frames, smooth
from engine.renderer import Rig, build_rig
from engine.speech import Speech, open_speech
from training.mouth.track import faces_in, measure

Series = NDArray[np.float64]
Picture = NDArray[np.uint8]

FPS = 25.0
VIDEOS = {".mp4", ".mkv", ".mov", ".webm"}
LONGEST_LAG = 10  # frames
REST_FRAMES = 50  # the photo is the frame among these in which the lips are closest


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one clip; see the head of this file."""

    r: float
    lag_ms: float
    amplitude: float
    jitter: float


def score(real: Series, ours: Series) -> Score:
    """Compare two gaps (n,) at FPS."""
    size = min(len(real), len(ours))
    real, ours = real[:size], ours[:size]
    inner = slice(LONGEST_LAG, -LONGEST_LAG)
    lags = range(-LONGEST_LAG, LONGEST_LAG + 1)
    fits = [float(np.corrcoef(real[inner], np.roll(ours, -lag)[inner])[0, 1]) for lag in lags]
    return Score(
        r=fits[LONGEST_LAG],
        lag_ms=lags[int(np.argmax(fits))] * 1000 / FPS,
        amplitude=float(ours.std() / real.std()),
        jitter=float(np.abs(np.diff(ours, 2)).mean() / np.abs(np.diff(real, 2)).mean()),
    )


def follow(frames: Iterator[Picture], fps: float) -> Series:
    """Return the gap between the lips at FPS, in face heights."""
    gap = measure(faces_in(frames))[0]
    seen = np.isfinite(gap)
    at = np.arange(0, len(gap) / fps, 1 / FPS)
    return np.asarray(np.interp(at, np.flatnonzero(seen) / fps, gap[seen]))


def by_loudness(speech: Speech) -> MotionTrack:
    """The baseline: the jaw opens as far as the sound is loud, and nothing else moves."""
    loudness = smooth(10 ** (level_db(speech.analysis) / 20), sigma_s=0.03)
    count = int(np.ceil(speech.duration_s * FPS))
    jaw = at_frames(loudness[:, None] / np.percentile(loudness, 98) * 0.6, count, FPS)[:, 0]
    weights = np.zeros((count, len(INDEX)), np.float32)
    weights[:, INDEX["jawOpen"]] = np.clip(jaw, 0, 1)
    return MotionTrack(FPS, weights, np.zeros((count, 6), np.float32))


def compare(video: Path, seconds: float) -> tuple[Score, Score]:
    """Return our score and the baseline's on one clip."""
    speech = _first(_speech_of(video), seconds)
    with av.open(str(video)) as container:
        fps = float(container.streams.video[0].average_rate or FPS)
    real = follow(_pictures(video, seconds), fps)
    rig = _rig(video)
    ours, loudness = animate(speech, fps=FPS), by_loudness(speech)
    return score(real, follow(rig.frames(ours), FPS)), score(real, follow(rig.frames(loudness), FPS))


def _speech_of(video: Path) -> Speech:
    beside = video.with_suffix(".wav")
    return open_speech((beside if beside.exists() else video).read_bytes())


def _first(speech: Speech, seconds: float) -> Speech:
    rate = len(speech.analysis) / speech.duration_s
    return Speech(speech.analysis[: round(seconds * rate)], speech.video[: round(seconds * 3 * rate)])


def _pictures(video: Path, seconds: float) -> Iterator[Picture]:
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= seconds:
                return
            yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _rig(video: Path) -> Rig:
    frames = list(islice(_pictures(video, np.inf), REST_FRAMES))
    gaps = measure(faces_in(iter(frames)))[0]
    photo = frames[int(np.nanargmin(gaps))]
    return build_rig(photo, find_faces(photo)[0])


def main() -> None:
    """Print a row a clip, and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each clip, at most")
    options = parser.parse_args()
    names = [field.name for field in fields(Score)]
    print(f"| clip | {' | '.join(names)} | {' | '.join(f'loudness {name}' for name in names)} |")
    print("|---" * (1 + 2 * len(names)) + "|")
    rows = []
    for video in sorted(path for path in options.folder.iterdir() if path.suffix in VIDEOS):
        ours, loudness = compare(video, options.seconds)
        rows.append([*astuple(ours), *astuple(loudness)])
        _print(video.stem, rows[-1])
    _print("**mean**", list(np.mean(rows, axis=0)))


def _print(name: str, figures: list[float]) -> None:
    print(f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |", flush=True)


if __name__ == "__main__":
    main()
