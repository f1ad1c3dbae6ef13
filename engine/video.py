"""Frames and speech to an MP4 that plays everywhere, as a stream."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

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
    speech: Speech,
    out: BinaryIO,
    *,
    fps: float,
    size_px: tuple[int, int],
    film: Film | None = None,
) -> int:
    """Encode uint8 frames and the speech; return the number of frames. Raises EncoderFailed.

    film: None is H.264 + AAC in MP4, which takes (h, w, 3) RGB. size_px is width and height, both even. Frames are
    taken one at a time and not kept. Picture and sound both start at 0. The index of an MP4 or MOV stands at the
    front (faststart), so that the video plays while it loads.
    """
    film = film or H264
    with tempfile.TemporaryDirectory(prefix="talkingphotos-") as folder:
        path = Path(folder) / f"video.{film.container}"  # faststart rewrites the file, which needs a real one
        try:
            count = _encode(path, frames, speech, fps, size_px, film)
        except av.FFmpegError as error:
            raise EncoderFailed(f"FFmpeg could not write the video: {error}") from error
        with path.open("rb") as source:
            shutil.copyfileobj(source, out, 1024 * 1024)
    return count


def poster(frame: Frame) -> bytes:
    """Return an (h, w, 3) RGB frame, or an (h, w, 4) RGBA one on white, as a JPEG file."""
    if frame.shape[2] == 4:
        opacity = frame[..., 3:].astype(np.float32) / 255
        frame = np.rint(frame[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=POSTER_QUALITY, optimize=True)
    return file.getvalue()


def _encode(
    path: Path, frames: Iterable[Frame], speech: Speech, fps: float, size_px: tuple[int, int], film: Film
) -> int:
    rate = Fraction(fps).limit_denominator(1001)
    faststart = {"movflags": "+faststart"} if film.container in ("mp4", "mov") else {}
    with av.open(str(path), "w", format=film.container, options=faststart) as container:
        video = film.add_stream(container, rate, size_px)
        audio = container.add_stream(film.sound, rate=VIDEO_RATE, layout="mono", bit_rate=128_000)
        assert isinstance(audio, AudioStream)  # by its codec
        sound = _sound(speech, film.sound_block)
        ahead = 0.0
        count = 0
        for count, pixels in enumerate(frames, start=1):
            container.mux(video.encode(film.picture(pixels, count - 1, rate)))
            while ahead < count / fps + AUDIO_AHEAD_S and (block := next(sound, None)) is not None:
                ahead += film.sound_block / VIDEO_RATE
                container.mux(audio.encode(block))
        for block in sound:
            container.mux(audio.encode(block))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return count


def _video_stream(container: OutputContainer, rate: Fraction, size_px: tuple[int, int]) -> VideoStream:
    options = {
        "preset": "veryfast",
        "crf": "18",  # visually the photo itself; see docs/benchmarks.md for size and speed
        "profile": "high",
        "g": str(round(rate * Fraction(KEYFRAME_S))),
    }
    stream = container.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height = size_px
    stream.pix_fmt = "yuv420p"
    stream.time_base = 1 / rate
    context = stream.codec_context
    # FFmpeg would cut each frame into slices and wait for them; so frames are encoded while the next are drawn:
    # 10 s of 1080x1080 took 4.1 s instead of 6.0 on two cores.
    context.thread_type, context.thread_count = "FRAME", 0
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
