"""A video that nobody wants any more stops within a second, whatever is being done to it."""

import io
import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine import Options, Speech, render, speak
from engine.errors import Canceled
from engine.speech import open_speech
from engine.stopping import checkpoint, stoppable
from tests import factories

PARAGRAPH = "The quick brown fox jumps over the lazy dog, while seven wizards boil magical potions in an iron pot. "
WITHIN_S = 0.9  # of this process' CPU: a machine that is busy with other things stretches the clock


class Asked:
    """When the engine asked whether to stop, in seconds of CPU, and at what stage."""

    def __init__(self) -> None:
        self.stage = "speech"
        self.times: list[tuple[str, float]] = [(self.stage, time.process_time())]

    def note(self, stage: str, progress: float) -> None:
        self.stage = stage

    def __call__(self) -> bool:
        self.times.append((self.stage, time.process_time()))
        return False

    def gaps(self) -> dict[str, float]:
        """The longest time between two questions, by stage."""
        self()
        longest: dict[str, float] = {}  # a stage is told after the question at its begin
        for (_, before), (stage, after) in pairwise(self.times):
            longest[stage] = max(longest.get(stage, 0.0), after - before)
        return longest


@pytest.fixture(scope="module")
def recording() -> Speech:
    """Seven seconds that have to be listened to and written down."""
    spoken = speak(PARAGRAPH)
    return Speech(analysis=spoken.analysis, video=spoken.video)


@pytest.mark.parametrize("options", [{"captions": "burned"}, {"output_format": "webm"}, {"background": "blur"}])
def test_every_stage_asks_often_enough(photo: bytes, recording: Speech, options: dict[str, Any]) -> None:
    render(photo, speak("Hello."), io.BytesIO(), Options(fps=10, resolution=256, **options))  # loads what it needs
    asked = Asked()
    chosen = Options(fps=10.0, resolution=384, **options)
    render(photo, recording, io.BytesIO(), chosen, on_progress=asked.note, should_stop=asked)
    assert {stage: gap for stage, gap in asked.gaps().items() if gap > WITHIN_S} == {}


def test_synthesis_and_decoding_ask_often_enough() -> None:
    speak("Hello.")
    asked = Asked()
    with stoppable(asked):
        speak(PARAGRAPH * 3)
        open_speech(factories.wav(np.sin(np.arange(16_000 * 60) / 20.0) * 0.3))
    assert max(asked.gaps().values()) < WITHIN_S
    assert len(asked.times) > 10


def test_what_is_asked_to_stop_stops() -> None:
    with stoppable(lambda: True), pytest.raises(Canceled):
        speak("Hello.")
    checkpoint()  # outside, nobody asks
    with stoppable(None):
        checkpoint()
