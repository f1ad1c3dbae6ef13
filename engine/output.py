"""What kind of file the options ask for, and how it comes to be."""

from collections.abc import Callable
from typing import BinaryIO

from engine.convert import FORMATS, write_converted
from engine.options import Options
from engine.renderer.cutout import TRANSPARENT
from engine.video import H264, Film


def film_of(options: Options) -> Film:
    """How frames and sound are encoded: the transparent kind of the format, else what every format is made from."""
    transparent = FORMATS[options.output_format].transparency if options.background == TRANSPARENT else None
    return transparent or H264


def write_in(encode: Callable[[BinaryIO], int], out: BinaryIO, options: Options) -> int:
    """Let `encode` write the video as `film_of` has it, and convert that where needed; return what `encode` did."""
    if options.background == TRANSPARENT or options.output_format == "mp4":
        return encode(out)
    return write_converted(encode, out, options.output_format)
