"""A long video in parts that are rendered apart, by whatever machines there are, and joined without encoding again.

    shares = cut(speech, fps=25, count=4)                       # frames 0 to 611, 611 to 1204, ...
    parcel = pack(speech)                                       # what whoever renders a part has to know of it
    render(photo, unpack(parcel), part_file, options, part=Part(shares[0]))
    write_sound(speech, sound_file, film_of(options))
    join(part_files, sound_file, out, options)

Every part is drawn from its own frames of one motion track, which depends on the speech and the seed alone: head,
eyes and lips go on across a joint as if nothing had been cut.
"""

from engine.parts.cutting import cut
from engine.parts.joining import join, write_sound
from engine.parts.parcel import pack, unpack
from engine.parts.types import Part

__all__ = ["Part", "cut", "join", "pack", "unpack", "write_sound"]
