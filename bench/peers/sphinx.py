"""PocketSphinx (BSD): a classic recogniser writes down English phonemes, our table of visemes opens the mouth.

https://github.com/cmusphinx/pocketsphinx
"""

import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from bench.clips import Clip, pcm
from bench.peers import Found, Missing, Peer
from bench.peers.opening import eased, gap_of_phonemes, jaw_only
from bench.peers.program import PROGRAMS, answer
from engine.motion import MotionTrack

NAME = "PocketSphinx"
# CMUdict's ARPAbet: https://github.com/cmusphinx/cmudict. Whatever else is decoded (SIL, +NSN+, +SPN+) is no speech.
IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð",
    "EH": "ɛ", "ER": "ɜ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k",
    "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip


def find(folder: Path) -> Found:
    """Look where Python looks, and under FOLDER/python."""
    where = folder / "python"
    if PathFinder.find_spec("pocketsphinx", [*sys.path, str(where)]) is None:
        return Missing(NAME, f"pip install --no-deps --target {where} pocketsphinx==5.1.0")
    path = os.pathsep.join([str(where), os.environ.get("PYTHONPATH", "")])

    def motion(clip: Clip) -> MotionTrack:
        environment = {**os.environ, "PYTHONPATH": path}
        phones = answer([sys.executable, PROGRAMS / "sphinx_phones.py"], pcm(clip.speech.analysis), environment)
        return jaw_only(eased([_cue(*phone) for phone in phones], clip.speech.duration_s))

    return Peer(NAME, motion)


def _cue(symbol: str, start_s: float, end_s: float) -> tuple[float, float, float]:
    return start_s, end_s, gap_of_phonemes([IPA[symbol]]) if symbol in IPA else 0.0
