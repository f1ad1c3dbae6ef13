"""How well our lips keep time with real people's, beside other ways to move them.

    python -m bench.sync FOLDER [--render] [--spoil noise|telephone] [--seconds 15] [--tables FOLDER] [--peers FOLDER]

FOLDER holds videos of talking people, NAME.mp4 (or .mkv, .mov, .webm), each with its sound in it or in NAME.wav
beside it. The gap between the lips of the real person is followed, and compared with the gap that each way of moving
a mouth makes of the sound. Without --render that is the gap that the motion asks for; with it, one frame of the video
becomes the photo, every peer's motion goes through our renderer (a peer's jaw, our head), and the gap is followed in
the frames as in the real ones. --spoil adds noise 10 dB below the speech, or sends it through a telephone, before
anyone listens. Printed:

r          Pearson's correlation of the two gaps at no delay; 1 is perfect
best r     the same at the delay that fits best, within 0.4 s
lag ms     that delay, positive where the lips are late
amplitude  how much the gap varies, as a ratio to the real one
jitter     mean of the second differences of the gap, as a ratio to the real one's
"""

import argparse
import sys
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np

from bench.clips import FPS, SPOILS, Clip, Series, follow, open_clip, videos_in
from bench.peers import Finder, Missing, Peer, headaudio, rhubarb, sphinx
from bench.peers.loudness import LOUDNESS
from bench.peers.mel import MelLinear
from bench.peers.opening import gap_of
from bench.peers.program import ProgramFailed
from engine.motion import MotionTrack, animate
from engine.renderer import Rig

FINDERS: tuple[Finder, ...] = (sphinx.find, rhubarb.find, headaudio.find)
LONGEST_LAG = 10  # frames
COLUMNS = ("r", "best r", "lag ms", "amplitude", "jitter")


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one clip; see the head of this file."""

    r: float
    best_r: float
    lag_ms: float
    amplitude: float
    jitter: float


def score(real: Series, made: Series) -> Score:
    """Compare two gaps (n,) at FPS. A mouth that never moves has no correlation: 0."""
    size = min(len(real), len(made))
    real, made = real[:size], made[:size]
    inner = slice(LONGEST_LAG, -LONGEST_LAG)
    lags = range(-LONGEST_LAG, LONGEST_LAG + 1)
    fits = [_correlation(real[inner], np.roll(made, -lag)[inner]) for lag in lags]
    return Score(
        r=fits[LONGEST_LAG],
        best_r=max(fits),
        lag_ms=lags[int(np.argmax(fits))] * 1000 / FPS,
        amplitude=float(made.std() / real.std()),
        jitter=float(np.abs(np.diff(made, 2)).mean() / np.abs(np.diff(real, 2)).mean()),
    )


def _correlation(one: Series, other: Series) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if min(one.std(), other.std()) > 1e-9 else 0.0


def gap_made(peer: Peer, clip: Clip, rig: Rig | None, ours: MotionTrack) -> Series:
    """Return the gap (n,) that a peer makes: in rendered frames where there is a rig, else as its motion asks."""
    motion = peer.motion(clip)
    if rig is None:
        return gap_of(motion.weights)
    size = min(len(motion), len(ours))
    return follow(rig.frames(replace(motion, weights=motion.weights[:size], head=ours.head[:size])))


def compare(clips: list[Clip], peers: list[Peer], render: bool) -> dict[str, list[Score]]:
    """Return every peer's scores, one a clip; a program that fails on a clip is named and left out."""
    scores: dict[str, list[Score]] = {peer.name: [] for peer in peers}
    for number, clip in enumerate(clips, start=1):
        say(f"{number} of {len(clips)}: {clip.name}")
        rig = clip.rig() if render else None
        ours = our_motion(clip)
        for peer in [peer for peer in peers if peer.name in scores]:
            try:
                scores[peer.name].append(score(clip.real, gap_made(peer, clip, rig, ours)))
            except ProgramFailed as error:
                del scores[peer.name]
                say(f"{peer.name} is left out: it failed on {clip.name} ({error})")
    return scores


def our_motion(clip: Clip) -> MotionTrack:
    """What a user gets who uploads the clip's sound."""
    return animate(clip.speech, fps=FPS)


def find_peers(clips: list[Clip], folder: Path) -> list[Peer]:
    """Return what there is to compare, ours first; says what is missing."""
    found = [find(folder) for find in FINDERS]
    for one in found:
        if isinstance(one, Missing):
            say(str(one))
    own = [Peer("ours", our_motion), LOUDNESS]
    if len(clips) > 1:
        own.append(Peer("mel, linear", MelLinear(clips).motion))
    else:
        say("mel, linear is skipped: it learns from the other clips, and there are none")
    return own + [one for one in found if isinstance(one, Peer)]


def say(line: str) -> None:
    """Tell whoever waits; the tables alone go to the standard output."""
    print(line, file=sys.stderr, flush=True)


def print_tables(clips: list[Clip], scores: dict[str, list[Score]]) -> None:
    """Print the means, then r clip by clip."""
    print(f"| {' | '.join(('means', *COLUMNS))} |\n|---{'|---:' * len(COLUMNS)}|")
    for name, rows in scores.items():
        r, best_r, lag_ms, amplitude, jitter = np.mean([astuple(row) for row in rows], axis=0)
        print(f"| {name} | {r:.2f} | {best_r:.2f} | {lag_ms:+.0f} | {amplitude:.2f} | {jitter:.2f} |")
    print(f"\n| {' | '.join(('r', *scores))} |\n|---{'|---:' * len(scores)}|")
    for clip, *rows in zip(clips, *scores.values(), strict=True):
        print(f"| {clip.name} | " + " | ".join(f"{row.r:.2f}" for row in rows) + " |")


def main() -> None:
    """Open the clips, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--render", action="store_true", help="end to end: photo, sound, video, lips")
    parser.add_argument("--spoil", choices=list(SPOILS), default="", help="what happens to the sound first")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each clip, at most")
    parser.add_argument("--tables", type=Path, help="written by training.mouth.track: saves following the real lips")
    parser.add_argument("--peers", type=Path, default=Path("var/peers"), help="where other programs are installed")
    options = parser.parse_args()
    videos = videos_in(options.folder)
    say(f"following the lips in {len(videos)} videos")
    clips = [open_clip(video, options.seconds, options.tables, options.spoil) for video in videos]
    print_tables(clips, compare(clips, find_peers(clips, options.peers), options.render))


if __name__ == "__main__":
    main()
