"""What our frames and our encoder are held against, in the same run on the same machine.

Each function makes one video and returns frames a second of wall time.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import chain, cycle, islice
from pathlib import Path

import cv2
import numpy as np
from moviepy.video.io.ffmpeg_writer import FFMPEG_VideoWriter
from numpy.typing import NDArray

from engine.photo import open_photo
from engine.speech import Speech
from engine.video import write_video

Frame = NDArray[np.uint8]

FPS = 25.0
PHASES = 16  # of the bare loop's sway
HELD_FRAMES = 50  # of the writers' test: they are held in memory, so that making them costs nothing


def bare_remap_and_x264(photo: bytes, speech: Speech) -> float:
    """One cv2.remap of the whole photo a frame, and our encoder: the least that any warping renderer has to do."""
    rgb = open_photo(photo).rgb
    count = round(speech.duration_s * FPS)
    return _pyav(_swaying(rgb, count), count, speech, rgb)


def our_writer(frames: list[Frame], speech: Speech) -> float:
    """Ready frames through engine.video.write_video, sound included."""
    count = round(speech.duration_s * FPS)
    return _pyav(_there_and_back(frames, count), count, speech, frames[0])


def moviepys_writer(frames: list[Frame], speech: Speech) -> float:
    """The same frames through MoviePy's pipe to an FFmpeg program, with x264 set as ours is; without the sound."""
    count = round(speech.duration_s * FPS)
    height, width = frames[0].shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        writer = FFMPEG_VideoWriter(
            str(Path(folder) / "out.mp4"),
            (width, height),
            FPS,
            preset="veryfast",
            ffmpeg_params=["-crf", "18", "-profile:v", "high", "-g", "50", "-movflags", "+faststart"],
            pixel_format="yuv420p",
        )
        for frame in _there_and_back(frames, count):
            writer.write_frame(frame)
        writer.close()
        return count / (time.perf_counter() - began)


def _pyav(frames: Iterable[Frame], count: int, speech: Speech, first: Frame) -> float:
    height, width = first.shape[:2]
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        write_video(frames, speech, out, fps=FPS, size_px=(width, height))
        return count / (time.perf_counter() - began)


def _swaying(rgb: Frame, count: int) -> Iterator[Frame]:
    """Yield the photo swaying by a few pixels; the maps are made once, one a phase."""
    height, width = rgb.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    maps = [x + np.float32(shift) for shift in 3 * np.sin(np.arange(PHASES) * 2 * np.pi / PHASES)]
    for shifted in islice(cycle(maps), count):
        frame = cv2.remap(rgb, shifted, y, interpolation=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        yield frame.astype(np.uint8, copy=False)


def _there_and_back(frames: list[Frame], count: int) -> Iterator[Frame]:
    return islice(cycle(chain(frames, reversed(frames))), count)
