"""Whether the lips that we draw are shut on P, B and M, on the right frames; and still in silence.

    python -m bench.closures [--speech FOLDER] [--photo FILE] [--fps 25]

Says sentences of our own that are full of P, B and M, by text; FOLDER adds recordings whose phonemes someone aligned:
each FOLDER/NAME.* that goes with an alignment, FOLDER/align/NAME.*.phone.json, as PocketSphinx writes it (times "b",
"d" and symbols "t" of phonemes "w" in words "w"). Everything is drawn on the photo (scikit-image's astronaut unless
one is given), and the gap between the lips is followed in the frames. Printed, for each kind of speech:

shut       share of the P, B and M at which the gap falls below 15 % of the clip's 95th percentile, within a frame
vowels     share of the vowels at which it does the same, in their middle: a mouth that mumbles would shut there too
silence    how far the gap strays in silence and in a hiss, as a share of that percentile
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage.data

from bench.clips import Picture, Series, follow
from bench.faces import open_rig
from engine.face import find_faces
from engine.motion import animate
from engine.motion.visemes import viseme_of
from engine.renderer import Rig, build_rig
from engine.speech import Speech, open_speech, speak
from engine.speech.types import ANALYSIS_RATE, Phone

SENTENCES = (
    "Mama bought a puppy, and Bob may plump up my map.",
    "People on the beach wave at us, happy and very amused.",
    "Maybe Pam pops by; the big brown bear climbs up the apple tree.",
    "My problem is simple: both pumps jam, and nobody but Mom can help.",
)
SHUT = 0.15  # of the clip's 95th percentile
VOWEL_MIDDLE = (0.3, 0.7)  # of a vowel's time: its edges belong to its neighbours
ARPABET = {"P": "p", "B": "b", "M": "m", "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ"} | {
    "EH": "ɛ", "ER": "ɜ", "EY": "eɪ", "IH": "ɪ", "IY": "i", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "u"
}  # fmt: skip
SILENCE_S, HISS = 3.0, 0.001


@dataclass(frozen=True, slots=True)
class Count:
    """closures, vowels: for each one, whether the lips were shut there."""

    closures: list[bool]
    vowels: list[bool]


def count_shut(gap: Series, fps: float, phones: Sequence[Phone]) -> Count:
    """Look at the gap (n,) at each P, B and M, and in the middle of each vowel."""
    shut = gap < SHUT * np.percentile(gap, 95)
    times_s = np.arange(len(gap)) / fps
    count = Count([], [])
    for phone in phones:
        viseme = viseme_of(phone.symbol)
        if viseme.shuts:
            near = (times_s > phone.start_s - 1 / fps) & (times_s < phone.end_s + 1 / fps)
            count.closures.append(bool(shut[near].any()))
        elif viseme.firmness[0] >= 1:
            first_s, last_s = (phone.start_s + share * (phone.end_s - phone.start_s) for share in VOWEL_MIDDLE)
            middle = (times_s >= first_s) & (times_s <= last_s)
            if middle.any():
                count.vowels.append(bool(shut[middle].all()))
    return count


def aligned(folder: Path) -> Iterator[tuple[str, Speech, list[Phone]]]:
    """Yield name, speech without phonemes, and its phonemes, of each recording that has an alignment."""
    for path in sorted((folder / "align").glob("*.phone.json")):
        name = path.name.split(".")[0]
        sound = next(one for one in sorted(folder.glob(f"{name}.*")) if one.is_file())
        words = json.loads(path.read_text("utf-8"))["w"]
        said = [(one["t"], one["b"], one["d"]) for word in words for one in word["w"]]
        known = [Phone(ARPABET[symbol], begin, begin + lasts) for symbol, begin, lasts in said if symbol in ARPABET]
        yield name, open_speech(sound.read_bytes()), known


def drawn_gap(rig: Rig, speech: Speech, fps: float) -> Series:
    """Return the gap (n,) at `fps` in the frames of the photo that says this."""
    return follow(rig.frames(animate(speech, fps=fps)), fps, fps)


def strays(rig: Rig, fps: float, hiss: float) -> float:
    """Return the standard deviation of the gap while there is nothing to say, in face heights."""
    samples = hiss * np.random.default_rng(0).standard_normal(round(SILENCE_S * ANALYSIS_RATE))
    heard = samples.astype(np.float32)
    return float(drawn_gap(rig, Speech(heard, np.repeat(heard, 3)), fps).std())


def print_row(name: str, counts: Sequence[Count]) -> None:
    """Print how many of the closures, and of the vowels, were shut."""
    closures = [one for count in counts for one in count.closures]
    vowels = [one for count in counts for one in count.vowels]
    shares = (f"{sum(one)} of {len(one)} ({np.mean(one):.0%})" for one in (closures, vowels))
    print(f"| {name} | {' | '.join(shares)} |", flush=True)


def main() -> None:
    """Draw, follow, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, help="recordings, with alignments in FOLDER/align")
    parser.add_argument("--photo", type=Path, help="default: scikit-image's astronaut")
    parser.add_argument("--fps", type=float, default=25.0)
    options = parser.parse_args()
    rig = open_rig(options.photo, 512)[0] if options.photo else astronaut()
    print("| | P, B, M shut | vowels shut |\n|---|---:|---:|")
    texts = [speak(sentence) for sentence in SENTENCES]
    gaps = [drawn_gap(rig, speech, options.fps) for speech in texts]
    pairs = zip(gaps, texts, strict=True)
    print_row("text", [count_shut(gap, options.fps, speech.phones) for gap, speech in pairs])
    if options.speech:
        counts = []
        for name, speech, phones in aligned(options.speech):
            counts.append(count_shut(drawn_gap(rig, speech, options.fps), options.fps, phones))
            print_row(name, counts[-1:])
        print_row("recordings, all", counts)
    widest = float(np.mean([np.percentile(gap, 95) for gap in gaps]))
    for name, hiss in (("silence", 0.0), ("hiss", HISS)):
        print(f"\n{name}: the gap strays by {strays(rig, options.fps, hiss) / widest:.1%}", flush=True)


def astronaut() -> Rig:
    """Eileen Collins (NASA, public domain) as a photo that can move; she smiles, so that lips must come together."""
    photo: Picture = skimage.data.astronaut()
    return build_rig(photo, find_faces(photo)[0])


if __name__ == "__main__":
    main()
