"""Sounds for tests, in any container, and a loudness meter of our own to check the engine's against."""

import io
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from engine.speech import Speech, speak

Samples = NDArray[np.floating]


@cache
def spoken(text: str, voice: str = "hibari-us") -> Speech:
    """A voice saying the text; the same for every test that asks."""
    return speak(text, voice)


def tone(duration_s: float, rate: int = 48_000, hz: float = 220.0, level: float = 0.1) -> Samples:
    """A steady tone (n,)."""
    return (level * np.sin(2 * np.pi * hz * np.arange(round(duration_s * rate)) / rate)).astype(np.float32)


def encoded(channels: Samples, rate: int, container: str = "wav", codec: str = "pcm_s16le") -> bytes:
    """The bytes of an audio file that holds (channels, n) or (n,) samples in -1..1."""
    planes = np.atleast_2d(channels).astype(np.float32)
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(planes)]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        _encode(output, stream, planes, rate, layout)
    return file.getvalue()


def _encode(output, stream, planes: Samples, rate: int, layout: str) -> None:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), format="fltp", layout=layout)
    frame.sample_rate = rate
    resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=stream.frame_size or 1024)
    for ready in (*resampler.resample(frame), *resampler.resample(None)):
        output.mux(stream.encode(ready))
    output.mux(stream.encode(None))


def film(sound: Samples, rate: int = 48_000) -> bytes:
    """An MP4 with a moving picture and a mono sound track."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        video = output.add_stream("libx264", rate=25)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        audio = output.add_stream("aac", rate=rate, layout="mono")
        for shade in range(round(len(sound) / rate * 25)):
            picture = np.full((64, 64, 3), shade % 256, np.uint8)
            output.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(video.encode(None))
        _encode(output, audio, np.atleast_2d(sound), rate, "mono")
    return file.getvalue()


def loudness_lufs(samples: Samples) -> float:
    """Integrated loudness of one channel at 48 kHz, after ITU-R BS.1770-4, by its published filter coefficients."""
    padded = np.fft.rfft(samples.astype(np.float64), len(samples) + 48_000)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(len(samples) + 48_000))
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    weighted = np.fft.irfft(padded * shelf * high_pass)[: len(samples)]
    blocks = [weighted[start : start + 19_200] for start in range(0, max(1, len(samples) - 19_199), 4_800)]
    powers = np.array([np.mean(block**2) for block in blocks])
    heard = powers[_lufs(powers) > -70]
    return float(_lufs(heard[_lufs(heard) > _lufs(heard.mean()) - 10].mean()))


def _lufs(power: Samples) -> Samples:
    return np.asarray(-0.691 + 10 * np.log10(power + 1e-20))


def true_peak_db(samples: Samples) -> float:
    """Highest point between and on the samples, in dB of full scale, found at eight times the rate."""
    spectrum = np.fft.rfft(samples.astype(np.float64))
    finer = np.fft.irfft(spectrum, 8 * len(samples)) * 8
    return float(20 * np.log10(np.abs(finer).max()))


def delay_s(later: Samples, earlier: Samples, rate: int) -> float:
    """By how many seconds `later` runs behind `earlier`: the peak of their cross-correlation."""
    size = len(later) + len(earlier)
    product = np.fft.irfft(np.fft.rfft(later, size) * np.conj(np.fft.rfft(earlier, size)), size)
    shift = int(np.argmax(product))
    return (shift if shift < size / 2 else shift - size) / rate
