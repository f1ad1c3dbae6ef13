"""Speech -> MotionTrack: mouth, eyes, brows and head put together."""

import numpy as np

from engine.arkit import INDEX, LOWER_FACE
from engine.motion.articulate import articulate
from engine.motion.hearing import audible, emphasis, level_db
from engine.motion.life import eyes_and_brows, gaze, head
from engine.motion.listen import listen
from engine.motion.mouth import COLUMN, RATE_HZ, Curve, Said, at_frames, bitten, shut, shut_at_frames, smooth, to_arkit
from engine.motion.types import MotionTrack, frame_count
from engine.motion.visemes import KNOWN, SHORT
from engine.speech.types import Speech

CLOSING_S = 0.04  # standard deviation: lips take about 0.15 s to close when the voice stops
# The phoneme targets are read off faces; these bring the rendered gap between the lips to that of real people saying
# the same (ratio of standard deviations 0.68 over 13 clips before, 0.95 after).
GAINS = {"jaw": 1.55, "lower_down": 1.3, "upper_up": 1.3}
GAIN = np.array(
    [next((gain for short, gain in GAINS.items() if name in SHORT[short]), 1.0) for name in LOWER_FACE], np.float32
)
# Of what is heard beside what the phonemes ask for. On 44 aligned sentences of people who had no part in the training:
# r = 0.64 by phonemes alone, 0.74 by halves, 0.81 by the network alone, which knows that corpus's kind of sentence.
HEARD_SHARE = 0.5
AT_KNOWN = [COLUMN[name] for name in KNOWN]
LOMBARD = 0.012  # openings widen by this share a dB above the speaker's usual level: real ones do, gently
LOMBARD_LIMITS = (0.8, 1.15)
AROUND_S = 0.6  # what is said this long before and after a frame has no part in it
EDGE_S = 0.08  # a recording that starts or ends in mid-word still starts and ends with a mouth at rest


def animate(
    speech: Speech,
    *,
    fps: float,
    seed: int = 0,
    head_motion: float = 0.5,
    expressiveness: float = 1.0,
    frames: slice | None = None,
) -> MotionTrack:
    """Return the motion of a face that says `speech`, one row a frame, ceil(duration * fps) of them.

    fps: 10 to 60. seed: of blinks, brows and head. head_motion: 0 (still) to 1. expressiveness: 0 to 2, scales the
    mouth, the brows and the nods; 1 is natural. In silence the lips are shut. frames: return these rows of the whole
    alone; most of the work is listening, and only to what is said around them.
    """
    count = frame_count(speech.duration_s, fps)
    first, last, _ = (frames or slice(None)).indices(count)
    level = level_db(speech.analysis)
    heard = audible(level)
    around_s = first / fps - AROUND_S, last / fps + AROUND_S
    told = listen(speech.analysis, around_s)
    said = _said(speech, told.mouth, around_s)
    presence = _fit(heard, len(said.shut)) * _edges(len(said.shut))
    effort = presence * _effort(_fit(level, len(presence)), presence) * expressiveness
    contact = presence * min(1.0, expressiveness)
    mouth: Curve = at_frames(said.free, count, fps) * at_frames(effort[:, None], count, fps) * GAIN
    mouth = bitten(mouth, shut_at_frames(said.bite * contact, count, fps))
    weights = to_arkit(shut(mouth, shut_at_frames(said.shut * contact, count, fps)))
    # A photo may smile or gape; whoever listens to a pause sees lips that are shut, but not pressed.
    quiet = at_frames(smooth(1 - presence, CLOSING_S)[:, None], count, fps)[:, 0] * min(1.0, expressiveness)
    weights[:, INDEX["mouthClose"]] = np.maximum(weights[:, INDEX["mouthClose"]], quiet)
    brow = expressiveness * emphasis(_fit(told.brow, len(heard)), heard)
    nod = expressiveness * emphasis(_fit(told.nod, len(heard)), heard)
    weights += eyes_and_brows(speech.duration_s, count, fps, seed, brow)
    motion = head_motion * head(speech.duration_s, count, fps, seed, nod)
    weights += gaze(speech.duration_s, count, fps, seed, motion)
    weights, motion = np.clip(weights[first:last], 0, 1), motion[first:last]
    return MotionTrack(fps=fps, weights=weights.astype(np.float32), head=motion.astype(np.float32))


def _said(speech: Speech, heard: Said, span_s: tuple[float, float]) -> Said:
    """Return what the mouth says: what is heard; where phonemes are known too, contacts are theirs alone."""
    if not speech.phones:
        return heard
    known = articulate(speech.phones, speech.duration_s, span_s)
    free = _fit(heard.free, len(known.free))
    free[:, AT_KNOWN] = HEARD_SHARE * free[:, AT_KNOWN] + (1 - HEARD_SHARE) * known.free[:, AT_KNOWN]
    return Said(free, bite=known.bite, shut=known.shut)


def _effort(level: Curve, presence: Curve) -> Curve:
    """Return (n,) about 1: above it where the speaker is louder than usual."""
    loudness = smooth(level, sigma_s=0.12)
    usual = float(np.median(loudness[presence > 0.5])) if (presence > 0.5).any() else 0.0
    return np.asarray(np.clip(1 + LOMBARD * (loudness - usual), *LOMBARD_LIMITS))


def _edges(count: int) -> Curve:
    """Return (n,): 1 but for a short rise at the start and fall at the end."""
    steps = np.arange(count, dtype=np.float32)
    return np.asarray(np.clip(np.minimum(steps, count - 1 - steps) / (EDGE_S * RATE_HZ), 0, 1))


def _fit(curve: Curve, count: int) -> Curve:
    """Cut or hold a curve (n,) or (n, k) at its end to `count` steps."""
    missing = max(0, count - len(curve))
    return np.pad(curve[:count], ((0, missing), *((0, 0),) * (curve.ndim - 1)), mode="edge")
