"""Every speech comes out equally loud and never clips; the meter here is not the engine's."""

import numpy as np
import pytest

from engine.speech import open_speech
from tests.engine import sounds

TEXT = "The boat was not far from the harbor. Mother said we can dance after half past four."


def test_the_meter_reads_what_the_standard_says() -> None:
    # EBU Tech 3341, case 1, for one channel: a 1 kHz sine that peaks at -20 dBFS is -23.0 LUFS.
    assert sounds.loudness_lufs(sounds.tone(20, hz=1000, level=0.1)) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("gain_db", [-34, -20, 0, 12])
def test_quiet_and_loud_recordings_meet_at_minus_16_lufs(gain_db: float) -> None:
    recorded = sounds.spoken(TEXT).video * 10 ** ((gain_db - 10) / 20)
    speech = open_speech(sounds.encoded(recorded, 48_000, "wav", "pcm_f32le"))
    assert sounds.loudness_lufs(speech.video) == pytest.approx(-16, abs=0.5)
    assert sounds.true_peak_db(speech.video) <= -1.5


def test_synthetic_speech_has_the_same_loudness() -> None:
    video = sounds.spoken(TEXT).video
    assert sounds.loudness_lufs(video) == pytest.approx(-16, abs=0.5)
    assert sounds.true_peak_db(video) <= -1.5


def test_clicks_are_limited_without_moving_the_sound() -> None:
    recorded = sounds.spoken(TEXT).video * 0.05
    recorded[24_000::48_000] = 0.9
    speech = open_speech(sounds.encoded(recorded, 48_000, "wav", "pcm_f32le"))
    assert sounds.true_peak_db(speech.video) <= -1.5
    assert sounds.delay_s(speech.video, recorded, 48_000) == 0


def test_where_nothing_peaks_the_sound_is_only_scaled() -> None:
    recorded = sounds.tone(4, hz=500, level=0.02)
    video = open_speech(sounds.encoded(recorded, 48_000, "wav", "pcm_f32le")).video
    ratio = (
        video[4_800:-4_800][np.abs(recorded[4_800:-4_800]) > 0.01]
        / recorded[4_800:-4_800][np.abs(recorded[4_800:-4_800]) > 0.01]
    )
    assert ratio.std() / ratio.mean() < 1e-3


@pytest.mark.parametrize("duration_s", [0.02, 0.3, 1.0])
def test_a_short_sound_is_as_loud_as_a_long_one(duration_s: float) -> None:
    speech = open_speech(sounds.encoded(sounds.tone(duration_s, level=0.01, hz=1000), 48_000))
    looped = np.tile(speech.video, int(np.ceil(3 / duration_s)))
    assert speech.duration_s == pytest.approx(duration_s, abs=1e-4)
    assert sounds.loudness_lufs(looped) == pytest.approx(-16, abs=1)
