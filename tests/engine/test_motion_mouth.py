"""What the mouth does for words whose phonemes are known."""

from dataclasses import replace

import numpy as np
import pytest

from engine.arkit import INDEX
from engine.motion import MotionTrack, animate
from engine.motion.articulate import articulate
from engine.motion.mouth import COLUMN
from engine.speech import Phone, Speech, open_speech
from tests.engine import sounds
from tests.engine.sounds import spoken

MOUTH = [index for name, index in INDEX.items() if name.startswith(("jaw", "mouth"))]
CLOSE_AND_EYES = [index for name, index in INDEX.items() if name == "mouthClose" or name.startswith(("eye", "brow"))]
LEAD_S = 0.03
FPS_ALL = [10, 12.5, 25, 29.97, 30, 50, 60]


def weight(track: MotionTrack, name: str) -> np.ndarray:
    return track.weights[:, INDEX[name]]


def during(track: MotionTrack, phone: Phone) -> np.ndarray:
    """The rows of the frames that show a phone; lips run a little ahead of the sound."""
    times_s = np.arange(len(track)) / track.fps
    return track.weights[(times_s >= phone.start_s - LEAD_S) & (times_s < phone.end_s - LEAD_S)]


def gap(weights: np.ndarray) -> np.ndarray:
    """How far the lips are parted: nothing is, where mouthClose shuts them."""
    parted = sum(weights[:, INDEX[name]] for name in ("jawOpen", "mouthLowerDownLeft", "mouthUpperUpLeft"))
    return parted * (1 - weights[:, INDEX["mouthClose"]])


@pytest.mark.parametrize("fps", FPS_ALL)
@pytest.mark.parametrize("text", ["Mama bought a puppy.", "Bob may plump up my map.", "Maybe Pam pops by."])
def test_lips_shut_on_every_p_b_and_m_at_any_frame_rate(text: str, fps: float) -> None:
    speech = spoken(text)
    track = animate(speech, fps=fps)
    times_s = np.arange(len(track)) / fps
    for phone in speech.phones:
        if phone.symbol in "pbm":
            near = (times_s >= phone.start_s - LEAD_S - 1 / fps) & (times_s <= phone.end_s - LEAD_S + 1 / fps)
            assert weight(track, "mouthClose")[near].max() > 0.95, phone
            assert gap(track.weights[near]).min() < 0.03, phone


def test_lips_open_between_the_closures() -> None:
    speech = spoken("Mama bought a puppy.")
    track = animate(speech, fps=50)
    for phone in speech.phones:
        if phone.stress == 1:
            assert gap(during(track, phone)).max() > 0.2, phone


def test_f_and_v_bring_the_lower_lip_under_the_teeth() -> None:
    speech = spoken("Five vivid views of a safe.")
    track = animate(speech, fps=50)
    for phone in speech.phones:
        if phone.symbol in "fv":
            assert during(track, phone)[:, INDEX["mouthRollLower"]].max() > 0.25, phone
            assert during(track, phone)[:, INDEX["jawOpen"]].min() < 0.25, phone


def test_ah_ee_and_oo_look_different() -> None:
    def middle(word: str, vowel: str) -> np.ndarray:
        speech = spoken(word)
        phone = next(phone for phone in speech.phones if phone.symbol == vowel)
        rows = during(animate(speech, fps=60), phone)
        return np.asarray(rows[len(rows) // 2])

    ah, ee, oo = middle("Father.", "ɑ"), middle("See.", "i"), middle("Two.", "u")
    assert ah[INDEX["jawOpen"]] > 1.4 * max(ee[INDEX["jawOpen"]], oo[INDEX["jawOpen"]])
    assert ee[INDEX["mouthSmileLeft"]] > 0.15 > max(ah[INDEX["mouthSmileLeft"]], oo[INDEX["mouthSmileLeft"]])
    assert oo[INDEX["mouthPucker"]] > 0.5 > 3 * max(ah[INDEX["mouthPucker"]], ee[INDEX["mouthPucker"]])


def test_rounding_starts_before_the_vowel_that_needs_it() -> None:
    phones = (Phone("s", 0.3, 0.4), Phone("t", 0.4, 0.46), Phone("ɹ", 0.46, 0.52), Phone("u", 0.52, 0.75, 1))
    pucker = articulate(phones, 1.2).free[:, COLUMN["mouthPucker"]]
    assert pucker[42] > 0.15  # 100 ms ahead, on the T
    assert pucker[62] > 0.5


def test_sounds_of_other_languages_have_their_shapes() -> None:
    """The vowels of French "lune", German "schön" and Turkish "kız", and a lip-teeth sound of Dutch."""

    def middle(symbol: str) -> np.ndarray:
        return np.asarray(articulate([Phone(symbol, 0.3, 0.5, 1)], 0.8).free[37])

    for symbol in ("y", "ø"):
        assert middle(symbol)[COLUMN["mouthPucker"]] > 0.25 > middle(symbol)[COLUMN["mouthStretchLeft"]]
    assert middle("ɯ")[COLUMN["mouthPucker"]] < 0.1
    assert articulate([Phone("ʋ", 0.3, 0.5)], 0.8).bite.max() == 1


def test_the_tongue_comes_up_for_l_and_between_the_teeth_for_th() -> None:
    speech = spoken("Thin lace, thick lip.")
    track = animate(speech, fps=60)
    for phone in speech.phones:
        if phone.symbol in ("θ", "l"):
            least = 0.2 if phone.symbol == "θ" else 0.1
            assert during(track, phone)[:, INDEX["tongueOut"]].max() > least, phone
    assert weight(track, "tongueOut")[0] == 0


def heard(duration_s: float, start_s: float, end_s: float) -> Speech:
    """A speech that can be heard from start_s to end_s; its phonemes are unknown."""
    sound = sounds.tone(duration_s)
    times_s = np.arange(len(sound)) / 48_000
    sound[(times_s < start_s) | (times_s >= end_s)] = 0
    return open_speech(sounds.encoded(sound, 48_000))


def test_the_lips_are_shut_and_still_before_between_and_after_sentences() -> None:
    speech = spoken("Here we are.\n\nThere you go.")
    track = animate(speech, fps=25)
    times_s = np.arange(len(track)) / 25
    edges = [0.0, *(edge for phone in speech.phones for edge in (phone.start_s, phone.end_s)), speech.duration_s]
    pauses = [(end, start) for end, start in zip(edges[::2], edges[1::2], strict=True) if start - end > 0.45]
    assert pauses
    for end_s, start_s in pauses:
        resting = track.weights[(times_s > end_s + 0.2) & (times_s < start_s - 0.2)]
        assert resting[:, INDEX["mouthClose"]].min() > 0.95
        assert np.delete(resting, CLOSE_AND_EYES, axis=1).max() < 0.05
    assert track.weights[[0, -1], INDEX["mouthClose"]].min() > 0.95


def test_the_first_and_the_last_frame_are_at_rest_even_in_a_recording_cut_in_mid_word() -> None:
    speech = spoken("Hello there!")
    cut = replace(speech, analysis=speech.analysis[8_000:20_000], video=speech.video[24_000:60_000], phones=())
    for said in (speech, cut):
        track = animate(said, fps=25, head_motion=1)
        assert gap(track.weights[[0, -1]]).max() < 0.05
        assert np.delete(track.weights[[0, -1]], CLOSE_AND_EYES, axis=1).max() < 0.15
        assert np.abs(track.head[[0, -1]]).max() < 0.01


@pytest.mark.parametrize("fps", FPS_ALL)
def test_every_frame_rate_covers_the_whole_speech(fps: float) -> None:
    speech = spoken("Hello there!")
    track = animate(speech, fps=fps)
    assert track.fps == fps
    assert 0 <= len(track) / fps - speech.duration_s < 1 / fps
    assert track.weights.shape == (len(track), 52) and track.head.shape == (len(track), 6)
    assert track.weights.dtype == track.head.dtype == np.float32
    assert track.weights.min() >= 0 and track.weights.max() <= 1


def test_frame_rates_agree() -> None:
    speech = spoken("Who would have thought that the weather could change?")
    fine = animate(speech, fps=60)
    for fps in (10, 25, 30):
        coarse = animate(speech, fps=fps)
        at = np.arange(len(coarse)) / fps * 60
        for name in ("jawOpen", "mouthPucker", "browInnerUp"):
            expected = np.interp(at, np.arange(len(fine)), weight(fine, name))
            assert np.abs(weight(coarse, name) - expected).mean() < 0.03, (fps, name)
        for axis in range(6):
            expected = np.interp(at, np.arange(len(fine)), fine.head[:, axis])
            assert np.abs(coarse.head[:, axis] - expected).max() < 0.002


def test_expressiveness_scales_the_mouth_and_zero_leaves_it_at_rest() -> None:
    speech = spoken("Father is far away.")
    half, whole, none = (animate(speech, fps=25, expressiveness=e) for e in (0.5, 1.0, 0.0))
    assert weight(half, "jawOpen").std() == pytest.approx(0.5 * weight(whole, "jawOpen").std(), rel=0.05)
    assert not none.weights[:, MOUTH].any()
    assert weight(none, "eyeBlinkLeft").any() == weight(whole, "eyeBlinkLeft").any()


def test_fast_speech_keeps_its_peaks() -> None:
    """The mouth must not turn to mush: stressed open vowels reach far in spite of their neighbours."""
    speech = spoken("Pop the top of the box on the rock, Bob.")
    track = animate(speech, fps=50)
    peaks = [
        during(track, phone)[:, INDEX["jawOpen"]].max()
        for phone in speech.phones
        if phone.symbol == "ɑ" and phone.stress == 1
    ]
    assert len(peaks) >= 4 and min(peaks) > 0.35
