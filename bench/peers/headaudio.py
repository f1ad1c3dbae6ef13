"""HeadAudio (MIT): what avatars in the browser use, live; MFCCs and fifteen Gaussian prototypes.

https://github.com/met4citizen/HeadAudio
"""

import shutil
from pathlib import Path

import numpy as np

from bench.clips import Clip
from bench.peers import Found, Missing, Peer
from bench.peers.opening import FPS, gap_of_phonemes, jaw_only
from bench.peers.program import PROGRAMS, answer
from engine.motion import MotionTrack
from engine.speech.types import VIDEO_RATE

NAME = "HeadAudio"
PACKAGE = "node_modules/@met4citizen/headaudio"
MODEL = "dist/model-en-mixed.bin"
FULL = 0.65  # the value at which it shows a viseme completely
AHEAD_S = 0.12  # three frames: its README has the sound wait for it by about so much
# Its README's phonemes of each Oculus viseme that English has; our own table says how far they part the lips.
PHONEMES: dict[str, tuple[str, ...]] = {
    "viseme_aa": ("a", "ɑ", "aɪ", "aʊ"),
    "viseme_E": ("ɛ", "eɪ", "ɜ", "ʌ", "ə"),
    "viseme_I": ("i", "ɪ"),
    "viseme_O": ("oʊ", "ɔ", "ɒ"),
    "viseme_U": ("u", "ʊ"),
    "viseme_SS": ("s", "z", "ʃ", "ʒ", "h"),
    "viseme_TH": ("θ", "ð"),
    "viseme_DD": ("t", "d"),
    "viseme_FF": ("f", "v"),
    "viseme_kk": ("k", "ɡ"),
    "viseme_nn": ("n", "ŋ"),
    "viseme_RR": ("ɹ", "l", "j", "w"),
    "viseme_CH": ("tʃ", "dʒ"),
}


def find(folder: Path) -> Found:
    """Look for Node.js along PATH and for the npm package under `folder`."""
    node, package = shutil.which("node"), folder / PACKAGE
    if node is None or not (package / MODEL).exists():
        first = "" if node else "Node.js 18 or later, then "
        return Missing(NAME, f"{first}npm install --prefix {folder} @met4citizen/headaudio@0.1.0")

    def motion(clip: Clip) -> MotionTrack:
        sound = clip.speech.video.astype("<f4").tobytes()
        script = PROGRAMS / "headaudio.mjs"
        seen = answer([node, script, package, package / MODEL, str(VIDEO_RATE), str(FPS)], sound)
        opened = {name: gap_of_phonemes(phonemes) for name, phonemes in PHONEMES.items()}
        opens = np.array([opened.get(name, 0.0) for name in seen["names"]])
        gap = np.array(seen["frames"]) @ opens / FULL
        ahead = round(AHEAD_S * FPS)
        return jaw_only(np.concatenate([gap[ahead:], np.zeros(ahead)]))

    return Peer(NAME, motion)
