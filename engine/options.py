"""What a caller may choose about a video."""

from dataclasses import dataclass, fields
from typing import Any

from engine.convert import FORMATS
from engine.errors import InvalidOption

MIN_FPS, MAX_FPS = 10.0, 60.0  # below 10 lips cannot close for a P; above 60 no player shows more
MIN_SIDE_PX, MAX_SIDE_PX = 128, 3840
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
    captions: str = "off"  # one of CAPTIONS; a recording has to be transcribed for them, which takes time

    def __post_init__(self) -> None:
        for name, low, high in (
            ("fps", MIN_FPS, MAX_FPS),
            ("resolution", MIN_SIDE_PX, MAX_SIDE_PX),
            ("head_motion", 0, 1),
            ("expressiveness", 0, 2),
            ("seed", 0, 2**31 - 1),
            ("face_index", 0, 99),
        ):
            _require_range(name, getattr(self, name), low, high)
        _require_choice("output_format", self.output_format, tuple(FORMATS))
        _require_choice("captions", self.captions, CAPTIONS)


OPTION_NAMES = tuple(field.name for field in fields(Options))


def _require_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidOption(
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
