"""Photo + speech -> a video in which the photo talks. Knows nothing of Django.

In short:

    from engine import Options, render, speak

    with open("out.mp4", "wb") as out:
        render(open("photo.jpg", "rb").read(), speak("Hello."), out, Options(fps=30))
"""

import os

# Before NumPy loads. Our matrices are small: a second thread took 22 % more CPU for a short video and saved no time,
# and where several workers share a machine the threads of all would wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from engine.allocation import give_back_large_blocks
from engine.errors import EngineError
from engine.options import Options
from engine.pipeline import LastRig, Rendered, look, render
from engine.speech import check_text, open_speech, speak
from engine.speech.types import Speech

__all__ = [
    "EngineError",
    "LastRig",
    "Options",
    "Rendered",
    "Speech",
    "check_text",
    "look",
    "open_speech",
    "render",
    "speak",
]

give_back_large_blocks()
