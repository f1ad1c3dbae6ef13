"""Any audio that FFmpeg decodes -> Speech.

The sound keeps its length to the sample: nothing is trimmed or padded, so lips and sound stay together.
"""

import io
from collections.abc import Iterator
from itertools import chain, groupby
from typing import Any, NoReturn

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from engine.errors import AudioTooLong, AudioUnreadable
from engine.speech.loudness import normalise, require_audible
from engine.speech.resample import resample
from engine.speech.types import ANALYSIS_RATE, VIDEO_RATE, Speech, SpeechLimits
from engine.stopping import checkpoint

MAX_BROKEN_SHARE = 0.5  # of packets; in noise taken for MP3 nearly all fail, in a scratched recording a few


def open_speech(data: bytes, limits: SpeechLimits = SpeechLimits()) -> Speech:
    """Decode the first audio track of a file (audio or video, any rate and number of channels).

    Raises AudioUnreadable, AudioTooLong (from the header where it can be believed, else as soon as the decoded
    sound passes the limit) and AudioSilent.
    """
    return speech_from_samples(_decode(data, limits.max_duration_s), VIDEO_RATE)


def check_audio(data: bytes, limits: SpeechLimits = SpeechLimits()) -> float:
    """Return the seconds that it lasts; refuse what `open_speech` would, without preparing it: several times as fast.

    Raises AudioUnreadable, AudioTooLong, AudioSilent.
    """
    samples = _decode(data, limits.max_duration_s)
    require_audible(samples, VIDEO_RATE)
    return len(samples) / VIDEO_RATE


def speech_from_samples(samples: NDArray[np.float32], rate: int, **known: Any) -> Speech:
    """Return Speech of mono samples (n,) at `rate` Hz; `known` may hold phones, text and language.

    Raises AudioSilent.
    """
    video = normalise(resample(samples, rate, VIDEO_RATE), VIDEO_RATE)
    return Speech(analysis=resample(video, VIDEO_RATE, ANALYSIS_RATE), video=video, **known)


def _decode(data: bytes, max_duration_s: float) -> NDArray[np.float32]:
    if not data:
        raise AudioUnreadable("the audio file is empty", bytes=0)
    try:
        # A playlist could name files and hosts of ours, so that nothing but the bytes at hand may be opened.
        with av.open(io.BytesIO(data), mode="r", io_open=_refuse_to_open) as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise AudioUnreadable("the file holds no audio track", format=container.format.name)
            _refuse_long_header(container, stream, len(data), max_duration_s)
            # One block that grows: thousands of small arrays would leave the process as large as both together.
            sound = bytearray()
            for chunk in _mono_chunks(container, stream, max_duration_s):
                sound += chunk.tobytes()
    except (av.FFmpegError, OSError, ValueError) as error:
        raise AudioUnreadable(f"the audio cannot be decoded: {error}") from error
    if not sound:
        raise AudioUnreadable("the audio track is empty")
    return np.frombuffer(sound, np.float32)


def _refuse_to_open(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError(f"the file refers to another one: {url[:100]}")


def _refuse_long_header(container: InputContainer, stream: AudioStream, size_bytes: int, max_duration_s: float) -> None:
    """Raise AudioTooLong when the header says so and the file is large enough for it to be true.

    A WAV that was written to a pipe claims the longest duration that its header can hold.
    """
    if stream.duration is not None and stream.time_base is not None:
        claimed_s = float(stream.duration * stream.time_base)
    elif container.duration is not None:
        claimed_s = container.duration / av.time_base
    else:
        return
    implied_bytes = claimed_s * (stream.bit_rate or 0) / 8
    if claimed_s > max_duration_s and implied_bytes < 2 * size_bytes:
        _refuse_duration(claimed_s, max_duration_s)


def _refuse_duration(duration_s: float, max_duration_s: float) -> NoReturn:
    raise AudioTooLong(
        f"the audio lasts {duration_s:.0f} s or more, the limit is {max_duration_s:g} s",
        duration_s=round(duration_s, 2),
        max_duration_s=max_duration_s,
    )


def _mono_chunks(
    container: InputContainer, stream: AudioStream, max_duration_s: float
) -> Iterator[NDArray[np.float32]]:
    """Yield mono float32 at VIDEO_RATE; raise AudioTooLong as soon as the limit is passed."""
    samples = 0
    for chunk in _resampled(_frames(container, stream)):
        checkpoint()
        samples += len(chunk)
        if samples > max_duration_s * VIDEO_RATE:
            _refuse_duration(samples / VIDEO_RATE, max_duration_s)
        yield np.nan_to_num(chunk, nan=0.0, posinf=0.0, neginf=0.0)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Yield decoded frames, passing over a few broken packets as players do."""
    packets = broken = 0
    try:
        for packet in container.demux(stream):
            packets += 1
            try:
                yield from packet.decode()
            except av.FFmpegError:
                broken += 1
    except av.EOFError:
        pass  # some demuxers report the end of a cut file this way
    if broken > MAX_BROKEN_SHARE * packets:
        raise AudioUnreadable(f"{broken} of {packets} packets are broken", broken=broken, packets=packets)


def _resampled(frames: Iterator[AudioFrame]) -> Iterator[NDArray[np.float32]]:
    """Yield the frames as mono float32 at VIDEO_RATE, also where rate or layout change on the way."""
    for _, run in groupby(frames, key=lambda frame: (frame.format.name, frame.layout.name, frame.sample_rate)):
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=VIDEO_RATE)
        for frame in chain(run, [None]):
            if frame is not None:
                frame.pts = None  # timestamps with gaps would make the resampler drop samples
            yield from (out.to_ndarray()[0] for out in resampler.resample(frame))
