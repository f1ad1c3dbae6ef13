"""Writing the MP4: what goes in comes out at the right time, in the right colours."""

import io

import av
import numpy as np
import pytest

from engine.speech.types import VIDEO_RATE, Speech
from engine.video import poster, write_video
from tests.engine.pictures import portrait, psnr

WIDTH, HEIGHT = 192, 160


def tone(duration_s: float, beep_s: float) -> Speech:
    """Silence with a 1 kHz beep of 0.1 s at `beep_s`."""
    samples = np.zeros(round(duration_s * VIDEO_RATE), np.float32)
    beep = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(VIDEO_RATE // 10) / VIDEO_RATE)
    start = round(beep_s * VIDEO_RATE)
    samples[start : start + len(beep)] = beep
    return Speech(analysis=samples[::3], video=samples)


def photo() -> np.ndarray:
    return np.asarray(portrait().resize((WIDTH, HEIGHT)))


def written(frames, speech: Speech, fps: float = 25) -> bytes:
    out = io.BytesIO()
    write_video(frames, speech, out, fps=fps, size_px=(WIDTH, HEIGHT))
    return out.getvalue()


def pictures(data: bytes) -> list[tuple[float, np.ndarray]]:
    with av.open(io.BytesIO(data)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def sound(data: bytes) -> tuple[float, np.ndarray]:
    with av.open(io.BytesIO(data)) as container:
        blocks = [(frame.time, frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    return blocks[0][0], np.concatenate([samples for _, samples in blocks])


@pytest.mark.parametrize("fps", [10, 25, 29.97, 60])
def test_the_file_says_what_it_holds(fps):
    count = round(2 * fps)
    data = written((photo() for _ in range(count)), tone(2, 1), fps)
    with av.open(io.BytesIO(data)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height, video.pix_fmt) == (WIDTH, HEIGHT, "yuv420p")
        assert video.frames == count
        assert float(video.average_rate) == pytest.approx(fps, rel=1e-3)
        assert container.duration / av.time_base == pytest.approx(2, abs=0.06)
        colours = video.codec_context
        assert (colours.colorspace, colours.color_primaries, colours.color_trc, colours.color_range) == (1, 1, 1, 1)


def test_it_can_play_while_it_loads():
    data = written((photo() for _ in range(25)), tone(1, 0.5))
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("fps", [25, 30])
def test_picture_and_sound_meet_within_10_ms(fps):
    flash = 2.0
    frames = (np.full((HEIGHT, WIDTH, 3), 255 if i == flash * fps else 0, np.uint8) for i in range(4 * fps))
    data = written(frames, tone(4, flash), fps)
    seen = [time for time, pixels in pictures(data) if pixels.mean() > 128]
    start, samples = sound(data)
    heard = start + np.argmax(np.abs(samples) > 0.1) / VIDEO_RATE
    assert seen == [pytest.approx(flash, abs=0.001)]
    assert heard == pytest.approx(flash, abs=0.010)


def test_the_colours_are_the_photos():
    first = pictures(written((photo() for _ in range(5)), tone(0.2, 0)))[0][1]
    assert psnr(first, photo()) > 32
    assert np.abs(first.mean(axis=(0, 1)) - photo().mean(axis=(0, 1))).max() < 2.0


def test_the_sound_is_the_speechs():
    speech = tone(1, 0.5)
    _, samples = sound(written((photo() for _ in range(25)), speech))
    assert np.corrcoef(samples[:VIDEO_RATE], speech.video)[0, 1] > 0.99


def test_an_error_in_the_frames_leaves_nothing_behind():
    def frames():
        yield photo()
        raise RuntimeError("the renderer broke")

    out = io.BytesIO()
    with pytest.raises(RuntimeError):
        write_video(frames(), tone(1, 0), out, fps=25, size_px=(WIDTH, HEIGHT))
    assert out.getvalue() == b""


def test_the_poster_is_the_frame_as_jpeg():
    data = poster(photo())
    assert data.startswith(b"\xff\xd8")
    with av.open(io.BytesIO(data)) as container:
        decoded = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert psnr(decoded, photo()) > 28
