"""Videos of talking people: their sound, what their lips did, and a photo of each that can be made to talk."""

import io
import wave
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from engine.face import find_faces
from engine.renderer import Rig, build_rig
from engine.speech import Speech, open_speech
from engine.speech.types import ANALYSIS_RATE, VIDEO_RATE
from training.mouth.augment import telephone, with_noise
from training.mouth.track import faces_in, measure

Series = NDArray[np.float64]
Picture = NDArray[np.uint8]

FPS = 25.0
VIDEOS = {".mp4", ".mkv", ".mov", ".webm"}
NOISE_DB = 10.0  # that the speech is above the noise: a street, a fan nearby
SPOILS: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "noise": lambda samples: with_noise(samples, np.random.default_rng(0), NOISE_DB),
    "telephone": telephone,
}
REST_FRAMES = 50  # the photo is the frame among these in which the lips are closest


@dataclass(frozen=True, slots=True)
class Clip:
    """A talking person. real: (n,) the gap between the lips at FPS, in face heights."""

    video: Path
    speech: Speech
    real: Series

    @property
    def name(self) -> str:
        """The file's name, without its end."""
        return self.video.stem

    def rig(self) -> Rig:
        """Return the frame near the start in which the lips are closest, as a photo that can move."""
        frames = list(islice(_pictures(self.video, np.inf), REST_FRAMES))
        gaps = measure(faces_in(frames))[0]
        photo = frames[int(np.nanargmin(gaps))]
        return build_rig(photo, find_faces(photo)[0])


def videos_in(folder: Path) -> list[Path]:
    """Return the folder's videos by name. Raises ValueError where there is none."""
    found = sorted(path for path in folder.iterdir() if path.suffix in VIDEOS)
    if not found:
        raise ValueError(f"{folder}: no {', '.join(sorted(VIDEOS))} in it")
    return found


def open_clip(video: Path, seconds: float, tables: Path | None = None, spoil: str = "") -> Clip:
    """Read a video and the NAME.wav beside it, and follow its lips, or read what training.mouth.track wrote of them.

    spoil: one of SPOILS, what happens to the sound before anyone listens.
    """
    beside = video.with_suffix(".wav")
    whole = open_speech((beside if beside.exists() else video).read_bytes())
    speech = Speech(whole.analysis[: round(seconds * ANALYSIS_RATE)], whole.video[: round(seconds * VIDEO_RATE)])
    if spoil:
        speech = open_speech(wav(SPOILS[spoil](speech.analysis)))
    table = tables / f"{video.stem}.npz" if tables else None
    if table and table.exists():
        with np.load(table) as known:
            gap, fps = np.where(known["present"], known["opening"], np.nan), float(known["fps"])
        return Clip(video, speech, _at_fps(gap, fps)[: round(seconds * FPS)])
    with av.open(str(video)) as container:
        fps = float(container.streams.video[0].average_rate or FPS)
    return Clip(video, speech, follow(_pictures(video, seconds), fps))


def wav(samples: NDArray[np.float32]) -> bytes:
    """The bytes of a WAV file with one channel (n,) at ANALYSIS_RATE."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(ANALYSIS_RATE)
        file.writeframes(pcm(samples))
    return data.getvalue()


def pcm(samples: NDArray[np.float32]) -> bytes:
    """Samples (n,) in -1..1 as 16-bit numbers."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def follow(frames: Iterable[Picture], fps: float = FPS, out_fps: float = FPS) -> Series:
    """Return the gap between the lips (n,) at `out_fps`, in face heights."""
    return _at_fps(measure(faces_in(frames))[0], fps, out_fps)


def _at_fps(gap: Series, fps: float, out_fps: float = FPS) -> Series:
    seen = np.isfinite(gap)
    at = np.arange(int(np.ceil(len(gap) / fps * out_fps - 1e-6))) / out_fps
    return np.asarray(np.interp(at, np.flatnonzero(seen) / fps, gap[seen]))


def _pictures(video: Path, seconds: float) -> Iterator[Picture]:
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= seconds:
                return
            yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
