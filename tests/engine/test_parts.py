"""A video in parts that are joined is the video that would have been rendered at once."""

import io
from dataclasses import replace
from functools import cache
from itertools import pairwise

import av
import numpy as np
import pytest

from engine import LastRig, Options, Rendered, Speech, render, speak
from engine.errors import EncoderFailed
from engine.motion import animate
from engine.motion.hearing import level_db
from engine.motion.mouth import RATE_HZ
from engine.parts import Part, cut, join, pack, unpack, write_sound
from engine.speech.types import VIDEO_RATE
from engine.video import keyframe_interval
from engine.wav2lip import open_wav2lip
from tests.engine.mouths import painter
from tests.engine.pictures import encoded, portrait, psnr

TEXT = "Good morning, everybody. Then it stops, and goes on."


@cache
def speech() -> Speech:
    return speak(TEXT)


@cache
def photo() -> bytes:
    return encoded(portrait(160))


def at_once(options: Options) -> tuple[bytes, Rendered]:
    out = io.BytesIO()
    rendered = render(photo(), speech(), out, options)
    return out.getvalue(), rendered


def in_parts(options: Options, whole: Rendered) -> bytes:
    """As workers do it that know nothing but the photo, the parcel, their frames, and what they drew last."""
    parcel, sound, out, last_rig = pack(speech()), io.BytesIO(), io.BytesIO(), LastRig()
    write_sound(speech(), sound, options)
    files = []
    for part in cut(speech(), fps=options.fps, count=2):
        file = io.BytesIO()
        share = replace(part, cues=whole.cues)
        rendered = render(photo(), unpack(parcel), file, options, part=share, last_rig=last_rig)
        assert rendered.frames == len(part)
        assert ("rig" in rendered.timings) == (part.first == 0)
        files.append(file)
    for file in (sound, *files):
        file.seek(0)
    assert join(files, sound, out, options) == whole.frames
    return out.getvalue()


def pictures(video: bytes) -> list[tuple[float, np.ndarray]]:
    with av.open(io.BytesIO(video)) as container:
        return [(frame.time, frame.to_ndarray(format="rgba")) for frame in container.decode(video=0)]


def sound_of(video: bytes) -> tuple[float, np.ndarray]:
    with av.open(io.BytesIO(video)) as container:
        blocks = [(frame.time, frame.to_ndarray()[0]) for frame in container.decode(audio=0)]
    return blocks[0][0], np.concatenate([samples for _, samples in blocks])


@pytest.mark.parametrize(
    "options",
    [
        Options(fps=29.97, head_motion=1.0, captions="burned"),
        Options(fps=10, output_format="webm", background="transparent"),
        Options(fps=10, output_format="mov", background="transparent"),
        Options(fps=10, output_format="webm"),
    ],
    ids=["mp4", "transparent-webm", "transparent-mov", "webm"],
)
def test_parts_that_are_joined_are_the_video_rendered_at_once(options: Options) -> None:
    whole, rendered = at_once(options)
    joined = in_parts(options, rendered)
    expected, found = pictures(whole), pictures(joined)
    assert [time for time, _ in found] == [time for time, _ in expected]
    alike = np.array([psnr(one, other) for (_, one), (_, other) in zip(expected, found, strict=True)])
    assert alike.min() > 34
    for part in cut(speech(), fps=options.fps, count=2)[1:]:
        assert alike[part.first - 2 : part.first + 2].min() > np.percentile(alike, 10) - 2
    start, heard = sound_of(whole)
    assert sound_of(joined)[0] == start
    assert np.array_equal(sound_of(joined)[1], heard)
    with av.open(io.BytesIO(whole)) as one, av.open(io.BytesIO(joined)) as other:
        assert [stream.type for stream in other.streams] == ["video", "audio"]
        assert other.duration == one.duration
        assert other.streams.video[0].frames == one.streams.video[0].frames
    if options.output_format == "mp4":
        assert joined.index(b"moov") < joined.index(b"mdat")  # it can play while it loads


def test_the_motion_of_a_part_is_that_of_the_whole_at_its_frames() -> None:
    words = speak("She had your dark suit in greasy wash water all year. " * 6)
    heard = Speech(analysis=words.analysis, video=words.video)
    assert heard.duration_s > 15  # several windows of the encoder
    for spoken, number in ((words, 0), (heard, 1), (heard, 2)):
        whole = animate(spoken, fps=25.0, seed=4, head_motion=1.0)
        part = cut(spoken, fps=25.0, count=3)[number]
        rows = slice(part.first, part.last)
        alone = animate(unpack(pack(spoken)), fps=25.0, seed=4, head_motion=1.0, frames=rows)
        assert np.abs(alone.weights - whole.weights[rows]).max() < 2e-3
        assert np.abs(alone.head - whole.head[rows]).max() < 2e-3


def test_the_last_rig_serves_its_photo_and_options_alone() -> None:
    last_rig, small = LastRig(), Options(fps=10, resolution=160)

    def asked_anew(options: Options, picture: bytes = photo()) -> bool:
        part = Part(0, 2)
        return "rig" in render(picture, speech(), io.BytesIO(), options, part=part, last_rig=last_rig).timings

    assert asked_anew(small)
    assert not asked_anew(small)
    assert asked_anew(replace(small, background="blur"))
    assert asked_anew(small)
    assert asked_anew(small, encoded(portrait(161)))
    last_rig.forget()
    assert asked_anew(small, encoded(portrait(161)))


def test_speech_is_cut_where_the_speaker_is_quiet() -> None:
    level = level_db(speech().analysis)
    loud = float(np.percentile(level, 80))
    parts = cut(speech(), fps=25.0, count=2)
    assert len(parts) == 2
    for part in parts[1:]:
        assert level[round(part.first / 25 * RATE_HZ)] < loud - 20


@pytest.mark.parametrize("fps", [10.0, 25.0, 29.97, 60.0])
@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_parts_hold_every_frame_once_and_no_two_key_frames_meet(fps: float, count: int) -> None:
    parts = cut(speech(), fps=fps, count=count)
    assert parts[0].first == 0
    assert parts[-1].last == int(np.ceil(speech().duration_s * fps - 1e-6))
    assert all(one.last == other.first for one, other in pairwise(parts))
    assert all(len(part) > 0 for part in parts)
    assert all(len(part) % keyframe_interval(fps) != 1 for part in parts[:-1])


def test_speech_of_one_sound_is_cut_all_the_same() -> None:
    hum = Speech(analysis=np.full(160_000, 0.1, np.float32), video=np.full(10 * VIDEO_RATE, 0.1, np.float32))
    assert len(cut(hum, fps=25.0, count=4)) == 4


def test_what_does_not_belong_together_is_not_joined() -> None:
    sound, out, files = io.BytesIO(), io.BytesIO(), [io.BytesIO(), io.BytesIO()]
    write_sound(speech(), sound, Options())
    for file, resolution in zip(files, (160, 128), strict=True):
        render(photo(), speech(), file, Options(resolution=resolution), part=Part(0, 5))
    for joined in (files, []):
        for file in (sound, *files):
            file.seek(0)
        with pytest.raises(EncoderFailed):
            join(joined, sound, out, Options())
        assert out.getvalue() == b""


def test_a_mouth_that_a_network_draws_hears_its_part_of_the_speech() -> None:
    mouth = open_wav2lip(painter())
    files = [io.BytesIO(), io.BytesIO()]
    for file, part in zip(files, (Part(0, 30), Part(20, 30)), strict=True):
        render(photo(), speech(), file, Options(), mouth=mouth, part=part)
    whole, alone = (pictures(file.getvalue()) for file in files)
    assert min(psnr(one, other) for (_, one), (_, other) in zip(whole[20:], alone, strict=True)) > 34
