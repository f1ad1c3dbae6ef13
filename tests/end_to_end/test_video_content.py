"""What is inside the video: decoded as a player would, and looked at with the face finder."""

import io
from dataclasses import dataclass

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.face import find_faces
from engine.speech import speak
from tests import factories
from tests.live import LiveService

RATE = 16_000
FPS = 20.0
PAUSE_S = 1.0
Said = tuple[NDArray[np.float32], list[tuple[float, float]]]  # samples at RATE; when the vowels are spoken
VOWELS = set("ɑaæɔoʊɪeɛʌiu")


@dataclass(frozen=True)
class Decoded:
    """frames: (n, h, w, 3) uint8. sound: (m,) float32 at RATE. starts_s: of picture and sound."""

    frames: list[NDArray[np.uint8]]
    sound: NDArray[np.float32]
    codecs: tuple[str, str]
    pixel_format: str
    fps: float
    duration_s: float
    starts_s: tuple[float, float]


def decode(mp4: bytes) -> Decoded:
    with av.open(io.BytesIO(mp4)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert len(container.streams) == 2
        frames = list(container.decode(picture))
        container.seek(0)
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        decoded = [*container.decode(sound), None]
        samples = [out.to_ndarray()[0] for frame in decoded for out in resampler.resample(frame)]
        assert container.duration is not None
        return Decoded(
            frames=[frame.to_ndarray(format="rgb24") for frame in frames],
            sound=np.concatenate(samples),
            codecs=(picture.codec_context.name, sound.codec_context.name),
            pixel_format=str(picture.pix_fmt),
            fps=float(picture.average_rate or 0),
            duration_s=container.duration / av.time_base,
            starts_s=(float(frames[0].time or 0), float(decoded[0].time or 0) if decoded[0] else -1.0),
        )


def opening(frame: NDArray[np.uint8]) -> float:
    """How far the inner lips stand apart, as a share of the face's height."""
    face = find_faces(frame)[0]
    upper, lower = face.landmarks_px[13], face.landmarks_px[14]
    return float(np.linalg.norm(upper - lower)) / face.height_px


@pytest.fixture(scope="module")
def said() -> Said:
    """A sentence between two pauses, and when its vowels are spoken."""
    speech = speak("Papa may go far away. Mama saw a boat.")
    pause = np.zeros(int(PAUSE_S * RATE), np.float32)
    vowels = [(p.start_s + PAUSE_S, p.end_s + PAUSE_S) for p in speech.phones if p.symbol[0] in VOWELS and p.stress]
    return np.concatenate([pause, speech.analysis, pause]), vowels


@pytest.fixture(scope="module")
def decoded(live_service: LiveService, said: Said) -> Decoded:
    answer = live_service.create(
        image=factories.portrait_jpeg(), audio=factories.wav(said[0]), fps=FPS, head_motion=0.2
    )
    assert answer.status_code == 200, answer.text
    return decode(answer.content)


def test_it_is_an_mp4_that_every_player_plays(decoded: Decoded) -> None:
    assert decoded.codecs == ("h264", "aac")
    assert decoded.pixel_format == "yuv420p"
    assert decoded.fps == FPS
    assert decoded.frames[0].shape == (512, 512, 3)


def test_it_lasts_as_long_as_the_speech(decoded: Decoded, said: Said) -> None:
    expected_s = len(said[0]) / RATE
    assert decoded.duration_s == pytest.approx(expected_s, abs=0.06)
    assert len(decoded.frames) / FPS == pytest.approx(expected_s, abs=1 / FPS)


def test_picture_and_sound_start_together_and_the_sound_is_the_one_that_was_sent(decoded: Decoded, said: Said) -> None:
    assert decoded.starts_s == (0.0, 0.0)
    sent = said[0]
    size = 1 << (len(sent) + len(decoded.sound)).bit_length()
    spectrum = np.fft.rfft(decoded.sound, size) * np.conj(np.fft.rfft(sent, size))
    lag = int(np.argmax(np.fft.irfft(spectrum)))
    lag_s = (lag if lag < size // 2 else lag - size) / RATE
    assert abs(lag_s) <= 0.010


def test_the_lips_are_shut_in_silence_and_open_in_vowels(decoded: Decoded, said: Said) -> None:
    shares = np.array([opening(frame) for frame in decoded.frames])
    quiet = int(0.7 * PAUSE_S * FPS)
    assert max(shares[:quiet].max(), shares[-quiet:].max()) < 0.012
    widest = [shares[int(start * FPS) - 1 : int(end * FPS) + 1].max() for start, end in said[1]]
    assert len(widest) >= 4
    assert np.median(widest) > 0.03


def test_the_head_and_the_background_stay_where_they_are(decoded: Decoded) -> None:
    first, last = decoded.frames[0].astype(int), decoded.frames[-1].astype(int)
    corner = np.s_[-60:, -60:]
    assert np.abs(first[corner] - last[corner]).mean() < 4
