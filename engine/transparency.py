"""Videos with an opacity a pixel: VP9 in WebM, which browsers show, and ProRes 4444 in MOV, which editors take."""

from fractions import Fraction
from functools import partial

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from engine.video import AAC_FRAME, Film, Frame

OPUS_FRAME = 960  # samples; 20 ms, its usual length


def _stream(
    codec: str,
    pixels: str,
    options: dict[str, str],
    container: OutputContainer,
    rate: Fraction,
    size_px: tuple[int, int],
) -> VideoStream:
    stream = container.add_stream(codec, rate=rate, options=options)
    assert isinstance(stream, VideoStream)  # by its codec
    stream.width, stream.height = size_px
    stream.pix_fmt = pixels
    stream.time_base = 1 / rate
    stream.codec_context.colorspace = Colorspace.ITU709
    stream.codec_context.color_range = ColorRange.MPEG
    return stream


def _picture(pixel_format: str, pixels: Frame, index: int, rate: Fraction) -> av.VideoFrame:
    """An (h, w, 4) RGBA frame as the encoder takes it; colours are not premultiplied, as both formats have it."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgba").reformat(
        format=pixel_format, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    frame.pts = index
    frame.time_base = 1 / rate
    return frame


# Constant quality in the encoder's fast mode, as for opaque WebM. Frames that only help others to be coded
# (auto-alt-ref) would bring opacity and colours out of step.
_VP9 = {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "30", "b": "0", "auto-alt-ref": "0"}
VP9 = Film(
    container="webm",
    sound="libopus",
    sound_block=OPUS_FRAME,
    add_stream=partial(_stream, "libvpx-vp9", "yuva420p", _VP9),
    picture=partial(_picture, "yuva420p"),
)
PRORES = Film(
    container="mov",
    sound="aac",
    sound_block=AAC_FRAME,
    add_stream=partial(_stream, "prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "8"}),
    picture=partial(_picture, "yuva444p10le"),
)
