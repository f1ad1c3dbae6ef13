"""Text as callers send it -> text that a voice can read, or a refusal."""

import unicodedata

from anyascii import anyascii

from engine.errors import PronunciationIgnored, TextTooLong, TextUnspeakable
from engine.speech.markup import PRONOUNCED, Pause, parse
from engine.speech.types import SpeechLimits
from engine.speech.voice_library import VoiceLibrary, open_library
from engine.speech.voices import VoiceInfo

DEFAULT_VOICE = "hibari-us"
LATIN = "LATIN"
# base language -> first words of the Unicode names of its letters; all others are written in Latin letters alone
SCRIPTS = {
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tt", "uk"), ("CYRILLIC",)),
    **dict.fromkeys(("ar", "fa", "ug", "ur"), ("ARABIC",)),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), ("DEVANAGARI",)),
    **dict.fromkeys(("cmn", "yue", "zh"), ("CJK",)),
    "am": ("ETHIOPIC",),
    "bn": ("BENGALI",),
    "el": ("GREEK",),
    "gu": ("GUJARATI",),
    "he": ("HEBREW",),
    "hy": ("ARMENIAN",),
    "ja": ("HIRAGANA", "KATAKANA", "CJK"),
    "ka": ("GEORGIAN",),
    "kn": ("KANNADA",),
    "ko": ("HANGUL", "CJK"),
    "ml": ("MALAYALAM",),
    "pa": ("GURMUKHI",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "th": ("THAI",),
}
FANCY = ("<font>", "<wide>", "<narrow>", "<circle>", "<compat> 0066")  # plain letters in disguise; last: ligatures


def check_text(
    text: str,
    limits: SpeechLimits = SpeechLimits(),
    voice: str = DEFAULT_VOICE,
    library: VoiceLibrary | None = None,
) -> None:
    """Refuse what `speak` would refuse, without synthesis.

    Raises TextTooLong (more characters than the limit), TextUnspeakable (no letter or digit that the voice can
    pronounce), MarkupInvalid, PronunciationIgnored, UnknownVoice and VoiceUnavailable. Only `speak` knows how long a
    text lasts, and refuses one that outlasts the limit.
    """
    clean(text, limits, (library or open_library()).find(voice))


def clean(text: str, limits: SpeechLimits, voice: VoiceInfo) -> list[str | Pause]:
    """Return stretches of text and the pauses between them, without what no voice can read: control characters, emoji.

    Words in another script are written in Latin letters, unless most of the text is.
    Raises TextTooLong, TextUnspeakable, MarkupInvalid, PronunciationIgnored.
    """
    if len(text) > limits.max_text_chars:
        raise TextTooLong(
            f"the text has {len(text)} characters, the limit is {limits.max_text_chars}",
            characters=len(text),
            max_characters=limits.max_text_chars,
        )
    parts = [part if isinstance(part, Pause) else _outside(part, voice) for part in parse(text)]
    written = PRONOUNCED.sub(r"\1", "".join(part for part in parts if isinstance(part, str)))
    if not any(character.isalnum() for character in written) or not _is_readable(text, voice):
        raise TextUnspeakable(f"nothing in the text can be spoken in {voice.language}", language=voice.language)
    return parts


def scripts_of(language: str) -> tuple[str, ...]:
    """First words of the Unicode names of the letters in which a language (BCP 47) is written."""
    return SCRIPTS.get(language.split("-", maxsplit=1)[0], (LATIN,))


def _is_readable(text: str, voice: VoiceInfo) -> bool:
    """Whether at least half of the letters are in a script that the voice reads; digits alone are, too."""
    plain = unicodedata.normalize("NFKC", text)
    letters = [character for character in plain if unicodedata.category(character)[0] == "L"]
    known = (*scripts_of(voice.language), LATIN)
    return 2 * sum(_script(character) in known for character in letters) >= len(letters)


def _outside(part: str, voice: VoiceInfo) -> str:
    """Clean what stands outside of pronunciations."""
    marks = [mark[0] for mark in PRONOUNCED.finditer(part)]
    if marks and not voice.takes_ipa:
        raise PronunciationIgnored(f"{voice.title} cannot be told how a word sounds", voice=voice.name, mark=marks[0])
    known = (*scripts_of(voice.language), LATIN)
    pieces = PRONOUNCED.sub("\0", part).split("\0") if marks else [part]
    cleaned = ["".join(_readable(sign, known) for sign in unicodedata.normalize("NFC", piece)) for piece in pieces]
    return "".join(piece + mark for piece, mark in zip(cleaned, [*marks, ""], strict=True))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _readable(character: str, scripts: tuple[str, ...]) -> str:
    if character == "\n" or (character.isascii() and character.isprintable()):
        return character
    kind = unicodedata.category(character)
    if kind[0] in "LNS" and unicodedata.decomposition(character).startswith(FANCY):
        plain = unicodedata.normalize("NFKC", character)
        return plain if plain.isascii() else "".join(_readable(sign, scripts) for sign in plain)
    if kind == "Nd":
        return str(unicodedata.decimal(character))  # digits of any script
    if kind == "Cf":
        return ""  # soft hyphens and joiners stand inside words
    if kind[0] == "L" and _script(character) not in (*scripts, "MODIFIER"):
        return anyascii(character)
    return " " if kind[0] in "CZ" or kind in ("So", "Sk") else character
