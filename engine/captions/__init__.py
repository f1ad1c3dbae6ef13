"""Captions: the words of speech and when they are heard, as cues, files or part of the picture."""

from engine.captions.burn import burn
from engine.captions.cues import Cue, cues_of, sub_rip, web_vtt
from engine.captions.find import caption

__all__ = ["Cue", "burn", "caption", "cues_of", "sub_rip", "web_vtt"]
