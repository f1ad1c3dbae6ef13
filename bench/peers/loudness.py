"""The jaw opens as far as the sound is loud, and nothing else moves: what most talking heads on the web do."""

import numpy as np

from bench.clips import Clip
from bench.peers import Peer
from bench.peers.opening import FPS, jaw_only
from engine.motion import MotionTrack
from engine.motion.hearing import level_db
from engine.motion.mouth import at_frames, smooth
from engine.speech import Speech

WIDEST = 0.06  # face heights: where the loudest moments come, near real mouths' own widest


def by_loudness(speech: Speech) -> MotionTrack:
    """Open with the level of the sound."""
    loudness = smooth(10 ** (level_db(speech.analysis) / 20), sigma_s=0.03)
    count = int(np.ceil(speech.duration_s * FPS))
    gap = at_frames(loudness[:, None] / np.percentile(loudness, 98) * WIDEST, count, FPS)[:, 0]
    return jaw_only(gap.astype(np.float64))


def _of_clip(clip: Clip) -> MotionTrack:
    return by_loudness(clip.speech)


LOUDNESS = Peer("loudness", _of_clip)
