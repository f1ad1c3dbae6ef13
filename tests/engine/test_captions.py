"""Captions: the words of any speech, when they are heard, and how they are written and shown."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from engine.captions import Cue, burn, caption, cues_of, sub_rip, web_vtt
from engine.captions.align import align
from engine.captions.transcribe import transcribe
from engine.speech import speak
from engine.speech.types import ANALYSIS_RATE, Speech, Word

TEXT = (
    "Every morning I read the news aloud, and the people who walk by stop for a moment, smile, and wonder how "
    "a still picture found its voice. It is a pleasure to meet you!"
)


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return speak(TEXT)


def plain(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def evenly(text: str, word_s: float = 0.4) -> list[Word]:
    return [Word(word, at * word_s, (at + 1) * word_s) for at, word in enumerate(text.split())]


def test_spoken_text_knows_when_each_of_its_words_is_heard(spoken: Speech) -> None:
    assert [word.text for word in spoken.words] == TEXT.split()
    edges = [edge for word in spoken.words for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges)
    assert edges[0] == spoken.phones[0].start_s
    assert edges[-1] == spoken.phones[-1].end_s


def test_numbers_and_dashes_keep_their_place_among_the_words() -> None:
    words = speak("In 1999 I paid $5.20 — for tea.").words
    assert [word.text for word in words] == ["In", "1999", "I", "paid", "$5.20 —", "for", "tea."]
    longest = max(words, key=lambda word: word.end_s - word.start_s)
    assert longest.text == "$5.20 —"


def test_the_words_of_a_recording_are_heard(spoken: Speech) -> None:
    heard = " ".join(piece.text for piece in transcribe(spoken.analysis))
    assert plain(heard) == plain(TEXT)


def test_the_words_of_a_recording_are_found_where_they_are_said(spoken: Speech) -> None:
    delay_s = 0.6
    later = np.concatenate([np.zeros(round(delay_s * ANALYSIS_RATE), np.float32), spoken.analysis])
    found = align(TEXT, later)
    assert [word.text for word in found] == TEXT.split()
    errors = [ours.start_s - delay_s - true.start_s for ours, true in zip(found, spoken.words, strict=True)]
    assert np.median(np.abs(errors)) < 0.05
    assert np.max(np.abs(errors)) < 0.25


def test_a_recording_gets_the_cues_that_its_text_would_get(spoken: Speech) -> None:
    ours, known = caption(replace(spoken, words=(), phones=(), text="")), caption(spoken)
    assert plain(" ".join(cue.text for cue in ours)) == plain(" ".join(cue.text for cue in known))
    assert abs(ours[0].start_s - known[0].start_s) < 0.3
    assert abs(ours[-1].end_s - known[-1].end_s) < 0.3


def test_noise_says_nothing() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 3 * ANALYSIS_RATE).astype(np.float32)
    assert caption(Speech(analysis=noise, video=np.repeat(noise, 3))) == []


@pytest.mark.parametrize("upright", [False, True])
def test_a_cue_has_two_short_lines_and_no_two_stand_at_once(spoken: Speech, upright: bool) -> None:
    cues = caption(spoken, upright=upright)
    lines = [line for cue in cues for line in cue.text.splitlines()]
    assert max(len(line) for line in lines) <= (24 if upright else 40)
    assert max(cue.text.count("\n") for cue in cues) <= 1
    assert all(before.end_s <= after.start_s for before, after in itertools.pairwise(cues))
    assert " ".join(lines) == TEXT


def test_a_cue_ends_with_its_sentence_and_with_a_pause() -> None:
    assert [cue.text for cue in cues_of(evenly("Stop it. Now go"))] == ["Stop it.", "Now go"]
    paused = [Word("Well", 0, 0.4), Word("then", 2.0, 2.4)]
    assert [cue.text for cue in cues_of(paused)] == ["Well", "then"]


def test_a_short_cue_stays_long_enough_to_be_read() -> None:
    (cue,) = cues_of([Word("No.", 1.0, 1.2)])
    assert cue.end_s - cue.start_s == pytest.approx(5 / 6)


def test_a_word_longer_than_a_line_is_kept_whole() -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
    assert [cue.text for cue in cues_of(evenly(word))] == [word]


def test_web_vtt_has_its_header_its_clock_and_no_markup_from_the_text() -> None:
    written = web_vtt([Cue(3661.5, 3662.25, "Tom & Jerry\n<b>run</b>")])
    assert written == "WEBVTT\n\n01:01:01.500 --> 01:01:02.250\nTom &amp; Jerry\n&lt;b&gt;run&lt;/b&gt;\n"


def test_sub_rip_counts_its_cues_and_writes_commas() -> None:
    written = sub_rip([Cue(0, 1, "One"), Cue(1, 2.5, "Two")])
    assert written == "1\n00:00:00,000 --> 00:00:01,000\nOne\n\n2\n00:00:01,000 --> 00:00:02,500\nTwo\n"


@pytest.mark.parametrize("channels", [3, 4])
def test_burnt_in_text_stands_low_in_the_picture_while_its_cue_lasts(channels: int) -> None:
    blank = np.full((240, 320, channels), 90, np.uint8)
    blank[..., 3:] = 0
    shown = list(burn((blank for _ in range(30)), [Cue(0.4, 0.8, "Good morning,\neverybody")], (320, 240), fps=25.0))
    with_text = [index for index, frame in enumerate(shown) if not np.array_equal(frame, blank)]
    assert with_text == list(range(10, 20))
    changed = (shown[12] != blank).any(axis=2)
    assert not changed[:170].any()
    assert changed[170:].mean() > 0.05
    assert shown[12][changed][:, :3].max() > 240
    if channels == 4:
        assert shown[12][changed][:, 3].max() == 255


def test_burnt_in_text_stays_inside_a_narrow_picture() -> None:
    blank = np.zeros((320, 180, 3), np.uint8)
    (frame,) = burn(iter([blank]), [Cue(0, 1, "a line of forty characters, or nearly so")], (180, 320), fps=25.0)
    written = np.flatnonzero(frame.any(axis=(0, 2)))
    assert 5 <= written.min() < written.max() <= 174
