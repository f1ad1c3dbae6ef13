"""Words with times -> cues that can be read: two short lines at a time, written as WebVTT or SubRip.

Limits after the BBC's Subtitle Guidelines (v1.2.3) and Netflix's Timed Text Style Guide: 37 to 42 characters a line,
two lines, a cue stands for 5/6 s at least and 7 s at most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from engine.speech.types import Word

LINE_CHARS, LINES = 40, 2
NARROW_CHARS = 24  # where the picture is upright, as on phones: else the letters would be tiny
LONGEST_S, SHORTEST_S = 7.0, 5 / 6
PAUSE_S = 0.7  # a pause as long as this ends a cue
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
CLAUSE_ENDS = (",", ";", ":", "—", "–", "，", "；")
COMMA_CHARS = 50  # a cue may be this much longer than the next one if a clause ends there
QUOTES = "\"'”’»)"


@dataclass(frozen=True, slots=True)
class Cue:
    """Text that stands in the picture from start_s to end_s; lines are divided by a line feed."""

    start_s: float
    end_s: float
    text: str


def cues_of(words: Iterable[Word], line_chars: int = LINE_CHARS) -> list[Cue]:
    """Group words into cues that follow the speech and never overlap, with at most line_chars characters a line."""
    cues: list[Cue] = []
    for group in _groups(words, line_chars):
        start_s, end_s = group[0].start_s, group[-1].end_s
        if cues:
            cues[-1] = replace(cues[-1], end_s=min(cues[-1].end_s, start_s))
        cues.append(Cue(start_s, max(end_s, start_s + SHORTEST_S), _lines(group, line_chars)))
    return cues


def web_vtt(cues: Iterable[Cue]) -> str:
    """The cues as WebVTT (https://www.w3.org/TR/webvtt1/), media type text/vtt."""
    blocks = [f"{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n{_escaped(cue.text)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def sub_rip(cues: Iterable[Cue]) -> str:
    """The cues as SubRip (.srt), media type application/x-subrip."""
    blocks = [
        f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def _groups(words: Iterable[Word], line_chars: int) -> Iterator[list[Word]]:
    """What is said without a full stop or a pause, in parts that fit."""
    phrase: list[Word] = []
    for word in words:
        if phrase and (_ends_sentence(phrase[-1]) or word.start_s - phrase[-1].end_s > PAUSE_S):
            yield from _parts(phrase, line_chars)
            phrase = []
        phrase.append(word)
    if phrase:
        yield from _parts(phrase, line_chars)


def _parts(phrase: list[Word], line_chars: int) -> Iterator[list[Word]]:
    """Halve a phrase until it fits: near its middle, rather after a comma than in mid-clause."""
    fits = len(_broken(phrase, line_chars)) <= LINES and phrase[-1].end_s - phrase[0].start_s <= LONGEST_S
    if fits or len(phrase) < 2:
        yield phrase
        return
    ends = list(accumulate(len(word.text) + 1 for word in phrase))
    after_comma = [word.text.rstrip(QUOTES).endswith(CLAUSE_ENDS) for word in phrase]
    costs = [abs(2 * end - ends[-1]) - COMMA_CHARS * comma for end, comma in zip(ends, after_comma, strict=True)]
    cut = 1 + min(range(len(phrase) - 1), key=costs.__getitem__)
    yield from _parts(phrase[:cut], line_chars)
    yield from _parts(phrase[cut:], line_chars)


def _ends_sentence(word: Word) -> bool:
    return word.text.rstrip(QUOTES).endswith(SENTENCE_ENDS)


def _lines(group: list[Word], line_chars: int) -> str:
    """The words on as few lines as they need, of about equal length."""
    lines = _broken(group, line_chars)
    if len(lines) < LINES:
        return "\n".join(lines)
    text = " ".join(word.text for word in group)
    spaces = [at for at, sign in enumerate(text) if sign == " "]
    fitting = [at for at in spaces if max(at, len(text) - at - 1) <= line_chars]
    if not fitting:  # a word longer than a line
        return "\n".join(lines)
    middle = min(fitting, key=lambda at: abs(at - len(text) / 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"


def _broken(group: list[Word], line_chars: int) -> list[str]:
    lines = [""]
    for word in group:
        longer = f"{lines[-1]} {word.text}".strip()
        if len(longer) <= line_chars or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word.text)
    return lines


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(max(0.0, seconds) * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
