"""Where a frame's time goes, stage by stage, as Markdown.

    python -m bench.frame [--seconds 8] [--sides 512 1080] [--photo FILE …]

One thread, head motion on, before encoding. Ratios are to one plain cv2.remap of the whole frame in the same run.
"""

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.cases import close_up, photo, spoken
from engine import Options
from engine.matte import part
from engine.motion import animate
from engine.pipeline import look
from engine.renderer import Rig, build_rig, canvas, light, lips, rig, source, warp
from engine.renderer.cutout import ORIGINAL

REST = "the rest"

# What is timed: an attribute of a class or module, and the stage that its own time, without that of the stages
# that it calls, counts for.
STAGES: tuple[tuple[Any, str, str], ...] = (
    (rig.Rig, "command", "amounts"),
    (rig.Rig, "_turned", "head: where the frame comes from"),
    (rig.Rig, "_sources", "face: where both layers come from"),
    (lips.Lips, "joined", "join the layers"),
    (warp.Grid, "enlarge", "enlarge the maps"),
    (source.Source, "draw", "sample the photo"),
    (lips.Lips, "draw", "lips"),
    (lips.Lips, "_inside", "inside of the mouth"),
    (light.Light, "dim", "light on the skin"),
    (rig.Rig, "_look", "eyes"),
    (rig.Rig, "_close", "lids"),
    (canvas.Canvas, "finish", "person over background"),
)


class Watch:
    """Adds up the own time of each stage: milliseconds of this process' CPU, a frame at a time."""

    def __init__(self) -> None:
        self.frames_ms: list[dict[str, float]] = []
        self._open: list[str] = []
        self._since = 0.0

    def frame(self, draw: Callable[[], Any]) -> None:
        """Time one frame."""
        self.frames_ms.append(defaultdict(float))
        self.within(REST, draw)

    def within(self, stage: str, work: Callable[[], Any]) -> Any:
        """Do some work whose own time belongs to a stage."""
        self._book()
        self._open.append(stage)
        try:
            return work()
        finally:
            self._book()
            self._open.pop()

    def _book(self) -> None:
        now = time.process_time()
        if self._open:
            self.frames_ms[-1][self._open[-1]] += 1e3 * (now - self._since)
        self._since = time.process_time()


@contextmanager
def watched() -> Iterator[Watch]:
    """Put a watch on every stage while inside."""
    watch = Watch()
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in STAGES]
    try:
        for owner, name, stage in STAGES:
            setattr(owner, name, _timed(watch, stage, getattr(owner, name)))
        yield watch
    finally:
        for owner, name, original in kept:
            setattr(owner, name, original)


def _timed(watch: Watch, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def run(*args: Any, **options: Any) -> Any:
        return watch.within(stage, partial(work, *args, **options))

    return run


def stages_ms(made: Rig, seconds: float) -> dict[str, float]:
    """Median milliseconds of each stage, of the whole frame, and of a plain cv2.remap."""
    motion = animate(spoken(seconds), fps=25.0)
    bare = [_remap_ms(made.source.person) for _ in range(8)]
    plain = []
    frames = made.frames(motion)
    for _ in range(len(motion)):  # without the watch: its own cost is a tenth of a small frame
        began = time.process_time()
        next(frames)
        plain.append(1e3 * (time.process_time() - began))
    with watched() as watch:
        frames = made.frames(motion)
        for _ in range(len(motion)):
            watch.frame(partial(next, frames))
    bare += [_remap_ms(made.source.person) for _ in range(8)]
    names = dict.fromkeys([stage for _, _, stage in STAGES] + [REST])
    means = {name: statistics.fmean(frame.get(name, 0.0) for frame in watch.frames_ms) for name in names}
    return {**means, "frame": statistics.median(plain), "remap": statistics.median(bare)}


def _remap_ms(rgb: NDArray[np.uint8]) -> float:
    y, x = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    began = time.process_time()
    cv2.remap(rgb, x + np.float32(0.3), y, interpolation=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return 1e3 * (time.process_time() - began)


def _rig(file: bytes, side_px: int) -> tuple[str, Rig]:
    picture, face = look(file, Options(resolution=side_px))
    width, height = picture.size_px
    cutout = part(picture, face, ORIGINAL)
    title = f"{width}×{height}, face {face.height_px:.0f} px{'' if cutout else ', one layer'}"
    return title, build_rig(picture.rgb, face, cutout)


def main() -> None:
    """Print one column a photo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--sides", type=int, nargs="+", default=[512, 1080])
    parser.add_argument("--photo", type=Path, nargs="*", default=[], help="more photos, at each size")
    args = parser.parse_args()
    columns = {}
    for side in args.sides:
        for file in (photo(side), close_up(side), *(path.read_bytes() for path in args.photo)):
            title, made = _rig(file, side)
            columns[title] = stages_ms(made, args.seconds)
    print(f"| ms of one thread | {' | '.join(columns)} |")
    print(f"| --- |{' ---: |' * len(columns)}")
    for name in next(iter(columns.values())):
        cells = (f"{ms[name]:.2f} ({ms[name] / ms['remap']:.2f})" for ms in columns.values())
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
