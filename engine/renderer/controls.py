"""From ARKit weights to how much of each basis field a frame takes."""

import numpy as np

from engine.arkit import INDEX
from engine.renderer.geometry import Floats, curve, smoothstep
from engine.renderer.lips import Look
from engine.renderer.shapes import SHAPES, Fields, parting, shape_fields
from engine.renderer.space import FaceSpace

SHAPE_NAMES = tuple(SHAPES)
COLUMNS = np.array([INDEX[name] for name in SHAPE_NAMES])
AT = {name: position for position, name in enumerate(SHAPE_NAMES)}
SEAL, SHUT = len(SHAPE_NAMES), len(SHAPE_NAMES) + 1  # two fields that answer to mouthClose
STIR = 25.0  # a mouth shape of 1/25 has left the photo's own mouth
JAW_DROP_CM = 2.0  # between the lips at jawOpen = 1
PRESS_FROM, PRESS_SHUT = 0.1, 3.5  # lips that press on each other touch long before they grow thin
ROLL_SHUT = 0.75  # for F and V the lower lip rises to the upper teeth, whatever the jaw and the photo's own gap
TALK_SHUT = 0.5  # a smile relaxes as far as the jaw opens it anyway; else every vowel would be a laugh
FUNNEL_SHUT, PUCKER_SHUT = 0.25, 1.35  # rounded lips come over the teeth of a smile; those of a kiss meet
MOST_SHUT = 1.1  # narrowed lips leave a hair's breadth between them otherwise
ROUND_SHADE = 0.6  # and leave drawn teeth in the dark
JAW_CURVE = 0.85  # talking lips part early: 321 frames of real talk gave gap ~ weight ** 0.5
EYE_TURN_CM = np.array([0.6, 0.45], np.float32)  # at weight 1: 30 degrees to the side, 22 up and down
EYE_LIMIT_CM = np.array([0.2, 0.12], np.float32)  # 10 and 6 degrees; then the photo's own white runs out
TIP_UP = 0.25  # the tongueOut at which the tip is behind the upper teeth
WIDE_OPEN_JAW, JAW_PART = 0.2, 0.6  # from this reading on, this much of the lips' gap is the jaw's
INTO_NOSE = 1.35  # the nose's base follows the upper lip a little
STRETCH = 0.4  # of the skin between lip and nose; two thirds, and the map of the layer cannot be inverted
OVERLAP = 1.04  # lips that meet press on each other a little, so that no gap is left to rounding
COUNT = len(SHAPE_NAMES) + 2
MOUTH = np.array([*(at for name, at in AT.items() if name.startswith(("jaw", "mouth"))), SEAL, SHUT])
ROLLERS = [AT["mouthRollUpper"], AT["mouthRollLower"]]
PRESSERS = [AT["mouthPressLeft"], AT["mouthPressRight"]]
OPENERS = [AT[name] for name in SHAPE_NAMES if name.startswith(("mouthUpperUp", "mouthLowerDown", "mouthFunnel"))]


def all_fields(space: FaceSpace) -> list[Fields]:
    """The basis: what each of COUNT amounts moves."""
    fields = shape_fields(space)
    return [*fields.values(), *_closing_fields(space, fields["jawOpen"])]


def _closing_fields(space: FaceSpace, jaw_open: Fields) -> tuple[Fields, Fields]:
    """The fields of SEAL (undoes the jaw's parting of the lips) and SHUT (closes the photo's own gap)."""
    open_upper, open_lower = jaw_open
    on_upper, on_lower = _upper_weight(space), _lower_weight(space)
    # What the jaw parts at this x: taken in the middle of the lips, spread over them.
    parted = _along_mouth(space, open_lower[:, 1] - open_upper[:, 1])
    seal = _vertical(space, 0.22 * parted * on_upper), _vertical(space, (0.22 - OVERLAP) * parted * on_lower)
    return seal, _shutting(space, jaw_open, parted)


def _shutting(space: FaceSpace, jaw_open: Fields, parted: Floats) -> Fields:
    """Lips that are apart in the photo meet: the jaw closes as far as it is open, the lips do the rest."""
    mouth = space.mouth
    upper, lower = curve(mouth.upper_inner, space.x), curve(mouth.lower_inner, space.x)
    jaw = min(1.0, space.jaw / WIDE_OPEN_JAW) * JAW_PART * mouth.gap / JAW_DROP_CM
    gap = np.maximum(lower - upper - jaw * parted, 0)
    # The lips meet near the straight line between the corners, but each goes part of the way; a short upper lip
    # comes down no further than it can stretch.
    longest = STRETCH * _philtrum(space) / np.maximum(gap, 0.1)
    fraction = np.clip((curve(mouth.upper_inner[[0, -1]], space.x) - upper) / np.maximum(gap, 1e-3), 0.26, 0.62)
    fraction = np.minimum(fraction, longest)
    over, under = mouth.rims_cm(space.x)
    return (
        _vertical(space, (fraction * gap + over) * _upper_weight(space)) - jaw * jaw_open[0],
        _vertical(space, ((fraction - OVERLAP) * gap - 1.3 * under) * _lower_weight(space)) - jaw * jaw_open[1],
    )


def amounts(weights: Floats, own_gap_cm: float) -> Floats:
    """(52,) ARKit weights to (COUNT,) amounts of the basis fields, for lips that are own_gap_cm apart in the photo.

    mouthClose is a command, not a nudge: at 1 the lips touch, whatever the jaw and the photo's own smile do.
    """
    out = np.zeros(COUNT, np.float32)
    out[: len(SHAPE_NAMES)] = weights[COLUMNS]
    out[AT["jawOpen"]] = max(0.0, out[AT["jawOpen"]]) ** JAW_CURVE
    close = float(np.clip(weights[INDEX["mouthClose"]], 0, 1))
    pressed = float(weights[INDEX["mouthPressLeft"]] + weights[INDEX["mouthPressRight"]]) / 2
    close = max(close, min(1.0, PRESS_SHUT * max(0.0, pressed - PRESS_FROM)))
    funnel, pucker, roll = np.clip(out[[AT["mouthFunnel"], AT["mouthPucker"], AT["mouthRollLower"]]], 0, 1)
    out[OPENERS] *= 1 - close
    out[ROLLERS] *= 1 - 0.6 * min(1.0, pressed)  # both make lips thin; together nothing would be left of some
    out[PRESSERS] *= 1 - 0.4 * close * min(1.0, own_gap_cm)  # lips that had a long way to meet are thin already
    out[SEAL] = out[AT["jawOpen"]] * max(close, ROLL_SHUT * roll)
    talking = JAW_DROP_CM * float(out[AT["jawOpen"]]) / max(own_gap_cm, 0.1)
    rounded = max(FUNNEL_SHUT * funnel, min(MOST_SHUT, PUCKER_SHUT * pucker))
    out[SHUT] = max(close, rounded, ROLL_SHUT * roll, TALK_SHUT * min(1.0, talking))
    return out


def eye(weights: Floats, blink: int) -> Floats:
    """(3,) how far an eye is shut, 0..1, and the cm that its iris moves to the right as seen and down.

    blink: the ARKit index of its eyeBlink.
    """
    side, sign = ("Left", 1) if blink == INDEX["eyeBlinkLeft"] else ("Right", -1)
    ahead = {way: float(weights[INDEX[f"eyeLook{way}{side}"]]) for way in ("Out", "In", "Down", "Up")}
    turn = np.array([sign * (ahead["Out"] - ahead["In"]), ahead["Down"] - ahead["Up"]], np.float32) * EYE_TURN_CM
    return np.concatenate([[min(float(weights[blink]), 1.0)], np.clip(turn, -EYE_LIMIT_CM, EYE_LIMIT_CM)])


def look(moved: Floats, tongue_out: float) -> Look:
    """How the inside of the mouth is seen with these amounts, and with the ARKit weight tongueOut.

    A quarter of that weight has the tongue's tip behind the upper teeth (L, T, D, N), a half has it between the teeth
    (TH); more shows no more of it.
    """
    rounded = max(moved[AT["mouthFunnel"]], moved[AT["mouthPucker"]])
    return Look(
        stirred=min(1.0, STIR * float(np.abs(moved[MOUTH]).max())),
        shade=ROUND_SHADE * min(1.0, float(rounded)),
        shut=min(1.0, float(moved[SHUT])),
        tongue=float(np.clip(tongue_out / TIP_UP, 0, 1)),
        front=float(np.clip(tongue_out / TIP_UP - 1, 0, 1)),
    )


def _upper_weight(space: FaceSpace) -> Floats:
    reach = INTO_NOSE * _philtrum(space)
    return 1 - smoothstep(0, reach, np.maximum(space.above - space.upper_lip, -space.above))


def _philtrum(space: FaceSpace) -> float:
    """How far the upper lip is from the nose, in cm."""
    return max(0.7, float(space.mouth.upper_outer[:, 1].min()) - space.mouth.nose_y)


def _lower_weight(space: FaceSpace) -> Floats:
    reach = max(1.5, space.mouth.chin_y - float(space.mouth.lower_outer[:, 1].max()))
    return 1 - smoothstep(0, reach, np.maximum(space.below - space.lower_lip, -space.below))


def _along_mouth(space: FaceSpace, values: Floats) -> Floats:
    """Values on the lip line, by x, given to every node above and below it."""
    close = np.exp(-((space.below / 0.4) ** 2)) * (np.abs(space.s) < 1.1) + 1e-9
    bins = np.linspace(-1, 1, 33)
    which = np.clip(np.digitize(space.s, bins), 0, 33)
    total = np.bincount(which, close * values, 34)
    weight = np.bincount(which, close, 34)
    seen = weight > 1e-3
    centres = np.concatenate([[-1.03], (bins[1:] + bins[:-1]) / 2, [1.03]])
    along = np.interp(space.s, centres[seen], total[seen] / weight[seen])
    return (along * (parting(space.s) > 0)).astype(np.float32)


def _vertical(space: FaceSpace, dy: Floats) -> Floats:
    field = np.zeros((len(dy), 3), np.float32)
    field[:, 1] = dy * space.near
    return field
