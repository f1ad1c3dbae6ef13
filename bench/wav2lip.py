"""What stands around a Wav2Lip network: the original program's steps against ours, as Markdown.

    python -m bench.wav2lip [--seconds 8] [--runs 5]

Milliseconds of one core, in turn within one run, without the network itself. The original pastes a rectangle on a frame
that stands still; ours brings the colours together, follows the head and keeps the photo's detail.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.cases import close_up, photo, spoken
from bench.peers.wav2lip import Original
from engine import Options
from engine.face.types import Face
from engine.motion import animate
from engine.pipeline import look
from engine.renderer import Rig, build_rig
from engine.speech.types import Speech
from engine.wav2lip.crop import cut_face
from engine.wav2lip.generator import without_mouth
from engine.wav2lip.mel import _filters, chunks, mel_spectrogram

FPS = 25.0
CASES = (
    ("512×512", photo(512), 96),
    ("512×512, face fills it", close_up(512), 96),
    ("1080×1080, face fills it", close_up(1080), 256),
)


Step = Callable[[], object]
LIFE = "head, eyes and brows"  # which the original does not move


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.wav2lip", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print("| video, face of the network | step | original, ms a frame | ours | original / ours |")
    print("| --- | --- | ---: | ---: | ---: |")
    for title, picture, size_px in CASES:
        rows = _measured(picture, size_px, args.seconds, args.runs)
        life = rows.pop(LIFE)[1]
        rows["all of it"] = tuple(map(sum, zip(*rows.values(), strict=True)))
        for step, (theirs, ours) in rows.items():
            print(f"| {title}, {size_px} px | {step} | {theirs:.2f} | {ours:.2f} | {theirs / ours:.2f} |")
        print(f"| {title}, {size_px} px | {LIFE} | – | {life:.2f} | |")


def _measured(picture: bytes, size_px: int, seconds: float, runs: int) -> dict[str, tuple[float, ...]]:
    """Milliseconds a frame of each step: theirs and ours."""
    opened, face = look(picture, Options())
    rig, speech = build_rig(opened.rgb, face), spoken(seconds)
    motion = without_mouth(animate(speech, fps=FPS))
    left, top, width, height = (round(value) for value in face.box_px)
    box = (max(top, 0), top + height + 10, max(left, 0), left + width)
    original = Original(opened.rgb[..., ::-1].copy(), box, size_px, _filters())
    generated = np.random.default_rng(0).random((3, size_px, size_px), np.float32)
    crop = cut_face(rig, face, size_px)
    frame = opened.rgb.copy()
    heard = original.heard(speech.analysis, FPS)

    def add() -> None:
        for head in motion.head:
            crop.add(frame, rig, head, crop.change(generated))

    def paste() -> None:
        for _ in motion.head:
            original.pasted(generated, frame)

    steps: dict[str, tuple[Step, ...]] = {
        "sound to mel chunks": (partial(original.heard, speech.analysis, FPS), lambda: _hear(speech, len(motion))),
        "before the network": (lambda: list(original.asked(heard)), lambda: _ask(rig, face, size_px, heard)),
        "after the network": (paste, add),
        LIFE: (lambda: None, lambda: sum(1 for _ in rig.frames(motion))),
    }
    times = {name: [[_cpu_ms(step) for step in pair] for _ in range(runs)] for name, pair in steps.items()}
    return {
        name: tuple(statistics.median(column) / len(motion) for column in zip(*rows, strict=True))
        for name, rows in times.items()
    }


def _hear(speech: Speech, count: int) -> list[NDArray[np.float32]]:
    return list(chunks(mel_spectrogram(speech.analysis), count, FPS))


def _ask(rig: Rig, face: Face, size_px: int, heard: list[NDArray[np.float32]]) -> None:
    inputs = cut_face(rig, face, size_px).inputs
    faces = np.repeat(inputs[None], 8, axis=0)
    for start in range(0, len(heard), 8):
        _ = np.stack(heard[start : start + 8])[:, None].astype(np.float32), faces


def _cpu_ms(step: Step) -> float:
    began = time.process_time()
    step()
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
