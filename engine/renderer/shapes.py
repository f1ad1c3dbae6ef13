"""What each ARKit weight does to the face: displacements in the head's cm, for weight 1.

Most of it is the face units of a real head (faceunits.py), each with its own gain; where a photo's pixels need
something else (a lip cannot roll out of sight in a warp, it can only grow thin) a shape of our own is added.
A shape has two (n, 3) fields: one for what hangs on the skull (upper lip, cheeks), one for what hangs on the jaw
(lower lip, chin). They differ only between the mouth's corners (|s| < 1): there the lips part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.renderer.faceunits import fitted_units, together
from engine.renderer.geometry import Floats, smoothstep
from engine.renderer.space import FaceSpace
from engine.renderer.spread import spread

Fields = tuple[Floats, Floats]
Own = Callable[[FaceSpace], Fields]

PARTING_END = 0.95  # of the half width: the corners themselves stay closed


@dataclass(frozen=True, slots=True)
class Shape:
    """gain: of the face unit, along x, y and z. own: what is added to it.

    unsmile: how much of the photo's own smile goes, in units of mouthSmile's face units.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    own: Own | None = None
    unsmile: float = 0.0


def shape_fields(space: FaceSpace) -> dict[str, Fields]:
    """The fields of every weight in SHAPES, fading outside the face."""
    units = fitted_units(space.landmarks)
    own_smile = np.float32(space.smile**2)  # a smirk is no laugh
    smile = own_smile * together(units["mouthSmileLeft"] + units["mouthSmileRight"])
    moves = np.stack(
        [units[name] * np.array(shape.gain, np.float32) - shape.unsmile * smile for name, shape in SHAPES.items()],
        axis=1,
    )
    layers = [layer.reshape(-1, len(SHAPES), 3) for layer in spread(space, moves.reshape(len(moves), -1))]
    out: dict[str, Fields] = {}
    near = space.near[:, None]
    for k, (name, shape) in enumerate(SHAPES.items()):
        upper, lower = (layer[:, k] for layer in layers)
        if shape.own:
            own_upper, own_lower = shape.own(space)
            upper, lower = upper + own_upper, lower + own_lower
        out[name] = upper * near, lower * near
    return out


def parting(s: Floats) -> Floats:
    """How far the lips part along the mouth: 1 in the middle, 0 from the corners on."""
    return np.asarray(np.clip(1 - (s / PARTING_END) ** 2, 0, 1) ** 0.55, np.float32)


def _move(space: FaceSpace, dx: Floats | float = 0, dy: Floats | float = 0, dz: Floats | float = 0) -> Floats:
    """Stack three components."""
    field = np.zeros((len(space.x), 3), np.float32)
    for axis, part in enumerate((dx, dy, dz)):
        field[:, axis] = part
    return field


def _same(field: Floats) -> Fields:
    return field, field


def _on_upper_lip(space: FaceSpace) -> Floats:
    """1 on the upper lip, fading into the nose's base."""
    reach = 1.35 * float(np.clip(space.mouth.upper_outer[:, 1].min() - space.mouth.nose_y, 0.7, 2.0))
    return 1 - smoothstep(0, reach, np.maximum(space.above - space.upper_lip, -space.above))


def _on_lower_lip(space: FaceSpace, reach: float = 2.2) -> Floats:
    """1 on the lower lip, fading down the chin."""
    return 1 - smoothstep(0, reach, np.maximum(space.below - space.lower_lip, -space.below))


def swell(space: FaceSpace, out_cm: float) -> Fields:
    """Lips that are narrowed swell at their sides: without it, a funnel is read as mouthDimple (0.55; with it 0.22)."""
    along = np.exp(-(((np.abs(space.s) - 0.7) / 0.4) ** 2))
    over = smoothstep(0, 1, space.above / np.maximum(space.upper_lip, 0.3)) * _on_upper_lip(space)
    under = smoothstep(0, 1, space.below / np.maximum(space.lower_lip, 0.3)) * _on_lower_lip(space)
    return _same(_move(space, dy=out_cm * along * (under - over)))


def press(space: FaceSpace, sign: int) -> Fields:
    """Lips pressed together grow thin; the line between them stays."""
    side = space.side(sign)
    thin_up = 0.35 * np.clip(space.above, 0, space.upper_lip) * _on_upper_lip(space)
    thin_down = -0.35 * np.clip(space.below, 0, space.lower_lip) * _on_lower_lip(space, 1.6)
    return _same(_move(space, dy=(thin_up + thin_down) * side))


def roll_lower(space: FaceSpace) -> Fields:
    """The lower lip rolls in under the teeth, as for F and V: it rises and grows thin."""
    wide = parting(space.s)
    thin = 0.62 * np.clip(space.below, 0, space.lower_lip)
    return _move(space, dy=-0.10 * wide * _on_upper_lip(space)), _move(
        space, dy=-(thin + 0.10) * wide * _on_lower_lip(space, 1.8)
    )


def roll_upper(space: FaceSpace) -> Fields:
    """The upper lip rolls in over the teeth and grows thin."""
    thin = 0.62 * np.clip(space.above, 0, space.upper_lip) + 0.05
    return _move(space, dy=thin * parting(space.s) * _on_upper_lip(space)), _move(space)


# The gains were chosen by eye and by bench.roundtrip on 13 portraits. The unit jawOpen parts the lips by 3.3 cm, talk
# by 2. The unit mouthPucker narrows them by 0.8 cm: that is read as 0.45, 2.5 times as much as 0.9. Press and rolls
# are the exceptions: the unit mouthPress pulls the corners up (rho 0.55, thin lips 0.97), rolls turn lips out of sight.
NONE = (0.0, 0.0, 0.0)
SHAPES: dict[str, Shape] = {
    "jawOpen": Shape((0.61, 0.61, 0.61)),
    "jawForward": Shape(),
    "mouthPucker": Shape((2.5, 1.3, 1.0), partial(swell, out_cm=0.3), unsmile=0.8),
    "mouthFunnel": Shape((2.0, 1.15, 1.0), partial(swell, out_cm=0.15), unsmile=0.3),
    "mouthRollLower": Shape(NONE, roll_lower),
    "mouthRollUpper": Shape(NONE, roll_upper),
    "mouthShrugLower": Shape(),
    "mouthShrugUpper": Shape(),
    "cheekPuff": Shape(),
    "browInnerUp": Shape(),
}
for _name, _sign in (("Left", 1), ("Right", -1)):
    SHAPES |= {
        f"jaw{_name}": Shape(),
        f"mouth{_name}": Shape(),
        f"mouthStretch{_name}": Shape((1.2, 0.1, 0.6)),  # the unit's own 0.3 cm down is read as a frown
        f"mouthSmile{_name}": Shape((0.6, 0.6, 0.6)),
        f"mouthFrown{_name}": Shape(),
        f"mouthDimple{_name}": Shape(),
        f"mouthPress{_name}": Shape((0.15, 0.0, 0.0), partial(press, sign=_sign)),
        f"mouthLowerDown{_name}": Shape(),
        f"mouthUpperUp{_name}": Shape(),
        f"browOuterUp{_name}": Shape((0.8, 0.8, 0.8)),
        f"browDown{_name}": Shape(),
        f"eyeSquint{_name}": Shape((0.6, 0.6, 0.6)),
        f"eyeWide{_name}": Shape((0.6, 0.6, 0.6)),
        f"cheekSquint{_name}": Shape((0.5, 0.5, 0.5)),
        f"noseSneer{_name}": Shape(),
    }
