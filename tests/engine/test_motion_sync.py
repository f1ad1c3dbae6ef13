"""The figures of bench/sync.py and bench/closures.py mean what their heads say."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.closures import aligned, count_shut
from bench.sync import score
from engine.speech import Phone
from tests.engine.sounds import encoded, tone


def gap() -> np.ndarray:
    """A made-up mouth: 8 s of syllables at 25 frames a second."""
    times_s = np.arange(200) / 25
    return 0.03 * np.abs(np.sin(2 * np.pi * 2.1 * times_s)) * (1 + 0.5 * np.sin(2 * np.pi * 0.4 * times_s))


def test_a_perfect_copy_scores_one_at_no_lag() -> None:
    perfect = score(gap(), gap())
    assert perfect.lag_ms == 0
    assert [perfect.r, perfect.best_r, perfect.amplitude, perfect.jitter] == pytest.approx([1, 1, 1, 1])


@pytest.mark.parametrize("frames", [-3, 2])
def test_a_late_copy_has_a_positive_lag_at_which_it_fits(frames: int) -> None:
    late = score(gap(), np.roll(gap(), frames))
    assert late.lag_ms == frames * 40
    assert late.best_r == pytest.approx(1)
    assert late.r < 0.7


def test_r_is_what_is_left_of_the_mouth_beside_noise() -> None:
    noise = np.random.default_rng(1).normal(0, gap().std(), 200)
    assert score(gap(), gap() + noise).r == pytest.approx(1 / np.sqrt(2), abs=0.08)


def test_a_mouth_half_as_lively_has_half_the_amplitude() -> None:
    assert score(gap(), 0.5 * gap()).amplitude == pytest.approx(0.5)


def test_a_trembling_mouth_has_more_jitter_at_the_same_amplitude() -> None:
    trembling = score(gap(), gap() + 0.003 * (-1.0) ** np.arange(200))
    assert trembling.jitter > 1.5
    assert trembling.amplitude == pytest.approx(1, abs=0.05)


def test_a_mouth_that_never_moves_has_no_correlation() -> None:
    still = score(gap(), np.zeros(200))
    assert (still.r, still.best_r, still.amplitude) == (0, 0, 0)


def test_closures_are_looked_for_within_a_frame_and_vowels_in_their_middle() -> None:
    open_mouth, shut_mouth = np.full(8, 0.03), np.full(3, 0.002)
    gap_there = np.concatenate([open_mouth, shut_mouth, open_mouth, shut_mouth])
    said = (Phone("p", 0.24, 0.3), Phone("ɑ", 0.0, 0.2), Phone("m", 0.5, 0.6), Phone("u", 0.76, 0.88))
    found = count_shut(gap_there, 25.0, said)
    assert found.closures == [True, False]  # the first begins two frames early, the second never comes
    assert found.vowels == [False, True]


def test_alignments_are_read_beside_their_recordings(tmp_path: Path) -> None:
    (tmp_path / "align").mkdir()
    (tmp_path / "one.wav").write_bytes(encoded(tone(0.6), 48_000))
    sounds = [{"t": symbol, "b": begin, "d": 0.1} for symbol, begin in (("M", 0.1), ("AE", 0.2), ("T", 0.3))]
    words = [{"t": "mat", "b": 0.1, "d": 0.3, "w": sounds}]
    (tmp_path / "align" / "one.a-b.phone.json").write_text(json.dumps({"w": words}))
    ((name, speech, phones),) = aligned(tmp_path)
    assert (name, speech.phones) == ("one", ())
    assert [(p.symbol, p.start_s) for p in phones] == [("m", 0.1), ("æ", 0.2)]  # T matters to neither
