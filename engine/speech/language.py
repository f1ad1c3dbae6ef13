"""Which language a text is written in (py3langid, BSD; naive Bayes over 139 languages' n-grams)."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from engine.speech.markup import without_marks
from engine.speech.reading import ADDRESS, MAIL
from engine.speech.text import LATIN, scripts_of

# Languages of states and of many people: with all 139, "Hello there" is Sesotho.
COMMON = frozenset((
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id",
    "is", "it", "ja", "ko", "lt", "lv", "mr", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw",
    "ta", "te", "th", "tr", "uk", "ur", "vi", "zh",
))  # fmt: skip
SURE_KNOWN = 0.45  # enough to take a voice of that language: "Bonjour" is French by 0.47, "Guten Tag" German by 0.50
SURE_UNKNOWN, UNKNOWN_LETTERS = 0.8, 12  # refusing asks for more: "My name is José García" is Hungarian by 0.21


@dataclass(frozen=True, slots=True)
class Detected:
    """language: base subtag ("de"), or "" when the text does not tell. probability: 0..1."""

    language: str
    probability: float


def detect(text: str, spoken: Iterable[str], default: str) -> Detected:
    """Return the language of a text, as far as it matters to somebody who has voices.

    spoken: base subtags of the languages that have a voice. default: the one for texts that do not tell. A language
    that is not among `spoken` is returned only when the text is surely not in one that is, or in another script.
    """
    spoken = frozenset(spoken)
    written = MAIL.sub(" ", ADDRESS.sub(" ", without_marks(text)))
    letters = [sign for sign in written if unicodedata.category(sign)[0] == "L"]
    if not letters:
        return Detected(default, 0.0)
    language, probability = _rank(" ".join(written.split()), COMMON | spoken)[0]
    script = Counter(unicodedata.name(sign, "").partition(" ")[0] for sign in letters).most_common(1)[0][0]
    foreign = script != LATIN and script not in scripts_of(default)
    if script not in scripts_of(language):  # most of it: "Hello 日本" is not Chinese
        language = default if script in scripts_of(default) else language
    if language in spoken:
        return Detected(language if foreign or probability >= SURE_KNOWN else default, probability)
    if foreign:
        same = [known for known, _ in _rank(written, spoken) if script in scripts_of(known)]
        sure = probability >= SURE_UNKNOWN and len(letters) >= UNKNOWN_LETTERS
        return Detected(same[0] if same and not sure else language, probability)
    sure = probability >= SURE_UNKNOWN and len(letters) >= UNKNOWN_LETTERS
    return Detected(language if sure else default, probability)


def _rank(text: str, languages: frozenset[str]) -> list[tuple[str, float]]:
    """Those of the languages that the model knows, the likeliest first, as if there were no others."""
    found = [(language, float(share)) for language, share in _model().rank(text) if language in languages]
    whole = sum(share for _, share in found)
    return [(language, share / whole) for language, share in found] if whole else [("", 0.0)]


@cache
def _model() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
