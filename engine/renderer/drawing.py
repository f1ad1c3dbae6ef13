"""Frames drawn by several threads, each on a canvas of its own, and handed out in order.

OpenCV and NumPy let go of Python's lock while they work, so that two threads draw nearly twice as much as one.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from engine.renderer.canvas import Canvas
from engine.renderer.warp import Pixels
from engine.sessions import cores

if TYPE_CHECKING:
    from engine.renderer.rig import Command, Rig

THREADS = 4  # at most; the encoder and other workers want cores too
LARGE_PX = 4_000_000  # canvases of such frames take 60 MB and more each, so there are two


def draw_all(rig: "Rig", commands: "Iterable[Command]") -> Iterator[Pixels]:
    """Yield the frame of each command. An array is overwritten once the next frame is asked for."""
    height, width = rig.source.person.shape[:2]
    threads = min(THREADS, cores(), 2 if height * width > LARGE_PX else THREADS)
    pending = iter(commands)
    drawing: deque[tuple[Canvas, Future[Pixels]]] = deque()
    with ThreadPoolExecutor(threads, "draw") as pool:
        try:
            for _, command in zip(range(threads), pending, strict=False):
                canvas = rig.canvas()
                drawing.append((canvas, pool.submit(_draw, rig, canvas, command)))
            while drawing:
                canvas, drawn = drawing.popleft()
                yield drawn.result()
                following = next(pending, None)
                if following is not None:
                    drawing.append((canvas, pool.submit(_draw, rig, canvas, following)))
        finally:
            pool.shutdown(cancel_futures=True)


def _draw(rig: "Rig", canvas: Canvas, command: "Command") -> Pixels:
    rig.draw(canvas, command)
    return canvas.finish()
