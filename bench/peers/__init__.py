"""What our motion is held against: simple ways to move a mouth with the sound, and other people's programs.

A peer makes a MotionTrack out of a clip's sound. Those that other people wrote are looked for and run as programs of
their own; where one is missing, Missing says how to install it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.clips import Clip
from engine.motion import MotionTrack


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to move the mouth."""

    name: str
    motion: Callable[[Clip], MotionTrack]


@dataclass(frozen=True, slots=True)
class Missing:
    """A peer that is not installed here."""

    name: str
    install: str

    def __str__(self) -> str:
        return f"{self.name} is skipped: it is not installed. To install it: {self.install}"


Found = Peer | Missing
Finder = Callable[[Path], Found]
