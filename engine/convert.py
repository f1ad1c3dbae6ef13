"""Other containers than MP4, by MoviePy. Sound and picture are encoded anew; timing is kept."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from proglog import ProgressBarLogger

from engine.errors import EncoderFailed
from engine.speech.types import VIDEO_RATE
from engine.stopping import checkpoint
from engine.transparency import PRORES, VP9
from engine.video import Film


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that a video can come in."""

    media_type: str  # as registered with IANA
    encoder: dict[str, Any] = field(default_factory=dict)  # what MoviePy's write_videofile wants to know
    transparency: Film | None = None  # how it holds frames with an opacity, if it can


FORMATS: dict[str, Format] = {
    "mp4": Format("video/mp4"),
    "webm": Format(
        "video/webm",
        {
            "codec": "libvpx-vp9",
            "audio_codec": "libopus",
            "audio_fps": VIDEO_RATE,  # Opus knows 48 kHz and its parts, not MoviePy's 44.1
            # Constant quality (-b:v 0), in the encoder's fast mode: 10 s of 512 x 512 took 1.6 s.
            "ffmpeg_params": ["-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-crf", "30", "-b:v", "0"],
        },
        transparency=VP9,
    ),
    "mov": Format(
        "video/quicktime",
        {"codec": "libx264", "preset": "veryfast", "audio_codec": "aac", "audio_fps": VIDEO_RATE},
        transparency=PRORES,
    ),
}


def write_converted(write_mp4: Callable[[BinaryIO], int], out: BinaryIO, output_format: str) -> int:
    """Let `write_mp4` write an MP4, then write it to `out` in the given format; return what `write_mp4` did.

    Nothing is written to `out` on an error. Raises EncoderFailed.
    """
    with tempfile.TemporaryDirectory(prefix="talkingphotos-") as folder:
        source, target = Path(folder) / "source.mp4", Path(folder) / f"target.{output_format}"
        with source.open("wb") as file:
            count = write_mp4(file)
        _convert(source, target, FORMATS[output_format])
        with target.open("rb") as file:
            shutil.copyfileobj(file, out, 1024 * 1024)
    return count


class _Asking(ProgressBarLogger):  # type: ignore[misc]  # proglog has no types
    """MoviePy tells it of every frame and every block of sound: the moment to ask whether to go on."""

    def bars_callback(self, bar: str, attr: str, value: Any, old_value: Any = None) -> None:
        """Ask."""
        checkpoint()


def _convert(source: Path, target: Path, wanted: Format) -> None:
    from moviepy import VideoFileClip  # 0.3 s to import, and most videos are MP4

    sound = str(target.with_name("sound.ogg" if target.suffix == ".webm" else "sound.m4a"))
    try:
        with VideoFileClip(str(source)) as clip:
            clip.write_videofile(str(target), logger=_Asking(), temp_audiofile=sound, **wanted.encoder)
    except OSError as error:  # MoviePy's word for whatever FFmpeg says
        raise EncoderFailed(f"FFmpeg could not write the {target.suffix} file: {error}") from error
