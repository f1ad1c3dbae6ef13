"""render(): the whole way from a photo and speech to a video, by the real models."""

import io
from functools import cache

import av
import numpy as np
import pytest
from PIL import Image

from engine import Options, Rendered, open_speech, render, speak
from engine.errors import Canceled, FaceNotFound
from engine.face import find_faces
from engine.pipeline import STAGES
from engine.speech.types import VIDEO_RATE, Speech
from tests.engine.pictures import encoded, landscape, portrait

SENTENCE = "Mama bought a puppy. Papa saw a car far away."


@cache
def speech() -> Speech:
    return speak(SENTENCE)


@cache
def talking() -> tuple[bytes, Rendered]:
    out = io.BytesIO()
    rendered = render(encoded(portrait(320)), speech(), out, Options(head_motion=0))
    return out.getvalue(), rendered


def frames(video: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def lip_gaps(pictures: list[np.ndarray]) -> np.ndarray:
    """Gap between the inner lips over the face's height, one a picture."""
    gaps = []
    for picture in pictures:
        (face,) = find_faces(picture)
        upper, lower = face.landmarks_px[[81, 13, 311], :2], face.landmarks_px[[178, 14, 402], :2]
        gaps.append(np.linalg.norm(upper - lower, axis=1).mean() / face.height_px)
    return np.array(gaps)


def test_the_video_lasts_as_long_as_the_speech():
    video, rendered = talking()
    assert rendered.duration_s == pytest.approx(speech().duration_s, abs=0.05)
    with av.open(io.BytesIO(video)) as container:
        assert container.duration / av.time_base == pytest.approx(speech().duration_s, abs=0.05)
        assert container.streams.video[0].frames == rendered.frames
    assert (rendered.width, rendered.height, rendered.fps) == (320, 320, 25)


def test_lips_open_in_vowels_and_shut_for_p_b_and_m():
    gaps = lip_gaps(frames(talking()[0]))
    at = lambda phone: int(np.clip((phone.start_s + phone.end_s) / 2 * 25, 0, len(gaps) - 1))  # noqa: E731
    shut = [gaps[max(0, at(phone) - 1) : at(phone) + 2].min() for phone in speech().phones if phone.symbol in "pbm"]
    vowels = [gaps[at(phone)] for phone in speech().phones if phone.symbol[0] in "ɑaæ"]
    assert len(shut) >= 6 and len(vowels) >= 4
    assert np.median(vowels) > 3 * np.median(shut)
    assert np.mean(np.array(shut) < 0.25 * np.percentile(gaps, 95)) >= 0.8


def test_lips_are_shut_and_still_in_silence():
    pause = np.zeros(2 * VIDEO_RATE, np.float32)
    quiet = Speech(
        analysis=np.concatenate([speech().analysis, pause[::3]]), video=np.concatenate([speech().video, pause])
    )
    out = io.BytesIO()
    render(encoded(portrait(320)), quiet, out, Options(head_motion=0))
    gaps = lip_gaps(frames(out.getvalue()))
    silence = gaps[-40:]
    assert silence.max() < 0.35 * np.percentile(gaps, 95)
    assert np.abs(np.diff(silence)).max() < 0.01


def test_the_same_seed_gives_the_same_video_and_another_seed_another():
    short = speak("Hi.")

    def first(seed: int) -> list[np.ndarray]:
        out = io.BytesIO()
        render(encoded(portrait(192)), short, out, Options(seed=seed, head_motion=1))
        return frames(out.getvalue())

    assert all(np.array_equal(one, other) for one, other in zip(first(3), first(3), strict=True))
    assert not all(np.array_equal(one, other) for one, other in zip(first(3), first(4), strict=True))


def test_a_photo_that_lies_on_its_side_is_set_upright():
    out = io.BytesIO()
    sideways = portrait(320).crop((0, 0, 320, 280)).transpose(Image.Transpose.ROTATE_90)
    rendered = render(encoded(sideways), speak("Hi."), out, Options(head_motion=0))
    assert (rendered.width, rendered.height) == (320, 280)
    (face,) = find_faces(frames(out.getvalue())[0])
    assert abs(face.pose.roll) < 10


def test_uploaded_speech_moves_the_lips_without_knowing_its_phonemes():
    wav = io.BytesIO()
    with av.open(wav, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=VIDEO_RATE, layout="mono")
        block = av.AudioFrame.from_ndarray((speech().video[None] * 32767).astype(np.int16), "s16", "mono")
        block.sample_rate = VIDEO_RATE
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    heard = open_speech(wav.getvalue())
    assert heard.phones == ()
    out = io.BytesIO()
    render(encoded(portrait(320)), heard, out, Options(head_motion=0))
    by_sound, by_phones = lip_gaps(frames(out.getvalue())), lip_gaps(frames(talking()[0]))
    count = min(len(by_sound), len(by_phones))
    assert np.corrcoef(by_sound[:count], by_phones[:count])[0, 1] > 0.5


def test_progress_rises_through_every_stage():
    told: list[tuple[str, float]] = []
    options = Options(captions="burned")
    rendered = render(
        encoded(portrait(192)), speak("Hi."), io.BytesIO(), options, on_progress=lambda *args: told.append(args)
    )
    assert list(dict.fromkeys(stage for stage, _ in told)) == list(STAGES)
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert set(rendered.timings) == {"photo", "face", "rig", "captions", "motion", "render", "encode", "total"}
    assert all(seconds >= 0 for seconds in rendered.timings.values())


def test_it_stops_when_it_is_asked_to_and_writes_nothing():
    answers = iter([False] * 8)
    out = io.BytesIO()
    with pytest.raises(Canceled):
        render(encoded(portrait(192)), speech(), out, should_stop=lambda: next(answers, True))
    assert out.getvalue() == b""


def test_a_photo_without_a_face_is_refused_and_nothing_is_written():
    out = io.BytesIO()
    with pytest.raises(FaceNotFound):
        render(encoded(landscape()), speech(), out)
    assert out.getvalue() == b""


def test_a_large_photo_is_made_smaller_and_sides_are_even():
    rendered = render(encoded(portrait(501)), speak("Hi."), io.BytesIO(), Options(resolution=255))
    assert rendered.width == rendered.height == 254


@pytest.mark.parametrize(
    ("output_format", "container_name", "codec"), [("webm", "webm", "vp9"), ("mov", "mov", "h264")]
)
def test_other_formats_hold_the_same_video(output_format, container_name, codec):
    out = io.BytesIO()
    short = speak("Hello there.")
    rendered = render(encoded(portrait(192)), short, out, Options(output_format=output_format))
    with av.open(io.BytesIO(out.getvalue())) as container:
        assert container_name in container.format.name
        assert container.streams.video[0].codec_context.name == codec
        assert len(container.streams.audio) == 1
        assert container.duration / av.time_base == pytest.approx(short.duration_s, abs=0.15)
        assert sum(1 for _ in container.decode(video=0)) == pytest.approx(rendered.frames, abs=1)
