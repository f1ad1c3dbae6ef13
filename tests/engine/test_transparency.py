"""Videos with an opacity a pixel: what goes in comes back out of the file."""

import io
from functools import cache

import av
import numpy as np
import pytest
from PIL import Image

from engine import Options, Rendered, render, speak
from engine.speech.types import Speech
from tests.engine.pictures import encoded, portrait


@cache
def speech() -> Speech:
    return speak("Hello there.")


@cache
def made(output_format: str) -> tuple[bytes, Rendered]:
    out = io.BytesIO()
    options = Options(background="transparent", output_format=output_format, resolution=256)
    rendered = render(encoded(portrait(256)), speech(), out, options)
    return out.getvalue(), rendered


def rgba_frames(data: bytes) -> list[np.ndarray]:
    """Decoded with the opacity: FFmpeg's own VP9 decoder passes over it, libvpx's does not."""
    frames = []
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        decoder = stream.codec_context
        if decoder.name == "vp9":
            decoder = av.CodecContext.create("libvpx-vp9", "r")
            decoder.extradata = stream.codec_context.extradata
        for packet in container.demux(stream):
            frames += [frame.to_ndarray(format="rgba") for frame in decoder.decode(packet if packet.size else None)]
    return frames


@pytest.mark.parametrize("output_format", ["webm", "mov"])
def test_the_wall_is_clear_and_the_person_is_not(output_format: str) -> None:
    data, rendered = made(output_format)
    frames = rgba_frames(data)
    assert len(frames) == rendered.frames
    for frame in frames[:: len(frames) // 4]:
        assert frame.shape == (256, 256, 4)
        assert frame[10:100, :28, 3].max() < 16  # beside the head
        assert frame[90:140, 110:150, 3].min() > 240  # the face
        assert 0.3 < (frame[..., 3] > 127).mean() < 0.7


@pytest.mark.parametrize("output_format", ["webm", "mov"])
def test_the_face_has_the_photos_colours(output_format: str) -> None:
    first = rgba_frames(made(output_format)[0])[0]
    photo = np.asarray(portrait(256)).astype(float)
    solid = first[..., 3] == 255
    assert np.abs(first[..., :3][solid].astype(float).mean(axis=0) - photo[solid].mean(axis=0)).max() < 3


@pytest.mark.parametrize(("output_format", "codec", "sound"), [("webm", "vp9", "opus"), ("mov", "prores", "aac")])
def test_it_plays_as_long_as_the_speech(output_format: str, codec: str, sound: str) -> None:
    with av.open(io.BytesIO(made(output_format)[0])) as container:
        assert container.streams.video[0].codec_context.name == codec
        assert container.streams.audio[0].codec_context.name == sound
        assert container.duration / av.time_base == pytest.approx(speech().duration_s, abs=0.1)


def test_a_webm_says_that_it_has_an_opacity() -> None:
    with av.open(io.BytesIO(made("webm")[0])) as container:
        assert container.streams.video[0].metadata["alpha_mode"] == "1"


def test_the_poster_shows_the_person_on_white() -> None:
    poster = np.asarray(Image.open(io.BytesIO(made("webm")[1].poster)))
    assert poster.shape == (256, 256, 3)
    assert poster[10:100, :28].min() > 245


@pytest.mark.parametrize(("background", "colour"), [("#20c040", (32, 192, 64)), ("#000000", (0, 0, 0))])
def test_a_colour_stands_behind_the_person_in_every_frame(background: str, colour: tuple[int, int, int]) -> None:
    out = io.BytesIO()
    rendered = render(encoded(portrait(256)), speech(), out, Options(background=background, head_motion=1))
    with av.open(io.BytesIO(out.getvalue())) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for frame in frames[::5]:
        assert np.abs(frame[10:100, :28].astype(int) - colour).max() < 6
    poster = np.asarray(Image.open(io.BytesIO(rendered.poster)))
    assert np.abs(poster[10:100, :28].astype(int) - colour).max() < 10


def test_a_blurred_background_keeps_its_colours_but_not_its_detail() -> None:
    out = io.BytesIO()
    rendered = render(encoded(portrait(512), "PNG"), speech(), out, Options(background="blur"))
    poster = np.asarray(Image.open(io.BytesIO(rendered.poster)).convert("L")).astype(float)
    photo = np.asarray(portrait(512).convert("L")).astype(float)
    wall = np.s_[20:200, 4:60]
    assert poster[wall].mean() == pytest.approx(photo[wall].mean(), abs=6)
    detail = lambda grey: np.abs(np.diff(grey[wall], axis=1)).mean()  # noqa: E731
    assert detail(poster) < 0.5 * detail(photo)
    face = np.s_[190:260, 220:290]
    assert np.abs(poster[face] - photo[face]).mean() < 3
