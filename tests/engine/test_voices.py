"""The bundled engines keep one protocol: any voice, any speed, pauses, pronunciations, and words with times."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from engine.captions import cues_of
from engine.captions.transcribe import transcribe
from engine.errors import (
    MarkupInvalid,
    PronunciationIgnored,
    TextTooLong,
    TextUnspeakable,
    UnknownVoice,
    VoiceUnavailable,
)
from engine.motion import animate
from engine.speech import SpeechLimits, check_text, open_library, speak
from engine.speech.voices import VoiceSources
from tests.engine.sounds import spoken

PICO = {
    "pico-de-de": "Guten Tag! Ich bin ein Foto, das sprechen kann.",
    "pico-en-gb": "Good morning. I am a photo that can talk.",
    "pico-en-us": "Good morning. I am a photo that can talk.",
    "pico-es-es": "¡Buenos días! Soy una foto que puede hablar.",
    "pico-fr-fr": "Bonjour ! Je suis une photo qui sait parler.",
    "pico-it-it": "Buongiorno! Sono una foto che sa parlare.",
}


def test_six_languages_and_more_speak_without_an_extra():
    library = open_library()
    assert len({voice.language for voice in library.voices}) >= 6
    assert all(voice.licence and voice.sample_rate >= 16_000 for voice in library.voices)
    assert len({voice.name for voice in library.voices}) == len(library.voices)


@pytest.mark.parametrize("voice", PICO)
def test_a_pico_voice_says_its_words_in_order(voice):
    speech = spoken(PICO[voice], voice)
    assert 2 < speech.duration_s < 6
    assert "".join(word.text for word in speech.words).replace(" ", "") == PICO[voice].replace(" ", "")
    assert all(before.end_s <= after.start_s + 1e-9 for before, after in pairwise(speech.words))
    assert speech.words[-1].end_s <= speech.duration_s
    assert " ".join(" ".join(cue.text.split()) for cue in cues_of(speech.words)) == PICO[voice]
    assert speech.language == open_library().find(voice).language


def test_english_by_pico_is_understood():
    (heard,) = transcribe(spoken(PICO["pico-en-us"], "pico-en-us").analysis)
    assert heard.text.startswith("Good morning")
    assert heard.text.endswith("photo that can talk.")


def test_a_voice_without_phonemes_moves_the_mouth_by_its_sound():
    speech = spoken(PICO["pico-de-de"], "pico-de-de")
    assert speech.phones == ()
    jaw = animate(speech, fps=25.0)
    assert len(jaw) >= speech.duration_s * 25 - 1


def test_pico_is_not_clipped():
    speech = open_library().engine_of(open_library().find("pico-de-de"))
    samples = speech.say("Aaah, das ist aber schön laut!", open_library().find("pico-de-de"), 1.0).samples
    assert np.mean(np.abs(samples) > 0.999) < 0.001


@pytest.mark.parametrize("voice", ["hibari-us", "pico-en-gb"])
def test_speed_changes_the_length_and_keeps_the_pitch(voice):
    text = "This sentence is spoken at several speeds, and it stays the same voice."
    plain = spoken(text, voice)
    for speed in (0.5, 2.0):
        other = speak(text, voice, speed=speed)
        assert plain.duration_s / other.duration_s == pytest.approx(speed, rel=0.2)
        assert pitch_hz(other.analysis) == pytest.approx(pitch_hz(plain.analysis), rel=0.12)


def pitch_hz(samples):
    """Median pitch of (n,) samples at 16 kHz, by autocorrelation of the louder frames."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::512].astype(float)
    frames = frames[np.abs(frames).max(axis=1) > 0.3 * np.abs(samples).max()]
    found = [np.correlate(frame, frame, "full")[1023:] for frame in frames]
    lags = [60 + int(np.argmax(line[60:220])) for line in found if line[60:220].max() > 0.5 * line[0]]
    return 16_000 / float(np.median(lags))


def test_a_break_lasts_as_long_as_it_says():
    plain, paused = spoken("One. Two."), spoken('One. <break time="1.5s"/> Two.')
    assert paused.duration_s - plain.duration_s == pytest.approx(1.5, abs=0.01)
    assert [word.text for word in paused.words] == ["One.", "Two."]
    assert paused.words[1].start_s - plain.words[1].start_s == pytest.approx(1.5, abs=0.05)
    assert paused.text.split() == ["One.", "Two."]
    assert speak("One. <break/> Two.").duration_s > plain.duration_s


@pytest.mark.parametrize(
    "text",
    [
        'Hello <break time="500"/>',
        'Hello <break time="11s"/>',
        'Hello <break strength="huge"/>',
        "Hello <prosody rate='slow'>there</prosody>",
        '<phoneme alphabet="x-sampa" ph="h@">hello</phoneme>',
        '<phoneme alphabet="ipa">hello</phoneme>',
        "[hello](/HELLO9/)",
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(text):
    for refuse in (check_text, speak):
        with pytest.raises(MarkupInvalid):
            refuse(text)


def test_breaks_count_towards_the_longest_speech():
    with pytest.raises(TextTooLong):
        speak("Hello." + '<break time="10s"/>' * 5, limits=SpeechLimits(max_duration_s=20))
    with pytest.raises(TextUnspeakable):
        speak('<break time="1s"/>')


@pytest.mark.parametrize(
    "text",
    [
        "Say [tomato](/təˈmɑːtoʊ/), please.",
        'Say <phoneme alphabet="ipa" ph="təˈmɑːtoʊ">tomato</phoneme>, please.',
    ],
)
def test_a_word_is_said_as_it_is_asked(text):
    speech = spoken(text)
    assert [word.text for word in speech.words] == ["Say", "tomato,", "please."]
    assert "t ə m ɑ t oʊ" in " ".join(phone.symbol for phone in speech.phones)
    assert speech.text == "Say tomato, please."


def test_a_voice_that_cannot_be_told_refuses_a_pronunciation():
    for refuse in (check_text, speak):
        with pytest.raises(PronunciationIgnored):
            refuse("[Haus](/haʊs/)", voice="pico-de-de")


def test_signs_of_comparison_and_links_are_no_marks():
    assert "lɛs ðən" not in spoken("I love you.").text
    for text in ("3 < 4 and 5 > 2", "I <3 you", "AT&amp;T", "[our page](https://example.com/a)"):
        check_text(text)
    assert [word.text for word in spoken("See [our page](https://example.com/a).").words] == ["See", "our", "page."]


def test_five_thousand_characters_in_many_sentences_keep_their_words():
    text = ("Das ist ein Satz mit einigen Wörtern, und er ist etwas länger. " * 80)[:5000]
    speech = speak(text, "pico-de-de")
    assert len(speech.words) == len(text.split())
    assert speech.duration_s < 600


def test_a_voice_speaks_from_two_threads_at_once():
    texts = ["Guten Morgen.", "Gute Nacht, und schlaf gut."]
    lengths = {text: speak(text, "pico-de-de").duration_s for text in texts}
    heard: list[tuple[str, float]] = []

    def say(text: str) -> None:
        heard.append((text, speak(text, "pico-de-de").duration_s))

    threads = [threading.Thread(target=say, args=[text]) for text in texts * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 8
    assert all(length == pytest.approx(lengths[text], abs=0.05) for text, length in heard)


def test_a_known_voice_that_is_not_installed_says_how_to_get_it(tmp_path):
    library = open_library(VoiceSources(piper_folder=tmp_path, espeak_program="no-such-program"))
    for name, hint in (("piper-thorsten", "PIPER_VOICES"), ("espeak-sv", "apt install espeak-ng")):
        with pytest.raises(VoiceUnavailable, match=hint):
            library.find(name)
    with pytest.raises(UnknownVoice):
        library.find("caruso")
