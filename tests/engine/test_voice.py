"""Text becomes speech whose phonemes are where they are heard, or is refused with the reason."""

from itertools import pairwise

import numpy as np
import pytest

from engine.errors import TextTooLong, TextUnspeakable, UnknownVoice
from engine.motion.hearing import level_db
from engine.speech import SpeechLimits, check_text, open_library, speak
from engine.speech.types import ANALYSIS_RATE
from tests.engine.sounds import spoken

VOWELS = tuple("ɑæɐəɛɜiɪoɔuʊʌae")
TEXT = "Peter Piper picked a peck of pickled peppers. Bob kept a tiny pup in the back of the shop."


def symbols(text: str, voice: str = "hibari-us") -> str:
    return " ".join(phone.symbol for phone in spoken(text, voice).phones)


@pytest.mark.parametrize("voice", ["hibari-us", "hibari-gb"])
def test_phones_follow_one_another_within_the_sound(voice: str) -> None:
    speech = spoken(TEXT + "\n\nAnd then: nothing, at all!", voice)
    assert all(phone.end_s > phone.start_s >= 0 for phone in speech.phones)
    assert all(before.end_s <= after.start_s + 1e-9 for before, after in pairwise(speech.phones))
    assert speech.phones[-1].end_s <= speech.duration_s
    assert speech.language == open_library().find(voice).language


def test_vowels_are_loud_and_stops_are_quiet_where_the_phones_say_so() -> None:
    speech = spoken(TEXT)
    level = level_db(speech.analysis)

    def mean_level(shift_s: float, wanted: tuple[str, ...]) -> float:
        parts = [
            level[round((phone.start_s + shift_s) * 100) : round((phone.end_s + shift_s) * 100)]
            for phone in speech.phones
            if phone.symbol.startswith(wanted)
        ]
        return float(np.concatenate(parts).mean())

    contrast = {shift: mean_level(shift / 1000, VOWELS) - mean_level(shift / 1000, tuple("ptkb")) for shift in SHIFTS}
    assert contrast[0] > 10
    best_ms = max(contrast.items(), key=lambda item: item[1])[0]
    assert abs(best_ms) <= 20


SHIFTS = range(-100, 101, 10)  # ms


def test_stress_falls_on_the_right_vowels() -> None:
    phones = spoken("Banana.").phones
    assert [phone.stress for phone in phones if phone.symbol in VOWELS] == [0, 1, 0]


def test_the_same_text_sounds_the_same() -> None:
    assert np.array_equal(speak("Again and again.").video, speak("Again and again.").video)


def test_numbers_and_money_are_spoken() -> None:
    assert symbols("42") == symbols("forty two")
    assert "d ɑ l ə ɹ z" in symbols("It costs $5.99.")
    assert symbols("٣") == symbols("3") == symbols("three")


def test_no_at_the_end_of_a_sentence_is_not_a_number() -> None:
    assert symbols("She said no. I agreed.").startswith("ʃ i s ɛ d n oʊ aɪ")


def test_a_number_too_long_to_name_is_read_digit_by_digit() -> None:
    assert symbols("1" * 20) == symbols(" ".join("1" * 20))


@pytest.mark.parametrize("heap", ["1,1," * 300, "-1" * 600, "a1" * 600, "http://" * 150, "$" * 50 + "1,1" * 200])
def test_heaps_of_signs_are_read_or_refused_but_never_break_the_reader(heap: str) -> None:
    with pytest.raises((TextTooLong, TextUnspeakable)):
        speak(heap, limits=SpeechLimits(max_duration_s=3))


def test_the_british_voice_says_dance_its_own_way() -> None:
    assert symbols("dance", "hibari-us") == "d æ n s"
    assert symbols("dance", "hibari-gb") == "d ɑ n s"
    assert not symbols("far", "hibari-gb").endswith("ɹ")


def test_emoji_and_control_characters_are_passed_over() -> None:
    plain = symbols("Hello there my friend.")
    assert symbols("Hello\x00 👋🏽 there\u200d my\t friend.\ud800") == plain


def test_a_word_in_another_script_is_read_in_latin_letters() -> None:
    assert symbols("Say мир, my friend.") == symbols("Say mir, my friend.")
    assert symbols("𝓗𝓮𝓵𝓵𝓸 ｔｈｅｒｅ") == symbols("Hello there")


def test_paragraphs_are_held_apart_longer_than_sentences() -> None:
    together, apart = spoken("One. Two."), spoken("One.\n\nTwo.")
    assert apart.duration_s == pytest.approx(together.duration_s + 0.35, abs=0.01)


def test_a_long_sentence_without_a_pause_is_spoken_whole() -> None:
    words = "and another one of the same kind " * 25
    phones = spoken(words).phones
    assert len(phones) == pytest.approx(25 * len(spoken("and another one of the same kind").phones), rel=0.02)


@pytest.mark.parametrize("text", ["", "   \n\t", "...!?", "😀👍🏽", "\x00\x01", "你好", "привет", "— ( ) “”"])
def test_what_cannot_be_spoken_is_refused_with_and_without_synthesis(text: str) -> None:
    for refuse in (check_text, speak):
        with pytest.raises(TextUnspeakable):
            refuse(text)


def test_too_many_characters_are_refused_at_once() -> None:
    for refuse in (check_text, speak):
        with pytest.raises(TextTooLong) as refusal:
            refuse("word " * 20_000)
        assert refusal.value.details == {"characters": 100_000, "max_characters": 5000}


def test_a_text_that_takes_too_long_to_say_is_refused() -> None:
    with pytest.raises(TextTooLong):
        speak("This sentence takes about three seconds to say. " * 5, limits=SpeechLimits(max_duration_s=5))


def test_an_unknown_voice_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UnknownVoice) as refusal:
        speak("Hello.", "nobody")
    assert refusal.value.details["voices"] == [voice.name for voice in open_library().voices]


def test_an_ordinary_text_passes_the_check() -> None:
    check_text("Hello, world!")


def test_analysis_and_video_are_one_sound() -> None:
    speech = spoken("Hello, world!")
    assert len(speech.analysis) / ANALYSIS_RATE == pytest.approx(speech.duration_s, abs=1e-4)
