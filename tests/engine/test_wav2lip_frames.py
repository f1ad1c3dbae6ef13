"""Frames whose mouth a network made: where it sits, what stays, and that its box never shows."""

import io
from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from engine import Options, render
from engine.face.types import Face
from engine.motion import animate
from engine.pipeline import look
from engine.renderer import Rig, build_rig
from engine.renderer.cutout import TRANSPARENT
from engine.renderer.geometry import LEFT_LID, LOWER_OUTER, RIGHT_LID, UPPER_OUTER
from engine.wav2lip import open_wav2lip
from engine.wav2lip.crop import Crop, cut_face
from engine.wav2lip.generator import without_mouth
from tests.engine.mouths import echo, network, painter
from tests.engine.pictures import encoded, portrait
from tests.engine.sounds import spoken

WORDS = "Good day."


@pytest.fixture(scope="module")
def rigged() -> tuple[Rig, Face]:
    picture, face = look(encoded(portrait(384), "PNG"), Options())
    return build_rig(picture.rgb, face), face


def motion_of(rows: int = 12, head_motion: float = 1.0):
    track = animate(spoken(WORDS), fps=25.0, head_motion=head_motion, seed=4)
    return replace(track, weights=track.weights[:rows], head=track.head[:rows] * np.float32(4))


def frames_of(model: bytes, rigged: tuple[Rig, Face], motion) -> list[np.ndarray]:
    return [frame.copy() for frame in open_wav2lip(model).frames(*rigged, spoken(WORDS), motion)]


def layered(rigged: tuple[Rig, Face], motion) -> list[np.ndarray]:
    return [frame.copy() for frame in rigged[0].frames(without_mouth(motion))]


def on_patch(crop: Crop, points: np.ndarray) -> np.ndarray:
    """The mask at points of the photo."""
    size = crop.inputs.shape[1]
    scale = np.array([size / crop.detail.shape[1], size / crop.rows.stop])
    places = (points @ crop.to_patch[:, :2].T + crop.to_patch[:, 2] + 0.5) * scale - 0.5
    x, y = np.rint(places).astype(int).T
    return np.where(y < crop.first, 0, crop.mask[np.maximum(y - crop.first, 0), x, 0])


@pytest.mark.parametrize("size", [96, 256])
def test_a_network_that_changes_nothing_leaves_every_frame_as_the_rig_draws_it(rigged, size):
    motion = motion_of()
    pairs = zip(frames_of(echo(size), rigged, motion), layered(rigged, motion), strict=True)
    assert max(int(np.abs(ours.astype(int) - theirs).max()) for ours, theirs in pairs) <= 1


def test_a_network_that_sees_another_light_is_brought_to_the_photos(rigged):
    crop = cut_face(*rigged, 96)
    face = next(open_wav2lip(echo(scale=0.9, shift=0.07)).faces(crop.inputs, iter([np.zeros((80, 16))])))[0]
    before = np.abs(face[::-1, crop.first :].transpose(1, 2, 0) * 255 - crop.small).mean()
    assert np.abs(crop.change(face)).mean() < 0.5 * before


def test_the_mouth_lies_where_the_head_carries_it(rigged):
    """The paint's middle, seen in a turned frame, comes from its middle in the photo."""
    motion = motion_of()
    bright, rest = frames_of(painter(bgr=(1, 0, 0)), rigged, motion), layered(rigged, motion)
    crop = cut_face(*rigged, 96)
    width, height = crop.detail.shape[1], crop.rows.stop
    back = np.linalg.inv(np.vstack([crop.to_patch, [0, 0, 1]]))
    place = (back @ [0.5 * width - 0.5, 0.78 * height - 0.5, 1])[:2]
    for frame, other, head in zip(bright, rest, motion.head, strict=True):
        changed = np.abs(frame.astype(int) - other).max(axis=2) > 60
        rows, columns = np.nonzero(changed)
        seen = np.array([[[columns.mean(), rows.mean()]]], np.float32)
        assert rigged[0].grid.at(rigged[0].carried(head), seen)[0, 0] == pytest.approx(place, abs=2.0)


def test_the_mouth_is_loud_when_the_sound_is(rigged):
    motion = motion_of(rows=1000, head_motion=0.0)
    frames = frames_of(painter(), rigged, motion)
    crop = cut_face(*rigged, 96)
    left, top, right, _ = crop.box_px
    x, y = (left + right) // 2, round(crop.rows.stop * 0.78 + top - crop.rows.start)
    shades = np.array([frame[y - 2 : y + 3, x - 2 : x + 3].mean() for frame in frames])
    sound = spoken(WORDS).analysis
    loud = np.array([np.abs(sound[int(i * 640) : int(i * 640) + 3200]).max() for i in range(len(frames))])
    assert np.corrcoef(shades, np.log(loud + 1e-3))[0, 1] > 0.8


def test_lips_are_the_networks_and_eyes_are_not(rigged):
    crop, marks = cut_face(*rigged, 96), rigged[1].landmarks_px[:, :2]
    assert on_patch(crop, marks[list(UPPER_OUTER + LOWER_OUTER)]).min() > 0.98
    assert on_patch(crop, marks[list(LEFT_LID + RIGHT_LID)]).max() < 0.02


def test_blinks_are_the_layered_renderers(rigged):
    motion = motion_of(head_motion=0.0)
    motion.weights[6, :] = 0
    motion.weights[6, 9:11] = 1  # both eyes shut
    made, drawn = frames_of(network(), rigged, motion), layered(rigged, motion)
    upper = slice(0, int(rigged[1].landmarks_px[list(LEFT_LID + RIGHT_LID), 1].max()))
    assert np.array_equal(made[6][upper], drawn[6][upper])
    assert not np.array_equal(made[6][upper], drawn[5][upper])


@pytest.mark.parametrize("model", [network(), network(seed=5)], ids=["one", "another"])
def test_the_crops_box_never_shows_whatever_the_network_says(rigged, model):
    """Across the box's border a frame is no steeper than the photo is there itself."""
    rig = rigged[0]
    motion = motion_of(rows=3, head_motion=0.0)
    motion.weights[:] = 0
    crop = cut_face(*rigged, 96)
    left, top, right, bottom = crop.box_px
    for frame in frames_of(model, rigged, motion):
        for axis, border in (
            (0, np.s_[top - 3 : top + 3, left:right]),
            (0, np.s_[bottom - 3 : bottom + 3, left:right]),
            (1, np.s_[top:bottom, left - 3 : left + 3]),
            (1, np.s_[top:bottom, right - 3 : right + 3]),
        ):
            photo, made = (np.abs(np.diff(p[border].astype(int), axis=axis)).mean() for p in (rig.source.rgb, frame))
            assert made <= photo + 0.5


def test_batches_of_any_size_give_the_same_faces(rigged):
    crop = cut_face(*rigged, 96)
    heard = [np.full((80, 16), level, np.float32) for level in np.linspace(-4, 4, 11)]
    free, fixed, one = (
        np.concatenate(list(open_wav2lip(network(batch=batch)).faces(crop.inputs, iter(heard))))
        for batch in ("n", 3, 1)
    )
    assert free.shape == (11, 3, 96, 96)
    assert np.abs(free - fixed).max() < 1e-4
    assert np.abs(free - one).max() < 1e-4


def test_half_precision_draws_what_full_precision_draws(rigged):
    crop = cut_face(*rigged, 96)
    half, full = (
        next(open_wav2lip(network(half=kind)).faces(crop.inputs, iter([np.zeros((80, 16))]))) for kind in (True, False)
    )
    assert np.abs(half - full).max() < 0.02


def test_a_head_that_leans_is_cut_upright():
    leaning = portrait(384).rotate(25, resample=Image.Resampling.BICUBIC, fillcolor=(90, 90, 90))
    picture, face = look(encoded(leaning, "PNG"), Options())
    crop = cut_face(build_rig(picture.rgb, face), face, 96)
    eyes = face.landmarks_px[[33, 263], :2] @ crop.to_patch[:, :2].T + crop.to_patch[:, 2]
    assert abs(eyes[0, 1] - eyes[1, 1]) < 0.02 * crop.rows.stop


def test_a_whole_video_is_made_with_it():
    out = io.BytesIO()
    options = Options(background=TRANSPARENT, output_format="webm")
    rendered = render(encoded(portrait(256)), spoken(WORDS), out, options, mouth=open_wav2lip(network()))
    out.seek(0)
    with av.open(out) as video:
        assert sum(1 for _ in video.decode(video=0)) == rendered.frames
