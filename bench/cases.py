"""What the benchmarks render: one public-domain photo at any size, one speech of any length, as text or as sound."""

import io
import math
import wave
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from engine.speech import speak
from engine.speech.types import ANALYSIS_RATE, VIDEO_RATE, Speech

TEXT = (
    "Hello! This is a photo that has learned to speak. Every morning I read the news aloud, and the people who pass "
    "by stop for a moment, smile, and wonder how a still picture found its voice and so much to talk about."
)

FACE = np.s_[52:202, 150:300]  # of the astronaut: the face and nothing else


@cache
def photo(side_px: int) -> bytes:
    """Return the astronaut of scikit-image (NASA, public domain) as a square JPEG."""
    return _square(data.astronaut(), side_px)


@cache
def close_up(side_px: int) -> bytes:
    """Return the astronaut's face as a square JPEG that it fills."""
    return _square(data.astronaut()[FACE], side_px)


def _square(rgb: NDArray[np.uint8], side_px: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(cv2.resize(rgb, (side_px, side_px), interpolation=cv2.INTER_CUBIC)).save(file, "JPEG", quality=95)
    return file.getvalue()


def speak_for(duration_s: float) -> Speech:
    """Return TEXT, spoken by the default voice, repeated and cut to the length, with its phonemes."""
    once = speak(TEXT)
    length_s = once.duration_s
    times = math.ceil(duration_s / length_s)
    phones = tuple(
        replace(phone, start_s=phone.start_s + lap * length_s, end_s=phone.end_s + lap * length_s)
        for lap in range(times)
        for phone in once.phones
        if phone.end_s + lap * length_s <= duration_s
    )
    return replace(
        once,
        analysis=np.tile(once.analysis, times)[: round(duration_s * ANALYSIS_RATE)],
        video=np.tile(once.video, times)[: round(duration_s * VIDEO_RATE)],
        phones=phones,
    )


spoken = cache(speak_for)


@cache
def recording(duration_s: float) -> bytes:
    """Return the same speech as a WAV file, which tells nothing of its phonemes."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(VIDEO_RATE)
        out.writeframes((spoken(duration_s).video * 32767).astype("<i2").tobytes())
    return file.getvalue()
