"""The figures of bench/sync.py mean what its head says."""

import numpy as np
import pytest

from bench.sync import by_loudness, score
from engine.arkit import INDEX
from tests.engine.sounds import spoken


def gap() -> np.ndarray:
    """A made-up mouth: 8 s of syllables at 25 frames a second."""
    times_s = np.arange(200) / 25
    return 0.03 * np.abs(np.sin(2 * np.pi * 2.1 * times_s)) * (1 + 0.5 * np.sin(2 * np.pi * 0.4 * times_s))


def test_a_perfect_copy_scores_one_at_no_lag() -> None:
    perfect = score(gap(), gap())
    assert perfect.lag_ms == 0
    assert [perfect.r, perfect.amplitude, perfect.jitter] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("frames", [-3, 2])
def test_a_late_copy_has_a_positive_lag(frames: int) -> None:
    assert score(gap(), np.roll(gap(), frames)).lag_ms == frames * 40


def test_a_mouth_half_as_lively_has_half_the_amplitude() -> None:
    assert score(gap(), 0.5 * gap()).amplitude == pytest.approx(0.5)


def test_the_baseline_opens_with_the_sound_and_does_nothing_else() -> None:
    track = by_loudness(spoken("Hello there!"))
    moved = np.flatnonzero(track.weights.any(axis=0))
    assert list(moved) == [INDEX["jawOpen"]]
    assert track.weights[0].max() < 0.05
    assert track.weights.max() > 0.4
