"""Text as callers send it -> text that a voice can read, or a refusal."""

import unicodedata

from engine.errors import TextTooLong, TextUnspeakable
from engine.speech.types import SpeechLimits
from engine.speech.voices import VoiceInfo, find_voice

DEFAULT_VOICE = "hibari-us"
SCRIPTS = {"en": "LATIN"}  # language -> first word of the Unicode names of its letters


def check_text(text: str, limits: SpeechLimits = SpeechLimits(), voice: str = DEFAULT_VOICE) -> None:
    """Refuse what `speak` would refuse, without synthesis.

    Raises TextTooLong (more characters than the limit), TextUnspeakable (no letter or digit that the voice can
    pronounce) and UnknownVoice. Only `speak` knows how long a text lasts, and refuses one that outlasts the limit.
    """
    clean(text, limits, find_voice(voice))


def clean(text: str, limits: SpeechLimits, voice: VoiceInfo) -> str:
    """Return the text without what no voice can read: control characters, emoji, letters of other scripts.

    Raises TextTooLong, TextUnspeakable.
    """
    if len(text) > limits.max_text_chars:
        raise TextTooLong(
            f"the text has {len(text)} characters, the limit is {limits.max_text_chars}",
            characters=len(text),
            max_characters=limits.max_text_chars,
        )
    script = SCRIPTS[voice.language.split("-")[0]]
    cleaned = "".join(_readable(character, script) for character in unicodedata.normalize("NFC", text))
    if not any(character.isalnum() for character in cleaned):
        raise TextUnspeakable(f"nothing in the text can be spoken in {voice.language}", language=voice.language)
    return cleaned


def _readable(character: str, script: str) -> str:
    if character == "\n" or (character.isascii() and character.isprintable()):
        return character
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))  # digits of any script
    if kind == "Cf":
        return ""  # soft hyphens and joiners stand inside words
    if kind[0] == "L" and not unicodedata.name(character, "").startswith(script):
        return " "
    return " " if kind[0] in "CZ" or kind in ("So", "Sk") else character
