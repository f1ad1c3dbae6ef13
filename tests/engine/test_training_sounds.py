"""What training makes of other programs' phonemes and of speech: nothing is lost on the way."""

import numpy as np
import pytest

from engine.motion.mouth import RATE_HZ
from engine.motion.visemes import VISEMES
from engine.speech.types import ANALYSIS_RATE, Phone
from tests.engine.sounds import spoken
from training.mouth.augment import another_room, another_speaker, telephone, with_noise
from training.mouth.ipa import phones, sounds
from training.mouth.prosody import pitch, prominence


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("ˈɑː", ["ɑ"]),  # stress and length
        ("ɔ̃", ["ɔ"]),  # nasal
        ("tɕh", ["tɕ"]),  # aspirated, as eSpeak writes it
        ("onɡ", ["o", "ŋ"]),  # a syllable's rhyme in one symbol
        ("ç", ["ɕ"]),
        ("ʤ", ["dʒ"]),
        ("h", ["h"]),
        ("", []),
    ],
)
def test_marks_are_dropped_and_sounds_kept(symbol: str, expected: list[str]) -> None:
    assert list(sounds(symbol)) == expected
    assert all(sound in VISEMES for sound in expected)


def test_a_short_gap_before_a_sound_is_its_closure_and_a_long_one_a_pause() -> None:
    heard = list(phones(["ˈa", "", "b", "", "m"], [0.0, 0.1, 0.15, 0.2, 0.5, 0.6]))
    assert [(p.symbol, p.start_s, p.end_s, p.stress) for p in heard] == [
        ("a", 0.0, 0.1, 1),
        ("b", 0.1, 0.2, 0),
        ("m", 0.5, 0.6, 0),
    ]


def test_another_speaker_says_the_same_faster_or_slower() -> None:
    samples = spoken("Here we are.").analysis
    played, faster = another_speaker(samples, np.random.default_rng(1))
    assert len(played) * faster == pytest.approx(len(samples), rel=1e-3)
    assert 0.8 < faster < 1.3 and faster != 1


def test_a_telephone_keeps_the_time_and_takes_the_treble() -> None:
    samples = spoken("She says so.").analysis
    heard = telephone(samples)
    assert len(heard) == len(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / ANALYSIS_RATE)
    power, before = (np.abs(np.fft.rfft(sound)) ** 2 for sound in (heard, samples))
    assert power[hz > 4500].sum() < 0.02 * before[hz > 4500].sum() + 1e-4 * power.sum()
    assert np.corrcoef(np.abs(heard), np.abs(samples))[0, 1] > 0.5


def test_noise_is_as_far_below_the_speech_as_asked() -> None:
    samples = spoken("Here we are.").analysis
    noise = with_noise(samples, np.random.default_rng(0), 10.0) - samples
    assert 10 * np.log10(np.square(samples).mean() / np.square(noise).mean()) == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("seed", range(12))
def test_in_any_room_and_through_any_codec_speech_stays_in_time(seed: int) -> None:
    samples = spoken("Here we are, and there you go.").analysis
    heard = another_room(samples, np.random.default_rng(seed), samples[::-1].copy())
    assert len(heard) == len(samples) and np.isfinite(heard).all()

    def loudness(sound: np.ndarray) -> np.ndarray:
        parts = sound[: len(sound) // 160 * 160].reshape(-1, 160)
        return np.asarray(np.sqrt(np.square(parts).mean(axis=1)))

    real, ours = loudness(samples), loudness(heard)
    fits = [np.corrcoef(real[10:-10], np.roll(ours, shift)[10:-10])[0, 1] for shift in range(-8, 9)]
    assert abs(int(np.argmax(fits)) - 8) <= 2  # 20 ms; echoes come later


@pytest.mark.parametrize("hz", [90, 180, 350])
def test_the_pitch_of_a_voice_is_found_and_noise_has_none(hz: float) -> None:
    times_s = np.arange(ANALYSIS_RATE) / ANALYSIS_RATE
    buzz = sum(np.sin(2 * np.pi * hz * harmonic * times_s) / harmonic for harmonic in range(1, 8))
    assert 2 ** pitch(buzz, 0.5) == pytest.approx(hz, rel=0.02)
    assert np.isnan(pitch(np.random.default_rng(0).standard_normal(ANALYSIS_RATE), 0.5))


def test_a_stressed_vowel_that_is_louder_and_higher_is_an_accent() -> None:
    times_s = np.arange(2 * ANALYSIS_RATE) / ANALYSIS_RATE
    loud = (times_s > 1.2) & (times_s < 1.4)
    sound = np.where(loud, 0.3, 0.05) * np.sin(2 * np.pi * np.where(loud, 200, 120) * times_s)
    said = [Phone("ə", 0.2, 0.4), Phone("ɑ", 0.7, 0.9, 1), Phone("ɑ", 1.2, 1.4, 1), Phone("ə", 1.7, 1.9)]
    found = prominence(sound, said)
    weak, stressed, accent, last = (found[round(time_s * RATE_HZ)] for time_s in (0.3, 0.8, 1.3, 1.8))
    assert accent > 0.6 > stressed > max(weak, last)
