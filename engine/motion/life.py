"""What makes a face live besides its mouth: blinks, brows, gaze, breathing, sway and nods. All of it is seeded."""

import numpy as np

from engine.arkit import ARKIT_NAMES, INDEX
from engine.motion.mouth import RATE_HZ, Curve, at_frames, shut_at_frames

# People in conversation blink some 26 times a minute, at intervals of which few are long (Bentivoglio et al., Movement
# Disorders 1997); a video of someone who talks to the viewer is calmer. Log-normal, within limits.
BLINK_EVERY_S, BLINK_MEDIAN_S, BLINK_SPREAD = (2.0, 6.0), 3.4, 0.4
# Lids fall in 75 to 100 ms and rise at half that speed, ever slower (VanderWerf et al., J. Neurophysiol. 2003); 12
# blinks in clips of talking people did the same.
BLINK_CLOSING_S, BLINK_HELD_S, BLINK_OPENING_S = 0.08, 0.03, 0.2
BLINK_TWICE, BLINK_AGAIN_S = 0.07, 0.3  # now and then a second blink follows at once
BROWS = {"browInnerUp": 0.36, "browOuterUpLeft": 0.26, "browOuterUpRight": 0.26}
MOOD_HZ = (0.03, 0.15)  # brows that go with every emphasis look like a tic: for some seconds more, for others less
BROW_LEAD_S = 0.06  # brows start before the syllable that they stress (Flecha-Garcia, Speech Communication 2010)
# Someone who talks to a viewer looks at their eyes and mouth in turn: small saccades, each over within a frame
# (21 ms + 2.2 ms a degree: Carpenter, Movements of the Eyes, 1988), and back to the viewer now and then.
GAZE_EVERY_S, GAZE_MEDIAN_S, GAZE_SPREAD = (0.5, 3.5), 1.3, 0.5
GAZE_DEG, GAZE_MOST_DEG = np.array([1.6, 0.8]), 4.0  # standard deviations to the side and up or down
GAZE_BACK = 0.4
STEADY = 0.9  # eyes turn against the head and keep to what they look at: gain of the vestibulo-ocular reflex
LOOK_DEG = np.array([30.0, 22.0])  # at an eyeLook weight of 1
EASE_S = 0.8  # the head leaves the photo's pose and comes back to it this gently
# Head at head_motion = 1: amplitude of the sway (yaw, pitch, roll in radians; x, y, z in head widths).
SWAY = np.array([0.085, 0.04, 0.035, 0.02, 0.008, 0.012])
SWAY_HZ = (0.07, 0.4)  # slower than a wobble, faster than a drift
WAVES = 6  # sines an axis; enough that no one hears the pattern repeat
NOD_PITCH = 0.075
BREATH_HZ = 0.27
BREATH = np.array([0, 0.004, 0, 0, -0.015, 0])  # shoulders rise by 2 mm and take the head along
STREAMS = {
    "blinks": 1,
    "brows": 2,
    "sway": 3,
    "nods": 4,
    "gaze": 5,
}  # one random stream each, so that they do not disturb


def eyes_and_brows(duration_s: float, count: int, fps: float, seed: int, emphasis: Curve) -> Curve:
    """Return (count, 52) ARKit weights of blinks, and of brows that rise where `emphasis` (n,) at RATE_HZ does."""
    weights = np.zeros((count, len(ARKIT_NAMES)), np.float32)
    blink = shut_at_frames(_blinks(duration_s, _random(seed, "blinks")), count, fps)
    weights[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]] = blink[:, None]
    lead = round(BROW_LEAD_S * RATE_HZ)
    told = _mood(len(emphasis), _random(seed, "brows")) * np.pad(emphasis, (0, lead))[lead:]
    raised = at_frames(told[:, None], count, fps)[:, 0]
    for name, weight in BROWS.items():
        weights[:, INDEX[name]] = weight * raised
    return weights


def head(duration_s: float, count: int, fps: float, seed: int, emphasis: Curve) -> Curve:
    """Return (count, 6) head motion at head_motion = 1, as in MotionTrack.head, that nods with `emphasis` (n,)."""
    length = int(np.ceil(duration_s * RATE_HZ)) + 1
    times_s = np.arange(length) / RATE_HZ
    motion = _waves(times_s, SWAY_HZ, len(SWAY), _random(seed, "sway")) * SWAY
    motion += np.sin(2 * np.pi * BREATH_HZ * times_s)[:, None] * BREATH
    nods = (0.5 + _mood(len(emphasis), _random(seed, "nods")) / 2) * emphasis
    motion[:, 1] += NOD_PITCH * np.interp(times_s * RATE_HZ, np.arange(len(nods)), nods)
    ease = np.clip(np.minimum(times_s, duration_s - times_s) / min(EASE_S, duration_s / 2 + 1e-6), 0, 1)
    return at_frames((motion * (ease * ease * (3 - 2 * ease))[:, None]).astype(np.float32), count, fps)


def gaze(duration_s: float, count: int, fps: float, seed: int, head: Curve) -> Curve:
    """Return (count, 52) ARKit weights of eyes that look at the viewer, for a head (count, 6) as it will be seen."""
    random = _random(seed, "gaze")
    turns = np.zeros((count, 2))  # degrees to the right as seen, and down
    start_s = float(random.uniform(0.4, 1.5))
    while start_s < duration_s - EASE_S:
        away = random.random() >= GAZE_BACK
        turns[int(np.ceil(start_s * fps)) :] = (
            np.clip(GAZE_DEG * random.standard_normal(2), -GAZE_MOST_DEG, GAZE_MOST_DEG) * away
        )
        start_s += float(np.clip(GAZE_MEDIAN_S * np.exp(GAZE_SPREAD * random.standard_normal()), *GAZE_EVERY_S))
    turns[int(np.ceil(max(duration_s - EASE_S, 0) * fps)) :] = 0
    turns -= STEADY * np.degrees(head[:, :2])
    right, down = (turns / LOOK_DEG).T
    weights = np.zeros((count, len(ARKIT_NAMES)), np.float32)
    for name, turn in (("OutLeft", right), ("InRight", right), ("InLeft", -right), ("OutRight", -right)):
        weights[:, INDEX[f"eyeLook{name}"]] = np.maximum(turn, 0)
    for side in ("Left", "Right"):
        weights[:, INDEX[f"eyeLookDown{side}"]] = np.maximum(down, 0)
        weights[:, INDEX[f"eyeLookUp{side}"]] = np.maximum(-down, 0)
    return weights


def _random(seed: int, stream: str) -> np.random.Generator:
    return np.random.default_rng([seed, STREAMS[stream]])


def _blinks(duration_s: float, random: np.random.Generator) -> Curve:
    """Return (n,) at RATE_HZ: 1 where the lids are shut; open at both ends of the speech."""
    lids = np.zeros(int(np.ceil(duration_s * RATE_HZ)) + 1, np.float32)
    whole_s = BLINK_CLOSING_S + BLINK_HELD_S + BLINK_OPENING_S
    start_s = random.uniform(0.6, 2.5)  # a viewer who sees no blink in the first seconds takes it for a still
    while start_s + whole_s < duration_s - 0.1:
        _blink(lids, start_s)
        again = random.random() < BLINK_TWICE and start_s + BLINK_AGAIN_S + whole_s < duration_s - 0.1
        if again:
            _blink(lids, start_s + BLINK_AGAIN_S)
        pause_s = BLINK_MEDIAN_S * np.exp(BLINK_SPREAD * random.standard_normal())
        start_s += float(np.clip(pause_s, *BLINK_EVERY_S))
    return lids


def _blink(lids: Curve, start_s: float) -> None:
    """Shut the lids (n,) at RATE_HZ for a blink."""
    end_s = start_s + BLINK_CLOSING_S + BLINK_HELD_S + BLINK_OPENING_S
    first, last = int(start_s * RATE_HZ), int(end_s * RATE_HZ) + 2
    since_s = np.arange(first, last) / RATE_HZ - start_s
    falling = np.clip(since_s / BLINK_CLOSING_S, 0, 1)
    rising = np.clip((since_s - BLINK_CLOSING_S - BLINK_HELD_S) / BLINK_OPENING_S, 0, 1) ** 0.7
    down, up = (ramp * ramp * (3 - 2 * ramp) for ramp in (falling, rising))
    lids[first:last] = np.maximum(lids[first:last], (down - up)[: len(lids) - first])


def _mood(count: int, random: np.random.Generator) -> Curve:
    """Return (n,) in 0..1 at RATE_HZ, drifting from time to time."""
    return np.asarray(np.clip(0.5 + _waves(np.arange(count) / RATE_HZ, MOOD_HZ, 1, random)[:, 0], 0, 1))


def _waves(times_s: Curve, limits_hz: tuple[float, float], axes: int, random: np.random.Generator) -> Curve:
    """Return (n, axes): sums of sines, about -1..1."""
    rates = random.uniform(*limits_hz, (WAVES, axes))
    phases = random.uniform(0, 2 * np.pi, (WAVES, axes))
    sums = np.zeros((len(times_s), axes))
    for rate, phase in zip(rates, phases, strict=True):  # one at a time: all of an hour's are 100 MB
        sums += np.sin(2 * np.pi * rate * times_s[:, None] + phase)
    return np.asarray(sums / np.sqrt(WAVES / 2) / 2)  # peaks of such a sum reach about twice its deviation
