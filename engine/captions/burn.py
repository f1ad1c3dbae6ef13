"""Captions as part of the picture: each cue's text is set by MoviePy once and laid over its frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.captions.cues import Cue

HEIGHT = 1 / 19  # font size in picture heights, as teletext and the BBC's guidelines have it
CHAR_WIDTH = 0.55  # of an average character in font sizes: a long line must fit a narrow picture
SAFE = 0.05  # share of the picture that stays free on every side (EBU R 95's graphics-safe area)
STROKE = 0.09  # black edge in font sizes: white text stays readable on white


@dataclass(frozen=True, slots=True)
class _Text:
    """A cue's text as pixels, (h, w, 3) float32 premultiplied and (h, w, 1) opacity 0..1, and where it stands."""

    colours: NDArray[np.float32]
    opacity: NDArray[np.float32]
    left: int
    top: int

    def over(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A copy of an RGB or RGBA frame with the text on it."""
        out = frame.copy()
        height, width = self.opacity.shape[:2]
        part = out[self.top : self.top + height, self.left : self.left + width]
        opacity = self.opacity[: part.shape[0], : part.shape[1]]
        colours = self.colours[: part.shape[0], : part.shape[1]]
        part[..., :3] = np.rint(part[..., :3] * (1 - opacity) + colours)
        if part.shape[2] == 4:
            part[..., 3:] = np.maximum(part[..., 3:], np.rint(255 * opacity))
        return out


def burn(
    frames: Iterator[NDArray[np.uint8]], cues: Sequence[Cue], size_px: tuple[int, int], fps: float, first: int = 0
) -> Iterator[NDArray[np.uint8]]:
    """Yield frames (h, w, 3 or 4) of a (width, height) video with the cues' text near their lower edge.

    first: the number of the first frame in the video.
    """
    waiting = iter(cues)
    cue = next(waiting, None)
    text: _Text | None = None
    for index, frame in enumerate(frames, start=first):
        now_s = index / fps
        while cue is not None and now_s >= cue.end_s:
            cue, text = next(waiting, None), None
        if cue is None or now_s < cue.start_s:
            yield frame
            continue
        text = text or _set(cue.text, size_px)
        yield text.over(frame)


def _set(text: str, size_px: tuple[int, int]) -> _Text:
    from moviepy import TextClip  # 0.3 s to import, and most videos have no captions

    width, height = size_px
    longest = max(len(line) for line in text.splitlines())
    size = max(8, round(min(HEIGHT * height, (1 - 2 * SAFE) * width / (CHAR_WIDTH * longest))))
    stroke = max(1, round(STROKE * size))
    clip = TextClip(
        text=text,
        font_size=size,
        color="white",
        stroke_color="black",
        stroke_width=stroke,
        text_align="center",
        margin=(stroke, stroke, stroke, round(0.3 * size)),  # descenders would be cut off
    )
    colours = clip.get_frame(0)
    opacity = np.asarray(clip.mask.get_frame(0), np.float32)[..., None]
    return _Text(
        colours=np.asarray(colours * opacity, np.float32),
        opacity=opacity,
        left=max(0, (width - opacity.shape[1]) // 2),
        top=max(0, round(height * (1 - SAFE)) - opacity.shape[0]),
    )
