"""A voice's sample: what people hear before they choose it."""

import io
from fractions import Fraction

import av
import numpy as np

from engine.speech import speak
from engine.speech.types import VIDEO_RATE, Speech

SAMPLE_TEXT = "Hello! This is my voice. Give me a photo, and I will let it speak for you."


def make_sample(engine_voice: str) -> bytes:
    """Return SAMPLE_TEXT spoken by this voice of the engine, as M4A (AAC, mono, 48 kHz).

    Raises the engine's UnknownVoice.
    """
    return _encode_m4a(speak(SAMPLE_TEXT, engine_voice))


def _encode_m4a(speech: Speech) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="ipod") as container:  # FFmpeg's name for M4A
        stream = container.add_stream("aac", rate=VIDEO_RATE, layout="mono", bit_rate=96_000)
        samples = av.AudioFrame.from_ndarray(np.ascontiguousarray(speech.video[None, :]), format="fltp", layout="mono")
        samples.sample_rate, samples.time_base, samples.pts = VIDEO_RATE, Fraction(1, VIDEO_RATE), 0
        for packet in [*stream.encode(samples), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()
