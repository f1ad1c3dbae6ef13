"""Text -> paragraphs and sentences, which are spoken one at a time."""

import re
from collections.abc import Iterator

from hibari import Hibari

FULL_WIDTH_END = re.compile(r"(?<=[。！？])(?=[^」』”’）)])")  # no space follows them
LONGEST = 400  # characters of one sentence; beyond, it is cut after a comma or between words
# "am 22. November": in these languages a number with a full stop is an ordinal.
ORDINAL = re.compile(r"(?<!\d)(\d{1,2})\.\s+(?=\w)")
ORDINAL_LANGUAGES = frozenset(
    ("cs", "da", "de", "et", "fi", "hr", "hu", "is", "lt", "lv", "nb", "no", "sk", "sl", "sr")
)
NO_BREAK = "\N{WORD JOINER}"  # stands for a space after which no sentence begins; cleaned text holds none


def paragraphs(text: str) -> list[str]:
    """Return what stands between empty lines."""
    return [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def sentences(paragraph: str, language: str) -> Iterator[str]:
    """Yield the sentences of a paragraph, each at most LONGEST characters long; a line's end ends one as well."""
    if language.split("-", maxsplit=1)[0] in ORDINAL_LANGUAGES:
        paragraph = ORDINAL.sub(rf"\1.{NO_BREAK}", paragraph)
    for part in FULL_WIDTH_END.sub("\n", paragraph).splitlines():
        for sentence in Hibari.split_sentences(part) if part.strip() else ():
            yield from _fitting(sentence.replace(NO_BREAK, " ").strip())


def _fitting(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        head = sentence[:LONGEST]
        end = max(head.rfind(mark) for mark in (", ", "; ", ": ", "，", "、")) + 1 or head.rfind(" ") + 1 or LONGEST
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence
