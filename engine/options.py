"""What a caller may choose about a video."""

import re
from dataclasses import dataclass, fields
from typing import Any

from engine.convert import FORMATS
from engine.errors import InvalidOption, NoTransparency
from engine.framing import ASPECT_RATIOS
from engine.renderer.cutout import BACKGROUNDS, ORIGINAL, TRANSPARENT

MIN_FPS, MAX_FPS = 10.0, 60.0  # below 10 lips cannot close for a P; above 60 no player shows more
MIN_SIDE_PX, MAX_SIDE_PX = 128, 3840
MIN_SPEED, MAX_SPEED = 0.5, 2.0  # of speech: beyond, voices swallow sounds or tear them apart
COLOUR = re.compile("#[0-9a-fA-F]{6}")
CAPTIONS = ("off", "file", "burned")  # none; their times and words; these and the text in the picture as well


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one video; each default suits a talking photo.

    Raises InvalidOption when a value lies outside its range.
    """

    fps: float = 25.0  # the rate at which talking people are filmed in most of the world
    resolution: int = 1280  # longest side in px; a photo is made smaller to fit, never larger
    head_motion: float = 0.5  # 0: the head is still; 1: as lively as the renderer allows
    expressiveness: float = 1.0  # scales mouth, brows and nods; 1: natural
    seed: int = 0  # blinks and head sway; the same seed gives the same video
    face_index: int | None = None  # which face, largest first; None: the clearly largest
    output_format: str = "mp4"  # one of engine.convert.FORMATS
    aspect_ratio: str = "original"  # one of engine.framing.ASPECT_RATIOS; cut around the face
    background: str = ORIGINAL  # or one of BACKGROUNDS, or a colour as #rrggbb
    captions: str = "off"  # one of CAPTIONS; a recording has to be transcribed for them, which takes time
    speed: float = 1.0  # of a text's speech, at the same pitch; a recording keeps its own

    def __post_init__(self) -> None:
        for name, low, high in (
            ("fps", MIN_FPS, MAX_FPS),
            ("resolution", MIN_SIDE_PX, MAX_SIDE_PX),
            ("head_motion", 0, 1),
            ("expressiveness", 0, 2),
            ("speed", MIN_SPEED, MAX_SPEED),
            ("seed", 0, 2**31 - 1),
            ("face_index", 0, 99),
        ):
            _require_range(name, getattr(self, name), low, high)
        _require_choice("output_format", self.output_format, tuple(FORMATS))
        _require_choice("aspect_ratio", self.aspect_ratio, tuple(ASPECT_RATIOS))
        _require_choice("captions", self.captions, CAPTIONS)
        _require_background(self.background, self.output_format)


OPTION_NAMES = tuple(field.name for field in fields(Options))


def _require_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise _no_choice(name, value, choices)


def _require_background(value: Any, output_format: str) -> None:
    is_colour = isinstance(value, str) and COLOUR.fullmatch(value)
    if value not in BACKGROUNDS and not is_colour:
        raise _no_choice("background", value, (*BACKGROUNDS, "#rrggbb"))
    if value == TRANSPARENT and not FORMATS[output_format].transparency:
        able = [name for name, made in FORMATS.items() if made.transparency]
        raise NoTransparency(
            f"{output_format} holds no transparency; {' and '.join(able)} do",
            option="background",
            value=value,
            output_format=output_format,
            choices=able,
        )


def _no_choice(name: str, value: Any, choices: tuple[str, ...]) -> InvalidOption:
    return InvalidOption(
        f"{name} must be one of {', '.join(choices)}, got {value}",
        option=name,
        value=str(value),
        choices=list(choices),
    )


def _require_range(name: str, value: Any, low: float, high: float) -> None:
    if value is None and name == "face_index":
        return
    if not isinstance(value, int | float) or not low <= value <= high:  # also refuses NaN
        raise InvalidOption(
            f"{name} must lie between {low:g} and {high:g}, got {value}",
            option=name,
            value=str(value),
            minimum=low,
            maximum=high,
        )
