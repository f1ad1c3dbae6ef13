"""Parts of a film become one file: their packets are copied, nothing is decoded or encoded again."""

from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from typing import Any, BinaryIO

import av
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from engine.errors import EncoderFailed
from engine.options import Options
from engine.output import film_of, write_in
from engine.speech.types import Speech
from engine.stopping import checkpoint
from engine.video import AUDIO_AHEAD_S, film_file, frame_rate, sound_packets

# What the encoder of the sound puts before the speech is cut off again by players, once a file: in parts, each joint
# would click. So it is encoded as a whole.


def write_sound(speech: Speech, out: BinaryIO, options: Options) -> None:
    """Encode the speech alone, as the film that the options ask for holds it. Raises EncoderFailed."""
    film = film_of(options)
    with film_file(film, out) as container:
        for _, packets in sound_packets(container, speech, film):
            container.mux(packets)


def join(parts: Iterable[BinaryIO], sound: BinaryIO, out: BinaryIO, options: Options) -> int:
    """Write the parts of a film, in order, and its sound as one file; return the number of frames.

    Where the options ask for a format that is converted from MP4, what is joined is converted then, as a whole.
    Raises EncoderFailed, also where the parts do not belong together. Nothing is written to `out` on an error.
    """
    film = film_of(options)

    def splice(out: BinaryIO) -> int:
        with film_file(film, out) as container, av.open(sound, "r") as heard:
            return _splice(container, parts, heard, options.fps)

    return write_in(splice, out, options)


def _splice(container: OutputContainer, parts: Iterable[BinaryIO], heard: InputContainer, fps: float) -> int:
    count = 0
    # The pictures first: in a file of ours theirs is the first stream.
    for _, packet in merge(_pictures(container, parts, fps), _sounds(container, heard), key=itemgetter(0)):
        container.mux(packet)
        count += packet.stream.type == "video"
    return count


def _pictures(
    container: OutputContainer, parts: Iterable[BinaryIO], fps: float
) -> Iterator[tuple[float, "av.Packet[Any]"]]:
    """Yield the packets of all parts, each with the seconds at which it belongs into the file."""
    rate = frame_rate(fps)
    target: VideoStream | None = None
    header: bytes | None = None
    first = 0
    for file in parts:
        count = 0
        with av.open(file, "r") as part:
            source = part.streams.video[0]
            if target is None:
                target = container.add_stream_from_template(source)
                header = source.codec_context.extradata
            elif source.codec_context.extradata != header:
                raise EncoderFailed("the parts were encoded in different ways")
            checkpoint()
            for packet in part.demux(source):
                if packet.dts is None or packet.pts is None or packet.time_base is None:
                    continue  # the end
                packet.pts = first + round(packet.pts * packet.time_base * rate)
                packet.dts = first + round(packet.dts * packet.time_base * rate)
                packet.time_base, packet.duration = 1 / rate, 1
                packet.stream = target
                yield packet.dts / fps, packet
                count += 1
        first += count
    if target is None:
        raise EncoderFailed("there are no parts to join")


def _sounds(container: OutputContainer, heard: InputContainer) -> Iterator[tuple[float, "av.Packet[Any]"]]:
    """Yield the packets of the sound, each with the seconds at which it belongs into the file: ahead of the picture."""
    source = heard.streams.audio[0]
    target = container.add_stream_from_template(source)
    for packet in heard.demux(source):
        if packet.dts is not None and packet.time_base is not None:
            packet.stream = target
            yield float(packet.dts * packet.time_base) - AUDIO_AHEAD_S, packet
