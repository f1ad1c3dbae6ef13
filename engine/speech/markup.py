"""Marks in a text: pauses, paragraphs, and how a word sounds.

A small part of SSML 1.1 (https://www.w3.org/TR/speech-synthesis11/): <break>, <phoneme alphabet="ipa">, <p>, <s>,
<speak>. Beside it `[word](/ipa/)`, into which a <phoneme> is turned, so that engines see one form.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import MarkupInvalid

TAG = re.compile(r"<(/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>")
ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
PHONEME = re.compile(r"<phoneme\b([^>]*)>([^<]*)</phoneme\s*>", re.IGNORECASE)
PRONOUNCED = re.compile(r"\[([^\[\]\n]{1,60})\]\(/([^/()\n]{1,80})/\)")
LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((?!/[^/()\n]{1,80}/\))[^()\s]*\)")  # Markdown
TIME = re.compile(r"\+?(\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})(ms|s)")
LONGEST_BREAK_S = 10.0
STRENGTHS_S = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.0}
NEW_LINES = {"p": "\n\n", "s": "\n", "speak": "\n"}
SUPRASEGMENTALS = frozenset("ˈˌːˑ.|‿ '̯")


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence where a <break> stands."""

    seconds: float


def parse(text: str) -> list[str | Pause]:
    """Return the stretches of text between pauses, and the pauses. Raises MarkupInvalid."""
    text = PHONEME.sub(_as_link, LINK.sub(r"\1", text))
    for word, ipa in PRONOUNCED.findall(text):
        _require_ipa(word, ipa)
    return [part if isinstance(part, Pause) else html.unescape(part) for part in _parts(text)]


def without_marks(text: str) -> str:
    """Return what is written in a text, for people to read; marks that are wrong stay."""
    text = PHONEME.sub(lambda found: found[2], LINK.sub(r"\1", text))
    return PRONOUNCED.sub(r"\1", TAG.sub(" ", text))


def _parts(text: str) -> Iterator[str | Pause]:
    said, at = "", 0
    for tag in TAG.finditer(text):
        said, at = said + text[at : tag.start()], tag.end()
        name = tag[2].lower()
        if name == "break":
            yield said
            yield Pause(_break_s(tag[3]))
            said = ""
        elif name in NEW_LINES:
            said += NEW_LINES[name]
        else:
            raise MarkupInvalid(f"{tag[0][:60]} is not a mark that can be spoken", mark=tag[0][:60])
    yield said + text[at:]


def _attributes(written: str) -> dict[str, str]:
    return {name.lower(): html.unescape(first or second) for name, first, second in ATTRIBUTE.findall(written)}


def _break_s(written: str) -> float:
    attributes = _attributes(written)
    if "time" not in attributes:
        strength = attributes.get("strength", "medium")
        if strength not in STRENGTHS_S:
            raise MarkupInvalid(f"a break cannot be {strength[:20]!r}", strength=strength[:20], known=[*STRENGTHS_S])
        return STRENGTHS_S[strength]
    time = TIME.fullmatch(attributes["time"].strip())
    seconds = float(time[1]) / (1000 if time[2] == "ms" else 1) if time else -1.0
    if not 0 <= seconds <= LONGEST_BREAK_S:
        raise MarkupInvalid(
            f"a break lasts 0 s to {LONGEST_BREAK_S:g} s, as in 500ms or 1.5s, not {attributes['time'][:20]!r}",
            time=attributes["time"][:20],
            max_s=LONGEST_BREAK_S,
        )
    return seconds


def _as_link(found: re.Match[str]) -> str:
    attributes, word = _attributes(found[1]), " ".join(found[2].split())
    alphabet, ipa = attributes.get("alphabet", "ipa"), attributes.get("ph", "").strip().strip("/")
    if alphabet != "ipa":
        raise MarkupInvalid(f"phonemes are written in the alphabet ipa, not {alphabet[:20]!r}", alphabet=alphabet[:20])
    link = f"[{word}](/{ipa}/)"
    if not PRONOUNCED.fullmatch(link):
        raise MarkupInvalid("a <phoneme> takes a word and its sounds in `ph`", word=word[:60], ph=ipa[:80])
    return link


def _require_ipa(word: str, ipa: str) -> None:
    for sign in ipa:
        if sign not in SUPRASEGMENTALS and unicodedata.category(sign) not in ("Ll", "Lo", "Lm", "Mn"):
            raise MarkupInvalid(f"{sign!r} is no sign of the IPA", word=word, ph=ipa, sign=sign)
