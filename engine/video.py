"""Frames and speech to an MP4 that plays everywhere, as a stream."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, repeat
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from engine.errors import EncoderFailed
from engine.sessions import cores
from engine.speech.types import VIDEO_RATE, Speech

AAC_FRAME = 1024  # samples; AAC encodes no other length
AUDIO_AHEAD_S = 0.5  # how far audio runs ahead of video in the file, so that players need not seek
KEYFRAME_S = 2.0  # how far a viewer who seeks may land from where they wanted
POSTER_QUALITY = 88

# Full-range RGB to limited-range YUV by BT.709 (its 3.2 to 3.5), each row with its offset.
RGB_TO_YUV = np.array(
    [
        [0.182586, 0.614231, 0.062007, 16],
        [-0.100644, -0.338572, 0.439216, 128],
        [0.439216, -0.398942, -0.040274, 128],
    ],
    np.float32,
)

Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Film:
    """How frames and sound become a file.

    container, sound: FFmpeg's names. sound_block: samples that the sound's encoder takes at once.
    add_stream: adds the stream of the picture for a frame rate and a size. picture: makes frame number n of them.
    """

    container: str
    sound: str
    sound_block: int
    add_stream: Callable[[OutputContainer, Fraction, tuple[int, int]], VideoStream]
    picture: Callable[[Frame, int, Fraction], av.VideoFrame]


def write_video(
    frames: Iterable[Frame],
    speech: Speech | None,
    out: BinaryIO,
    *,
    fps: float,
    size_px: tuple[int, int],
    film: Film | None = None,
) -> int:
    """Encode uint8 frames and the speech, if any; return the number of frames. Raises EncoderFailed.

    film: None is H.264 + AAC in MP4, which takes (h, w, 3) RGB. size_px is width and height, both even. Frames are
    taken one at a time and not kept. Picture and sound both start at 0. The index of an MP4 or MOV stands at the
    front (faststart), so that the video plays while it loads.
    """
    film = film or H264
    with film_file(film, out) as container:
        video = film.add_stream(container, frame_rate(fps), size_px)
        sound = iter(()) if speech is None else sound_packets(container, speech, film)
        return _encode(container, video, map(film.picture, frames, count(), repeat(frame_rate(fps))), sound, fps)


@contextmanager
def film_file(film: Film, out: BinaryIO) -> Iterator[OutputContainer]:
    """Give a container to write to; `out` gets the whole file at the end, and nothing on an error.

    Raises EncoderFailed for whatever FFmpeg says.
    """
    faststart = {"movflags": "+faststart"} if film.container in ("mp4", "mov") else {}
    with tempfile.TemporaryDirectory(prefix="talkingphotos-") as folder:
        path = Path(folder) / f"video.{film.container}"  # faststart rewrites the file, which needs a real one
        try:
            with av.open(str(path), "w", format=film.container, options=faststart) as container:
                yield container
        except av.FFmpegError as error:
            raise EncoderFailed(f"FFmpeg could not write the video: {error}") from error
        with path.open("rb") as source:
            shutil.copyfileobj(source, out, 1024 * 1024)


def sound_packets(
    container: OutputContainer, speech: Speech, film: Film
) -> Iterator[tuple[float, list["av.Packet[Any]"]]]:
    """Add the stream of the sound; yield its packets, each time with the seconds that are encoded by then."""
    stream = container.add_stream(film.sound, rate=VIDEO_RATE, layout="mono", bit_rate=128_000)
    assert isinstance(stream, AudioStream)  # by its codec
    return _encoded(stream, speech, film.sound_block)


def keyframe_interval(fps: float) -> int:
    """How many frames stand between one from which players can start and the next."""
    return round(fps * KEYFRAME_S)


def frame_rate(fps: float) -> Fraction:
    """The rate as files write it: 29.97 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001)


def poster(frame: Frame) -> bytes:
    """Return an (h, w, 3) RGB frame, or an (h, w, 4) RGBA one on white, as a JPEG file."""
    if frame.shape[2] == 4:
        opacity = frame[..., 3:].astype(np.float32) / 255
        frame = np.rint(frame[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=POSTER_QUALITY, optimize=True)
    return file.getvalue()


def _encode(
    container: OutputContainer,
    video: VideoStream,
    pictures: Iterable[av.VideoFrame],
    sound: Iterator[tuple[float, list["av.Packet[Any]"]]],
    fps: float,
) -> int:
    ahead_s = 0.0
    number = 0
    for number, picture in enumerate(pictures, start=1):
        container.mux(video.encode(picture))
        while ahead_s < number / fps + AUDIO_AHEAD_S and (encoded := next(sound, None)) is not None:
            ahead_s, packets = encoded
            container.mux(packets)
    for _, packets in sound:
        container.mux(packets)
    container.mux(video.encode(None))
    return number


def _encoded(stream: AudioStream, speech: Speech, block_length: int) -> Iterator[tuple[float, list["av.Packet[Any]"]]]:
    for number, block in enumerate(_sound(speech, block_length), start=1):
        yield number * block_length / VIDEO_RATE, stream.encode(block)
    yield speech.duration_s, stream.encode(None)


def _video_stream(container: OutputContainer, rate: Fraction, size_px: tuple[int, int]) -> VideoStream:
    options = {
        "preset": "veryfast",
        "crf": "18",  # visually the photo itself; see docs/benchmarks.md for size and speed
        "profile": "high",
        "g": str(keyframe_interval(float(rate))),
    }
    stream = container.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height = size_px
    stream.pix_fmt = "yuv420p"
    stream.time_base = 1 / rate
    context = stream.codec_context
    # FFmpeg would cut each frame into slices and wait for them; so frames are encoded while the next are drawn:
    # 10 s of 1080x1080 took 4.1 s instead of 6.0 on two cores.
    context.thread_type, context.thread_count = "FRAME", max(1, 3 * cores() // 2)  # the number is x264's own choice
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.colorspace = Colorspace.ITU709
    context.color_range = ColorRange.MPEG
    return stream


def _picture(pixels: Frame, index: int, rate: Fraction) -> av.VideoFrame:
    height, width = pixels.shape[:2]
    planes = np.empty((height * 3 // 2, width), np.uint8)
    # cv2.transform: 0.4 ms at 512x512 and 2.4 at 1080x1080, all in all; libswscale took 1.6 and 5.8
    yuv = cv2.transform(pixels, RGB_TO_YUV)
    cv2.extractChannel(yuv, 0, planes[:height])
    chroma = cv2.resize(yuv, (width // 2, height // 2), interpolation=cv2.INTER_AREA)[..., 1:]
    planes[height:] = np.ascontiguousarray(chroma.transpose(2, 0, 1)).reshape(height // 2, width)
    picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    picture.pts = index
    picture.time_base = 1 / rate
    return picture


def _sound(speech: Speech, block_length: int) -> Iterator[av.AudioFrame]:
    for start in range(0, len(speech.video), block_length):
        block = av.AudioFrame.from_ndarray(speech.video[None, start : start + block_length], "fltp", "mono")
        block.sample_rate = VIDEO_RATE
        block.pts = start
        block.time_base = Fraction(1, VIDEO_RATE)
        yield block


H264 = Film(container="mp4", sound="aac", sound_block=AAC_FRAME, add_stream=_video_stream, picture=_picture)
