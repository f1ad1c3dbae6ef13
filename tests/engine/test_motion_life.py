"""Blinks, brows and the head: alive, seeded, and still when asked to be."""

from dataclasses import replace

import numpy as np
import pytest

from engine.arkit import INDEX
from engine.motion import animate
from engine.motion.hearing import LEAST, MOST, audible, emphasis, level_db
from engine.motion.life import eyes_and_brows
from engine.motion.listen import listen
from engine.motion.mouth import RATE_HZ
from engine.motion.types import MotionTrack
from engine.speech import Speech
from tests.engine.sounds import spoken

PARAGRAPH = "The sun went down behind the hill, and everyone walked home. Nobody said a word about it. " * 4


@pytest.fixture(scope="module")
def long_speech() -> Speech:
    return spoken(PARAGRAPH)


def blinks(track: MotionTrack) -> list[tuple[int, int]]:
    """(first, last) frame of each blink; one that follows another at once belongs to it."""
    lids = np.concatenate([[0], (track.weights[:, INDEX["eyeBlinkLeft"]] > 0.02).astype(int), [0]])
    found: list[tuple[int, int]] = []
    for first, last in zip(np.flatnonzero(np.diff(lids) > 0), np.flatnonzero(np.diff(lids) < 0) - 1, strict=True):
        at_once = found and (first - found[-1][0]) / track.fps < 0.5
        found.append((found.pop()[0] if at_once else int(first), int(last)))
    return found


def closings(track: MotionTrack) -> int:
    """How often the lids shut."""
    shut = (track.weights[:, INDEX["eyeBlinkLeft"]] > 0.8).astype(int)
    return int((np.diff(shut) > 0).sum())


def test_the_same_seed_moves_the_same_and_another_does_not(long_speech: Speech) -> None:
    first, again, other = (animate(long_speech, fps=25, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.weights, again.weights) and np.array_equal(first.head, again.head)
    assert blinks(first) != blinks(other)
    assert not np.allclose(first.head, other.head)
    jaw = INDEX["jawOpen"]
    assert np.array_equal(first.weights[:, jaw], other.weights[:, jaw])  # what is said does not depend on chance


def eyes_for(duration_s: float, fps: float, seed: int) -> MotionTrack:
    """Eyes alone: they blink whatever is said."""
    count = round(duration_s * fps)
    calm = np.zeros(round(duration_s * RATE_HZ), np.float32)
    return MotionTrack(fps, eyes_and_brows(duration_s, count, fps, seed, calm), np.zeros((count, 6), np.float32))


def test_a_talking_face_has_the_eyes_of_its_seed(long_speech: Speech) -> None:
    track = animate(long_speech, fps=25, seed=5)
    eyes = eyes_for(long_speech.duration_s, 25, seed=5)
    assert blinks(track) == [blink for blink in blinks(eyes) if blink[1] < len(track)]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("fps", [10, 25, 60])
def test_blinks_come_every_two_to_six_seconds_and_shut_the_eyes(seed: int, fps: float) -> None:
    track = eyes_for(25.0, fps, seed)
    found = blinks(track)
    starts_s = np.array([first for first, _ in found]) / fps
    assert starts_s[0] < 3
    assert np.all(np.diff(starts_s) > 1.8) and np.all(np.diff(starts_s) < 6.2)
    assert starts_s[-1] > 25 - 7
    for first, last in found:
        assert track.weights[first : last + 1, INDEX["eyeBlinkLeft"]].max() > 0.98
    left, right = (track.weights[:, INDEX[f"eyeBlink{side}"]] for side in ("Left", "Right"))
    assert np.array_equal(left, right)


def test_lids_fall_faster_than_they_rise() -> None:
    track = eyes_for(25.0, 60, seed=0)
    for first, last in blinks(track):
        lids = track.weights[first : last + 1, INDEX["eyeBlinkLeft"]]
        if len(lids) / 60 > 0.4:
            continue  # twice at once
        falling = int(np.argmax(lids > 0.98))
        rising = int(np.argmax(lids[::-1] > 0.98))
        assert 0.05 <= falling / 60 <= 0.1 and 0.15 <= rising / 60 <= 0.22


def test_people_rarely_blink_twice_at_once() -> None:
    tracks = [eyes_for(25.0, 60, seed) for seed in range(30)]
    once, all_ = sum(len(blinks(track)) for track in tracks), sum(closings(track) for track in tracks)
    assert 0.02 < (all_ - once) / once < 0.15


def sideways(track: MotionTrack) -> np.ndarray:
    """(n, 2): how far the left and the right eye look to the right as seen, in ARKit weights."""
    ways = (("OutLeft", "InLeft"), ("InRight", "OutRight"))
    return np.stack([np.subtract(*(track.weights[:, INDEX[f"eyeLook{way}"]] for way in pair)) for pair in ways], axis=1)


def test_eyes_look_about_together_a_little_and_come_back(long_speech: Speech) -> None:
    for seed in range(4):
        eyes = sideways(animate(long_speech, fps=25, seed=seed, head_motion=0))
        assert np.array_equal(eyes[:, 0], eyes[:, 1])
        assert 0.02 < np.abs(eyes).max() < 0.14  # 4 degrees
        assert not eyes[0].any() and not eyes[-1].any()
        jumps = np.flatnonzero(np.abs(np.diff(eyes[:, 0])) > 1e-6)
        assert 0.5 < len(eyes) / 25 / len(jumps) < 3.5  # seconds


def test_eyes_keep_to_the_viewer_while_the_head_turns(long_speech: Speech) -> None:
    still, moving = (animate(long_speech, fps=25, head_motion=amount) for amount in (0.0, 1.0))
    turned = sideways(moving)[:, 0] - sideways(still)[:, 0]
    assert np.corrcoef(turned, moving.head[:, 0])[0, 1] < -0.99


def test_a_still_head_is_still(long_speech: Speech) -> None:
    assert not animate(long_speech, fps=25, head_motion=0).head.any()


def test_head_motion_scales_and_stays_small_and_smooth(long_speech: Speech) -> None:
    half, whole = (animate(long_speech, fps=25, head_motion=amount).head for amount in (0.5, 1.0))
    assert np.allclose(half * 2, whole, atol=1e-6)
    assert 0.02 < np.abs(whole[:, :3]).max() < 0.3  # radians
    assert np.abs(whole[:, 3:]).max() < 0.08  # head widths
    assert np.abs(np.diff(whole[:, :3], axis=0)).max() < 0.03  # a frame


def test_brows_rise_with_speech_and_rest_in_silence(long_speech: Speech) -> None:
    brows = animate(long_speech, fps=25).weights[:, INDEX["browInnerUp"]]
    assert 0.1 < brows.max() < 0.4
    mute = replace(long_speech, analysis=np.zeros_like(long_speech.analysis), phones=())
    still = animate(mute, fps=25).weights
    alive = [index for name, index in INDEX.items() if name.startswith(("eyeBlink", "eyeLook")) or name == "mouthClose"]
    assert not np.delete(still, alive, axis=1).any()


def test_brows_come_before_the_emphasis_and_not_with_every_one(long_speech: Speech) -> None:
    brow = listen(long_speech.analysis).brow
    told = emphasis(brow, audible(level_db(long_speech.analysis))[: len(brow)])
    for seed in range(3):
        brows = eyes_and_brows(len(told) / 100, len(told), 100, seed, told)[:, INDEX["browInnerUp"]]
        size = min(len(brows), len(told)) - 20
        fits = [np.corrcoef(brows[:size], told[lead : size + lead])[0, 1] for lead in range(11)]
        assert 4 <= int(np.argmax(fits)) <= 8  # hundredths of a second
        emphatic = brows[:size][told[6 : size + 6] > 0.3]
        assert emphatic.min() < 0.3 * emphatic.max()


def test_emphasis_is_between_rest_and_most_and_silence_has_none() -> None:
    told = np.tile(np.concatenate([np.full(150, LEAST), np.full(50, MOST)]), 4).astype(np.float32)
    heard = np.concatenate([np.ones(600), np.zeros(200)]).astype(np.float32)
    found = emphasis(told, heard)
    assert found[[175, 375, 575]].min() > 0.8 and found[[75, 275, 475]].max() < 0.05
    assert not found[600:].any() and 0 <= found.min() <= found.max() <= 1


def test_the_head_nods_on_emphasis(long_speech: Speech) -> None:
    calm = animate(long_speech, fps=25, head_motion=1, expressiveness=0).head
    lively = animate(long_speech, fps=25, head_motion=1, expressiveness=1).head
    nods = lively[:, 1] - calm[:, 1]
    assert nods.min() > -1e-6 and nods.max() > 0.015  # the chin goes down
    assert np.allclose(lively[:, [0, 2, 3, 4, 5]], calm[:, [0, 2, 3, 4, 5]])
