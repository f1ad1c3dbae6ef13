"""How much work a video will be, told before it is begun.

The unit is a second of the machine that docs/benchmarks.md was measured on, two cores; what another machine makes of
it, `express/pace.py` learns from its videos. The coefficients are a fit to the stages of thirty kinds of videos.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from engine import Options
from engine.renderer.cutout import TRANSPARENT

SETUP_S, SETUP_S_A_MP = 0.5, 0.55  # storage, face and rig
LISTEN_S_A_S = 0.045  # speech, and how the face moves with it
TRANSCRIBE_S_A_S = 0.42  # captions of a recording
FRAME_S, FRAME_S_A_MP, FACE_S_A_MP = 0.0033, 0.0145, 0.03  # drawing and encoding; the face is drawn in many layers
CONVERT_S_A_MP = {"mp4": 0.0, "mov": 0.022, "webm": 0.028}  # encoding again, a frame
TRANSPARENT_S_A_MP = {"mov": 0.1, "webm": 0.022}  # ProRes takes its time
USUAL_MP = 0.6  # of a picture of which nothing is known any more
TEXT_PAUSE_S, CHARS_A_SECOND = 0.7, 15.0  # of synthetic speech; a wide character is worth three
WIDE_CHARS = 3


def spoken_s(text: str) -> float:
    """Return about how many seconds it takes to say a text."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return TEXT_PAUSE_S + (len(text) + (WIDE_CHARS - 1) * wide) / CHARS_A_SECOND


def effort_s(
    speech_s: float, size_px: tuple[int, int], face_px: tuple[float, float], options: Options, *, recorded: bool
) -> float:
    """Return the seconds that a video takes to make.

    size_px, face_px: width and height of the picture and of the face in it. recorded: the speech is not a text.
    """
    picture_mp = size_px[0] * size_px[1] / 1e6
    frame_s = FRAME_S + FRAME_S_A_MP * picture_mp + FACE_S_A_MP * face_px[0] * face_px[1] / 1e6
    if options.background == TRANSPARENT:
        frame_s += TRANSPARENT_S_A_MP[options.output_format] * picture_mp
    else:
        frame_s += CONVERT_S_A_MP[options.output_format] * picture_mp
    second_s = LISTEN_S_A_S + options.fps * frame_s
    if recorded and options.captions != "off":
        second_s += TRANSCRIBE_S_A_S
    return SETUP_S + SETUP_S_A_MP * picture_mp + speech_s * second_s


def before_s(speech_s: float, options: Mapping[str, Any], *, recorded: bool) -> float:
    """Return about how much of that passes before the first frame. options: those of Options that were chosen."""
    listen_s = LISTEN_S_A_S + (TRANSCRIBE_S_A_S if recorded and options.get("captions", "off") != "off" else 0.0)
    return SETUP_S + SETUP_S_A_MP * USUAL_MP + speech_s * listen_s


def after_share(options: Mapping[str, Any]) -> float:
    """Return about which share of the rest passes after the last frame: that of another format's encoder."""
    if options.get("background") == TRANSPARENT:
        return 0.0
    convert_s = CONVERT_S_A_MP[options.get("output_format", "mp4")]
    return convert_s / (FRAME_S / USUAL_MP + FRAME_S_A_MP + convert_s)
