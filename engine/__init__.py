"""Photo + speech -> a video in which the photo talks. Knows nothing of Django.

In short:

    from engine import Options, render, speak

    with open("out.mp4", "wb") as out:
        render(open("photo.jpg", "rb").read(), speak("Hello."), out, Options(fps=30))
"""

from engine.allocation import give_back_large_blocks
from engine.errors import EngineError
from engine.options import Options
from engine.pipeline import Rendered, look, render
from engine.speech import check_text, open_speech, speak
from engine.speech.types import Speech

__all__ = ["EngineError", "Options", "Rendered", "Speech", "check_text", "look", "open_speech", "render", "speak"]

give_back_large_blocks()
