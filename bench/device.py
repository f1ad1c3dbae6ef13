"""OpenCV against the recorded graph, on a GPU where one is live, else on the CPU: frames a second, as Markdown.

    python -m bench.device [--sides 512 1080 2160] [--frames 200] [--cpu]

Drawing alone, without encoding; the GPU's frames are counted once they lie in the CPU's memory.
"""

import argparse
import time
from collections.abc import Iterable, Iterator
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from bench.cases import photo, spoken
from engine import Options
from engine.motion import animate
from engine.pipeline import look
from engine.renderer import Rig, build_rig
from engine.renderer.canvas import Canvas
from engine.renderer.device import open_device
from engine.renderer.rig import Command
from engine.sessions import CPU, CUDA, live_providers

Frame = NDArray[np.uint8]


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[512, 1080, 2160])
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--cpu", action="store_true", help="the graph on the CPU, also where there is a GPU")
    args = parser.parse_args()
    provider = CPU if args.cpu else live_providers()[0]
    print(f"| size | OpenCV, one thread | the graph, {provider} | graph / OpenCV | most that a channel differs |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for side in args.sides:
        picture, face = look(photo(side), Options(resolution=side))
        print(_line(side, build_rig(picture.rgb, face), args.frames, provider), flush=True)


def _line(side: int, rig: Rig, count: int, provider: str) -> str:
    commands = _commands(rig)
    drawn, ours = _timed(_by_opencv(rig, islice(commands, count)), count)
    graph = open_device(provider)
    some = count if provider == CUDA else min(count, 8)
    list(graph.frames(rig, islice(_commands(rig), 2)))  # sessions choose their algorithms in the first batch
    again, theirs = _timed(graph.frames(rig, islice(_commands(rig), some)), some)
    apart = max(int(np.abs(one.astype(int) - other).max()) for one, other in zip(drawn, again, strict=False))
    return f"| {side}×{side} | {ours:.0f} | {theirs:.1f} | {theirs / ours:.3f} | {apart} |"


def _commands(rig: Rig) -> Iterator[Command]:
    motion = animate(spoken(8.0), fps=25.0)
    return cycle([rig.command(weights, head) for weights, head in zip(motion.weights, motion.head, strict=True)])


def _by_opencv(rig: Rig, commands: Iterable[Command]) -> Iterator[Frame]:
    canvas = Canvas(rig.source, rig.grid, rig.whole, rig.moving)
    for command in commands:
        rig.draw(canvas, command)
        yield canvas.finish()


def _timed(frames: Iterator[Frame], count: int) -> tuple[list[Frame], float]:
    """The first frames, and how many are drawn a second."""
    kept = []
    began = time.perf_counter()
    for index, frame in enumerate(frames):
        if index < 8:
            kept.append(frame.copy())
    return kept, count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
