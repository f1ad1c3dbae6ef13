"""The cues of any speech: from its own words where they are known, else from what is heard in it (English)."""

from collections.abc import Iterator

from engine.captions.align import align
from engine.captions.cues import LINE_CHARS, NARROW_CHARS, Cue, cues_of
from engine.captions.transcribe import transcribe
from engine.speech.types import Speech, Word


def caption(speech: Speech, *, upright: bool = False) -> list[Cue]:
    """Return the cues of speech; none where no word is known or understood. upright: with short lines.

    A recording takes about a fifth of its own length on one core, text no time. Raises WeightsMissing.
    """
    return cues_of(speech.words or _heard(speech), NARROW_CHARS if upright else LINE_CHARS)


def _heard(speech: Speech) -> Iterator[Word]:
    for heard in transcribe(speech.analysis):
        for word in align(heard.text, heard.samples):
            yield Word(word.text, word.start_s + heard.start_s, word.end_s + heard.start_s)
