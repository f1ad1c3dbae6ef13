"""Sample-rate conversion of mono sound by FFmpeg's resampler."""

from collections.abc import Iterator

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray


def resample(samples: NDArray[np.float32], rate: int, new_rate: int) -> NDArray[np.float32]:
    """Return (n,) mono float32 samples at `new_rate` Hz, without delay and of length round(n * new_rate / rate)."""
    if rate == new_rate:
        return samples
    converted = np.zeros(round(len(samples) * new_rate / rate), np.float32)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=new_rate)
    filled = 0
    for frame in (*mono_frames(samples, rate), None):
        for out in resampler.resample(frame):
            filled = fill(converted, filled, out)
    return converted


def mono_frames(samples: NDArray[np.float32], rate: int) -> Iterator[AudioFrame]:
    """Yield (n,) mono float32 samples as audio frames of up to one second."""
    for start in range(0, len(samples), rate):
        chunk = np.ascontiguousarray(samples[None, start : start + rate], np.float32)
        frame = AudioFrame.from_ndarray(chunk, format="flt", layout="mono")
        frame.sample_rate = rate
        frame.pts = start
        yield frame


def fill(target: NDArray[np.float32], start: int, frame: AudioFrame) -> int:
    """Copy a mono frame into `target` from `start` on, cut at its end; return the position after it."""
    chunk = frame.to_ndarray()[0][: max(0, len(target) - start)]
    target[start : start + len(chunk)] = chunk
    return start + len(chunk)
