"""Words with times -> cues that can be read: two short lines at a time, written as WebVTT or SubRip.

Limits after the BBC's Subtitle Guidelines (v1.2.3) and Netflix's Timed Text Style Guide: 37 to 42 characters a line,
two lines, a cue stands for 5/6 s at least and 7 s at most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.speech.types import Word

LINE_CHARS, LINES = 40, 2
LONGEST_S, SHORTEST_S = 7.0, 5 / 6
PAUSE_S = 0.7  # a pause as long as this ends a cue
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
QUOTES = "\"'”’»)"


@dataclass(frozen=True, slots=True)
class Cue:
    """Text that stands in the picture from start_s to end_s; lines are divided by a line feed."""

    start_s: float
    end_s: float
    text: str


def cues_of(words: Iterable[Word]) -> list[Cue]:
    """Group words into cues that follow the speech and never overlap."""
    groups = list(_groups(words))
    following = [group[0].start_s for group in groups[1:]] + [float("inf")]
    return [
        Cue(group[0].start_s, min(max(group[-1].end_s, group[0].start_s + SHORTEST_S), until), _lines(group))
        for group, until in zip(groups, following, strict=True)
    ]


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


def _groups(words: Iterable[Word]) -> Iterator[list[Word]]:
    group: list[Word] = []
    for word in words:
        if group and _is_full(group, word):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _is_full(group: list[Word], word: Word) -> bool:
    last = group[-1]
    return (
        last.text.rstrip(QUOTES).endswith(SENTENCE_ENDS)
        or word.start_s - last.end_s > PAUSE_S
        or word.end_s - group[0].start_s > LONGEST_S
        or len(_broken([*group, word])) > LINES
    )


def _lines(group: list[Word]) -> str:
    """The words on as few lines as they need, of about equal length."""
    lines = _broken(group)
    if len(lines) < LINES:
        return "\n".join(lines)
    text = " ".join(word.text for word in group)
    spaces = [at for at, sign in enumerate(text) if sign == " "]
    fitting = [at for at in spaces if max(at, len(text) - at - 1) <= LINE_CHARS]
    if not fitting:  # a word longer than a line
        return "\n".join(lines)
    middle = min(fitting, key=lambda at: abs(at - len(text) / 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"


def _broken(group: list[Word]) -> list[str]:
    lines = [""]
    for word in group:
        longer = f"{lines[-1]} {word.text}".strip()
        if len(longer) <= LINE_CHARS or not lines[-1]:
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
