"""What the mouth does for recordings, whose words are unknown: close to what it does when they are known."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from engine.arkit import INDEX, LOWER_FACE
from engine.motion import animate, encoder, listen
from engine.motion.encoder import FEATURES, STRIDE, encode
from engine.motion.listen import COLUMNS, CONTEXT, HEAD, PER_FEATURE
from engine.motion.mouth import JAW
from engine.sessions import CPU, open_session
from engine.speech import Speech, open_speech
from engine.speech.types import ANALYSIS_RATE
from tests.engine import sounds
from tests.engine.sounds import spoken

TEXT = (
    "My brother bought a big yellow boat, and we sail it every summer. Who knew that it would move so smoothly? "
    "People on the beach wave at us, happy and very amused."
)
MOUTH = [index for name, index in INDEX.items() if name.startswith(("jaw", "mouth")) and name != "mouthClose"]


def unknown(speech: Speech) -> Speech:
    """The same sound, as if a stranger had uploaded it."""
    return replace(speech, phones=(), text="", language="")


@pytest.mark.parametrize(
    ("name", "least"),
    [("jawOpen", 0.8), ("mouthPucker", 0.8), ("mouthFunnel", 0.7), ("mouthStretchLeft", 0.8), ("mouthClose", 0.8)],
)
def test_a_recording_moves_the_mouth_as_its_phonemes_would(name: str, least: float) -> None:
    known, heard = animate(spoken(TEXT), fps=25), animate(unknown(spoken(TEXT)), fps=25)
    assert np.corrcoef(known.weights[:, INDEX[name]], heard.weights[:, INDEX[name]])[0, 1] > least


def test_its_movements_are_as_large() -> None:
    known, heard = animate(spoken(TEXT), fps=25), animate(unknown(spoken(TEXT)), fps=25)
    for name in ("jawOpen", "mouthPucker"):
        assert 0.75 < heard.weights[:, INDEX[name]].std() / known.weights[:, INDEX[name]].std() < 1.33


def test_it_shuts_the_lips_on_most_closures() -> None:
    speech = spoken(TEXT)
    close = animate(unknown(speech), fps=50).weights[:, INDEX["mouthClose"]]
    shut = [
        close[round((phone.start_s - 0.06) * 50) : round((phone.end_s + 0.03) * 50)].max() > 0.6
        for phone in speech.phones
        if phone.symbol in "pbm"
    ]
    assert len(shut) >= 12 and np.mean(shut) > 0.85


def test_the_whole_lower_face_takes_part() -> None:
    moved = animate(unknown(spoken(TEXT)), fps=25).weights[:, [INDEX[name] for name in LOWER_FACE]].std(axis=0)
    assert len(moved) == 33 and moved.min() > 0.001
    assert (moved > 0.008).sum() >= 25  # frowns, the puff of a P and the jaw to the side are small in calm speech


def test_another_speaker_is_understood_as_well() -> None:
    """The same words from a larger person: pitch and formants a sixth lower, and slower."""
    speech = spoken(TEXT)
    low = open_speech(sounds.encoded(speech.video * 0.5, 41_143, "wav", "pcm_f32le"))
    stretch = low.duration_s / speech.duration_s
    jaw = animate(low, fps=25).weights[:, INDEX["jawOpen"]]
    expected = animate(speech, fps=25 * stretch).weights[:, INDEX["jawOpen"]]
    size = min(len(jaw), len(expected))
    assert np.corrcoef(jaw[:size], expected[:size])[0, 1] > 0.75


def test_pauses_are_still_and_shut_also_in_a_noisy_room() -> None:
    sentence = spoken("Here we are.").video * 0.5
    pause = np.zeros(2 * 48_000, np.float32)
    recording = np.concatenate([pause, sentence, pause])
    for noise_db in (-120, -50):
        noise = np.random.default_rng(0).standard_normal(len(recording)) * 10 ** (noise_db / 20)
        track = animate(open_speech(sounds.encoded(recording + noise, 48_000, "wav", "pcm_f32le")), fps=25)
        still = np.concatenate([track.weights[:40], track.weights[-35:]])
        assert still[:, INDEX["mouthClose"]].min() > 0.95, noise_db
        assert still[:, MOUTH].max() < 0.02, noise_db
        assert track.weights[50:-50, INDEX["jawOpen"]].max() > 0.15


def test_the_mouth_does_not_jitter() -> None:
    """Second differences against the movement itself; a signal of real mouths has about 1.0 here."""
    jaw = animate(unknown(spoken(TEXT)), fps=25).weights[:, INDEX["jawOpen"]]
    assert np.abs(np.diff(jaw, 2)).mean() / jaw.std() < 1.0


def test_features_of_long_speech_come_in_windows_that_join() -> None:
    speech = spoken(" ".join([TEXT] * 2))
    windows = list(encode(speech.analysis))
    assert len(windows) > 1
    whole = np.concatenate(windows)
    assert len(whole) == -(-len(speech.analysis) // STRIDE)
    steps = np.linalg.norm(np.diff(whole, axis=0), axis=1)
    seam = len(windows[0]) - 1
    assert steps[seam] < np.percentile(steps, 99.5) * 1.5


def test_a_window_at_a_time_gives_what_the_whole_at_once_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """No seams: the network, fed in pieces of any length, answers as if it had been fed in one."""
    features = np.concatenate(list(encode(spoken(TEXT).analysis)))
    answers = []
    for size in (len(features), 7, 320):
        pieces = [features[at : at + size] for at in range(0, len(features), size)]
        monkeypatch.setattr(listen, "encode", lambda samples, windows, pieces=pieces: iter(pieces))
        answers.append(listen.listen(np.zeros(len(features) * STRIDE, np.float32)))
    for other in answers[1:]:
        assert np.allclose(other.mouth.free, answers[0].mouth.free, atol=1e-4)
        assert np.allclose(other.mouth.shut, answers[0].mouth.shut, atol=1e-3)
        assert np.allclose([other.brow, other.nod], [answers[0].brow, answers[0].nod], atol=1e-4)


def test_the_mouth_hardly_cares_where_the_encoder_s_windows_join(monkeypatch: pytest.MonkeyPatch) -> None:
    speech = spoken(" ".join([TEXT] * 2))
    windows = listen.listen(speech.analysis).mouth.free
    monkeypatch.setattr(encoder, "WINDOW", 1400 * STRIDE)  # longer than the speech
    at_once = listen.listen(speech.analysis).mouth.free
    jaw = [curve[:, JAW] for curve in (windows, at_once)]
    assert np.corrcoef(*jaw)[0, 1] > 0.97
    seam = np.abs(np.diff(jaw[0]))[740:800]  # the first window ends at 7.68 s
    assert seam.max() <= np.abs(np.diff(jaw[0])).max()


def test_an_hour_of_motion_takes_a_fraction_of_the_memory_of_its_speech() -> None:
    def peak_mib(duration_s: float) -> float:
        samples = np.resize(spoken(TEXT).analysis, round(duration_s * ANALYSIS_RATE))
        speech = Speech(samples, np.repeat(samples, 3))
        tracemalloc.start()
        animate(speech, fps=25)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        return peak

    peak_mib(1.0)  # opens the networks
    an_hour = (peak_mib(70.0) - peak_mib(10.0)) * 60
    assert an_hour < 200  # and 879 for the speech


def test_the_shortest_sounds_have_a_motion() -> None:
    for duration_s in (0.01, 0.05, 0.5):
        track = animate(open_speech(sounds.encoded(sounds.tone(duration_s), 48_000)), fps=25)
        assert len(track) == max(1, np.ceil(duration_s * 25))
        assert np.isfinite(track.weights).all() and np.isfinite(track.head).all()


def test_the_network_that_is_shipped_has_the_columns_and_the_context_that_are_read() -> None:
    session = open_session(HEAD, provider=CPU)
    assert session.get_modelmeta().description == f"Columns: {', '.join(COLUMNS)}; context: {CONTEXT}"
    answers = session.run(None, {"features": np.zeros((1, 2 * CONTEXT + 3, FEATURES), np.float32)})[0]
    assert answers.shape == (1, 3 * PER_FEATURE, len(COLUMNS))
    assert HEAD.stat().st_size < 10_000_000
