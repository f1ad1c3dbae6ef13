"""Where a long speech is cut: in its pauses."""

from engine.motion.hearing import level_db
from engine.motion.mouth import RATE_HZ, smooth
from engine.motion.types import frame_count
from engine.parts.types import Part
from engine.speech.types import Speech
from engine.video import keyframe_interval

CALM_S = 0.1  # a pause between words, not the closure of a P
REACH = 0.15  # of a part, to either side: parts of 30 s find a pause within 9 s, and stay about equally long


def cut(speech: Speech, *, fps: float, count: int) -> list[Part]:
    """Return at most `count` parts of about equal length that make up the video, cut where the speaker is most quiet.

    A joint is then seen, if it is seen at all, on a face at rest.
    """
    total = frame_count(speech.duration_s, fps)
    level = smooth(level_db(speech.analysis), CALM_S)
    reach_s = REACH * speech.duration_s / count
    ends = [0]
    for number in range(1, count):
        middle_s = number * speech.duration_s / count
        first = max(0, int((middle_s - reach_s) * RATE_HZ))
        near = level[first : int((middle_s + reach_s) * RATE_HZ) + 1]
        end = round((first + int(near.argmin())) / RATE_HZ * fps) if len(near) else 0
        # A part whose last frame is a key frame would be followed by another one: H.264 tells two in a row apart by a
        # number that both parts count from 0.
        end += (end - ends[-1]) % keyframe_interval(fps) == 1
        if ends[-1] < end < total:
            ends.append(int(end))
    return [Part(first, last) for first, last in zip(ends, [*ends[1:], total], strict=True)]
