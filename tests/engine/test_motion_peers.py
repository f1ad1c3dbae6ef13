"""The other ways to move a mouth, which bench/sync.py holds ours against, are treated fairly."""

import sys
from pathlib import Path

import numpy as np
import pytest

from bench.clips import Clip
from bench.faces import both, weights
from bench.peers import Missing, Peer, headaudio, rhubarb, sphinx
from bench.peers.loudness import LOUDNESS, by_loudness
from bench.peers.mel import MelLinear, log_mel
from bench.peers.opening import eased, gap_of, jaw_only
from bench.peers.program import ProgramFailed, answer
from bench.sync import FINDERS, compare
from engine.arkit import INDEX
from engine.speech import Speech
from tests.engine.sounds import spoken


def clip(name: str, speech: Speech, real: np.ndarray) -> Clip:
    return Clip(Path(name), speech, real)


def noise_with(envelope: np.ndarray, seed: int) -> Speech:
    """Noise that is as loud as `envelope` (n,) says, at 25 values a second."""
    random = np.random.default_rng(seed)
    tracks = (random.normal(0, 0.1, len(envelope) * rate // 25) for rate in (16_000, 48_000))
    loud = (track * np.repeat(envelope, len(track) // len(envelope)) for track in tracks)
    return Speech(*(track.astype(np.float32) for track in loud))


def test_the_baseline_opens_with_the_sound_and_does_nothing_else() -> None:
    track = by_loudness(spoken("Hello there!"))
    moved = np.flatnonzero(track.weights.any(axis=0))
    assert list(moved) == [INDEX["jawOpen"]]
    assert track.weights[0].max() < 0.05
    assert track.weights.max() > 0.4


def test_a_jaw_opens_exactly_as_far_as_it_is_asked_to() -> None:
    wanted = np.array([-0.01, 0, 0.005, 0.03, 0.09])
    assert gap_of(jaw_only(wanted).weights) == pytest.approx(np.maximum(wanted, 0), abs=1e-6)


def test_lips_part_further_with_all_that_parts_them_and_not_at_all_when_shut() -> None:
    jaw = weights(jawOpen=0.4)
    more = weights(jawOpen=0.4, **both("mouthLowerDown", 0.5))
    shut = weights(jawOpen=0.4, mouthClose=1, **both("mouthLowerDown", 0.5))
    first, second, third = gap_of(np.stack([jaw, more, shut]))
    assert second > first > 0.03
    assert third == 0


def test_rhubarbs_mouths_open_as_its_manual_draws_them() -> None:
    gap = rhubarb.gaps()
    assert set(gap) == set("ABCDEFGHX")
    assert gap["A"] == gap["X"] == 0
    assert 0 < gap["G"] < gap["B"] < gap["E"] <= gap["C"] <= gap["H"] < gap["D"]
    assert gap["F"] < gap["E"]


def test_shapes_that_switch_become_a_mouth_that_moves() -> None:
    gap = eased([(0.4, 0.8, 0.05), (0.8, 1.2, 0.0)], duration_s=2)
    assert len(gap) == 50
    assert gap[15] == pytest.approx(0.05, abs=1e-3)
    assert gap[[0, 28, 49]] == pytest.approx([0, 0, 0], abs=1e-3)
    assert gap[10] == pytest.approx(0.025, abs=0.008)  # on its way at 0.4 s


def test_mel_learns_from_the_other_clips_alone() -> None:
    """Mouths that do what the sound does are learnt; one clip whose mouth does not, does not teach itself."""
    envelopes = [0.1 + np.abs(np.sin(np.arange(250) * speed)) for speed in (0.21, 0.27, 0.34)]
    clips = [clip(str(seed), noise_with(loud, seed), 0.03 * loud) for seed, loud in enumerate(envelopes)]
    liar = clip("liar", noise_with(envelopes[0], 9), 0.03 * envelopes[1])
    guess = gap_of(MelLinear([*clips, liar]).motion(liar).weights)
    assert np.corrcoef(guess, envelopes[0])[0, 1] > 0.8
    assert np.corrcoef(guess, liar.real)[0, 1] < 0.5


def test_bands_hear_a_tone_where_it_is() -> None:
    low, high = (log_mel(np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000)).mean(axis=0) for hz in (300, 3000))
    assert low.argmax() < 12
    assert high.argmax() > 22


@pytest.mark.parametrize("find", FINDERS)
def test_what_is_not_installed_is_skipped_with_the_command_that_installs_it(
    find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    missing = find(tmp_path)
    assert isinstance(missing, Missing)
    assert "\n" not in str(missing)
    assert "skipped" in str(missing) and " install " in str(missing) and str(tmp_path) in str(missing)


def test_every_sound_that_pocketsphinx_names_is_in_our_table() -> None:
    from engine.motion.visemes import VISEMES

    names = [*sphinx.IPA.values(), *sum(rhubarb.PHONEMES.values(), ()), *sum(headaudio.PHONEMES.values(), ())]
    assert set(names) <= set(VISEMES)
    assert len(sphinx.IPA) == 39


def run_beside_loudness(script: str) -> list[str]:
    """Compare a peer whose program is a line of Python with loudness; return the names that have scores."""
    peer = Peer("other", lambda _: answer([sys.executable, "-c", script]))
    one = clip("one", spoken("Hello there!"), np.random.default_rng(0).random(30))
    return list(compare([one], [peer, LOUDNESS], render=False))


def test_a_program_that_hangs_is_left_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("bench.peers.program.LONGEST_S", 0.5)
    assert run_beside_loudness("import time; time.sleep(60)") == ["loudness"]
    assert "other is left out: it failed on one" in capsys.readouterr().err


def test_a_program_that_breaks_is_left_out_with_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_beside_loudness("raise SystemExit('no model')") == ["loudness"]
    assert "no model" in capsys.readouterr().err


def test_a_program_that_prints_something_else_has_failed() -> None:
    with pytest.raises(ProgramFailed):
        answer([sys.executable, "-c", "print('hello')"])
