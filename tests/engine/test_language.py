"""The language of a text is found out, and a doubtful one is the default's."""

import pytest

from engine.speech.language import detect

OURS = ("en", "de", "es", "fr", "it")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello! I am a photo, and I can talk.", "en"),
        ("Guten Tag", "de"),
        ("Bonjour", "fr"),
        ("Nos vemos mañana", "es"),
        ("Buongiorno a tutti", "it"),
        ("Hej, hur mår du idag? Jag heter Anna", "sv"),
        ("Dzień dobry, jak się masz?", "pl"),
        ("你好", "zh"),
        ("こんにちは", "ja"),
        ("안녕하세요", "ko"),
    ],
)
def test_a_language_is_found_with_or_without_a_voice(text, language):
    assert detect(text, OURS, "en").language == language


@pytest.mark.parametrize(
    "text",
    ["Hi", "OK", "Bob", "1234", "", "😀", "My name is José García", "Mama saw a boat", "Welcome to Zürich",
     "Hello 日本", "https://www.beispiel.de/eine/seite", '<break time="1s"/>', "lorem ipsum dolor sit amet"],
)  # fmt: skip
@pytest.mark.parametrize("default", ["en", "de"])
def test_a_text_that_does_not_tell_is_in_the_default_language(text, default):
    detected = detect(text, OURS, default).language
    assert detected in (default, "en") if "Welcome" in text else detected == default


def test_a_short_text_in_another_script_takes_a_language_of_that_script():
    assert detect("Привет", (*OURS, "ru"), "en").language == "ru"
    assert detect("Привет, как дела?", OURS, "en").language != "en"
