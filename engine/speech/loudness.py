"""Loudness by EBU R128 (ITU-R BS.1770): measure, and bring speech to the level of web video.

One linear gain for the whole speech, then a look-ahead limiter for the few peaks that the gain lifts too high:
dynamics within the speech stay as the speaker made them.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from engine.errors import AudioSilent
from engine.speech.resample import fill, mono_frames

TARGET_LUFS = -16.0
TOLERANCE_LU = 0.2  # another round of gain pays off above this; viewers notice about 1 LU
MAX_ROUNDS = 4  # a click on a whisper cannot reach the target, whatever the gain
CEILING_DBTP = -2.0  # AAC encoding adds up to about 0.5 dB; the video must stay below -1.5
SILENT_LUFS = -60.0  # loudest 400 ms; whispers on poor phones reach -50, 8-bit noise and mains hum stay below -60
SHORTEST_S = 3.0  # the measure needs several blocks of 400 ms; shorter sounds are measured as a loop
OVERSAMPLED_HZ = 96_000  # shows peaks between samples to 0.1 dB; 192 kHz took twice the time for the rest


def normalise(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return (n,) samples at TARGET_LUFS with true peaks below CEILING_DBTP; length and timing are kept.

    Raises AudioSilent when there is nothing to hear.
    """
    require_audible(samples, rate)
    gain_db = TARGET_LUFS - _integrated_lufs(samples, rate)
    if _has_room_for(samples, rate, gain_db):
        return (samples * np.float32(10 ** (gain_db / 20))).astype(np.float32, copy=False)
    for _ in range(MAX_ROUNDS):
        limited = _limited(samples, rate, gain_db)
        lost_lu = TARGET_LUFS - _integrated_lufs(limited, rate)  # the limiter took it with the peaks
        if lost_lu <= TOLERANCE_LU:
            break
        gain_db += lost_lu
    return limited


def require_audible(samples: NDArray[np.float32], rate: int) -> None:
    """Raise AudioSilent when no 400 ms of (n,) mono samples are loud enough; quick where the sound starts early."""
    loudest_lufs = -np.inf
    for block in _blocks(samples, rate, "metadata=1"):
        loudest_lufs = max(loudest_lufs, _number(block, "lavfi.r128.M"))
        if loudest_lufs >= SILENT_LUFS:
            return
    raise AudioSilent(
        f"the loudest moment is at {loudest_lufs:.0f} LUFS, {SILENT_LUFS:g} is needed",
        loudest_lufs=round(max(loudest_lufs, -120.0), 1),  # JSON knows no infinity
        minimum_lufs=SILENT_LUFS,
    )


def _integrated_lufs(samples: NDArray[np.float32], rate: int) -> float:
    """Of (n,) mono samples as one channel, gated over all of them."""
    *_, last = _blocks(samples, rate, "metadata=1")
    return _number(last, "lavfi.r128.I")


def _has_room_for(samples: NDArray[np.float32], rate: int, gain_db: float) -> bool:
    """Whether the peaks stay below the ceiling; those between samples take long, and are looked for last."""
    loudest = float(max(samples.max(), -samples.min()))
    if 20 * np.log10(loudest) + gain_db > CEILING_DBTP:
        return False
    return _true_peak_dbtp(samples, rate) + gain_db <= CEILING_DBTP


def _true_peak_dbtp(samples: NDArray[np.float32], rate: int) -> float:
    *_, last = _blocks(samples, rate, "peak=true:metadata=1")
    return 20 * float(np.log10(_number(last, "lavfi.r128.true_peak")))


def _blocks(samples: NDArray[np.float32], rate: int, options: str) -> Iterator[dict[str, str]]:
    """Yield what FFmpeg's meter says after each 100 ms."""
    if len(samples) < SHORTEST_S * rate:
        samples = np.tile(samples, int(np.ceil(SHORTEST_S * rate / max(1, len(samples)))))
    whole_blocks = np.pad(samples, (0, -len(samples) % (rate // 10)))  # the meter passes over a part of a block
    for frame in _filtered(whole_blocks, rate, ("ebur128", options)):
        yield frame.metadata


def _number(metadata: dict[str, str], key: str) -> float:
    value = float(metadata.get(key, "nan"))
    return value if np.isfinite(value) else -np.inf


def _limited(samples: NDArray[np.float32], rate: int, gain_db: float) -> NDArray[np.float32]:
    limited = np.zeros_like(samples)
    filled = 0
    # level=0: no make-up gain; latency=1: the look-ahead does not delay the sound
    limiter = f"limit={10 ** (CEILING_DBTP / 20)}:attack=5:release=50:level=0:latency=1"
    for frame in _filtered(
        samples,
        rate,
        ("volume", f"{gain_db}dB"),
        ("aresample", str(OVERSAMPLED_HZ)),
        ("alimiter", limiter),
        ("aresample", str(rate)),
        ("aformat", "sample_fmts=flt"),
    ):
        filled = fill(limited, filled, frame)
    return limited


def _filtered(samples: NDArray[np.float32], rate: int, *filters: tuple[str, str]) -> Iterator[AudioFrame]:
    """Yield the frames that a chain of FFmpeg filters makes of mono samples."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout="mono", time_base=Fraction(1, rate))
    chain = [source, *(graph.add(name, options) for name, options in filters), graph.add("abuffersink")]
    for before, after in pairwise(chain):
        before.link_to(after)
    graph.configure()
    for frame in (*mono_frames(samples, rate), None):
        graph.push(frame)
        yield from _available(graph)


def _available(graph: av.filter.Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)  # what an audio graph gives
        yield frame
