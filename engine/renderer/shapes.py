"""What each ARKit weight does to the face: displacements in the head's cm, for weight 1.

A shape returns two (n, 3) fields: one for what hangs on the skull (upper lip, cheeks), one for what hangs on the
jaw (lower lip, chin). They may differ only between the mouth's corners (|s| < 1): there the lips part.
Distances are those of an adult's talking face; see docs/rendering.md.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.renderer.geometry import LEFT_BROW, LEFT_UNDER, RIGHT_BROW, RIGHT_UNDER, Floats, smoothstep
from engine.renderer.space import FaceSpace

Fields = tuple[Floats, Floats]
Shape = Callable[[FaceSpace], Fields]

PARTING_END = 0.95  # of the half width: the corners themselves stay closed
JAW_RAD = 0.23  # about 2 cm between the lips at jawOpen = 1


def _move(space: FaceSpace, dx: Floats | float = 0, dy: Floats | float = 0, dz: Floats | float = 0) -> Floats:
    """Stack three components, fading outside the face."""
    field = np.zeros((len(space.x), 3), np.float32)
    for axis, part in enumerate((dx, dy, dz)):
        field[:, axis] = part
    return field * space.near[:, None]


def _same(field: Floats) -> Fields:
    return field, field


def parting(s: Floats) -> Floats:
    """How far the lips part along the mouth: 1 in the middle, 0 from the corners on."""
    return np.asarray(np.clip(1 - (s / PARTING_END) ** 2, 0, 1) ** 0.55, np.float32)


def _on_upper_lip(space: FaceSpace) -> Floats:
    """1 on the upper lip, fading to the nose's base."""
    philtrum = float(np.clip(space.mouth.upper_outer[:, 1].min() - space.mouth.nose_y, 0.7, 2.0))
    return 1 - smoothstep(0, philtrum, np.maximum(space.above - space.upper_lip, -space.above))


def _on_lower_lip(space: FaceSpace, reach: float = 2.2) -> Floats:
    """1 on the lower lip, fading down the chin."""
    return 1 - smoothstep(0, reach, np.maximum(space.below - space.lower_lip, -space.below))


def _around(space: FaceSpace, vertical: float = 1.8, sideways: float = 3.0) -> Floats:
    """1 on both lips, fading in all directions."""
    over = np.maximum(space.above - space.upper_lip, 0)
    under = np.maximum(space.below - space.lower_lip, 0)
    beside = np.maximum(np.abs(space.s) - 1, 0) * space.mouth.half_width
    away = np.sqrt((np.maximum(over, under) / vertical) ** 2 + (beside / sideways) ** 2)
    return 1 - smoothstep(0, 1, away)


def _at_corner(space: FaceSpace, sign: int) -> Floats:
    """Grows from the middle of the mouth to one corner, and fades into the cheek."""
    reach = np.clip(space.s * sign, 0, 1) ** 1.3
    return np.asarray(reach * _around(space, 2.0, 3.2), np.float32)


def _bump(space: FaceSpace, centre: Floats, wide: float, high: float) -> Floats:
    """A soft bump on the face around a point."""
    away = ((space.x - centre[0]) / wide) ** 2 + ((space.y - centre[1]) / high) ** 2
    return np.asarray(np.exp(-away), np.float32)


def _jaw_share(space: FaceSpace) -> Fields:
    """How much of the jaw's motion a node of each layer takes part in, 0..1."""
    mouth = space.mouth
    beside = np.clip((np.abs(space.s) - 1) * mouth.half_width / 4.5, 0, 1)
    line = mouth.corner_y + (space.hinge[1] - mouth.corner_y) * beside
    common = smoothstep(-1.7, 2.3, space.y - line - 1.5 * beside)  # the jaw's angle is firmer than the cheek
    open_ = parting(space.s)
    return common * (1 - open_), 1 - (1 - common) * (1 - open_)


def jaw_open(space: FaceSpace) -> Fields:
    """The jaw turns about its hinge; the corners of the mouth come down half way and a little inwards."""
    y, z = space.y - space.hinge[1], space.z - space.hinge[2]
    cos, sin = np.cos(JAW_RAD), np.sin(JAW_RAD)
    dy, dz = y * cos - z * sin - y, y * sin + z * cos - z
    inwards = -0.07 * (space.x - space.mouth.centre_x) * _around(space, 2.0, 3.0)
    fields = []
    for share in _jaw_share(space):
        fields.append(_move(space, inwards, dy * share, dz * share))
    return fields[0], fields[1]


def jaw_side(space: FaceSpace, sign: int) -> Fields:
    """The jaw slides sideways."""
    upper, lower = _jaw_share(space)
    return _move(space, 0.6 * sign * upper), _move(space, 0.6 * sign * lower)


def jaw_forward(space: FaceSpace) -> Fields:
    """The jaw slides forwards: hardly visible from the front."""
    upper, lower = _jaw_share(space)
    return _move(space, dz=-0.5 * upper), _move(space, dz=-0.5 * lower)


def pucker(space: FaceSpace) -> Fields:
    """A kiss: the corners come in, the lips go forwards and swell."""
    near = _around(space, 2.0, 3.6)
    dx = -0.36 * (space.x - space.mouth.centre_x) * _around(space, 3.4, 4.2)
    swell = 0.14 * parting(space.s * 0.9) * near
    up = -swell * np.clip(space.above / np.maximum(space.upper_lip, 0.2), 0, 1)
    down = swell * np.clip(space.below / np.maximum(space.lower_lip, 0.2), 0, 1)
    return _same(_move(space, dx, up + down, -0.6 * near))


def funnel(space: FaceSpace) -> Fields:
    """An O: the corners come in, the lips part and turn outwards."""
    near = _around(space, 2.0, 3.4)
    dx = -0.30 * (space.x - space.mouth.centre_x) * _around(space, 3.4, 4.2)
    round_ = parting(space.s)
    turned_up = 0.10 * np.clip(space.above / np.maximum(space.upper_lip, 0.2), 0, 1)
    turned_down = 0.10 * np.clip(space.below / np.maximum(space.lower_lip, 0.2), 0, 1)
    up = -(0.20 + turned_up) * round_ * _on_upper_lip(space)
    down = (0.42 + turned_down) * round_ * _on_lower_lip(space)
    return _move(space, dx, up, -0.6 * near), _move(space, dx, down, -0.6 * near)


def mouth_side(space: FaceSpace, sign: int) -> Fields:
    """Both lips go to one side."""
    return _same(_move(space, 0.6 * sign * _around(space)))


def corner(space: FaceSpace, sign: int, out: float, down: float, back: float = 0.0) -> Fields:
    """One corner of the mouth is pulled: stretch, smile, frown, dimple."""
    at = _at_corner(space, sign)
    return _same(_move(space, sign * out * at, down * at, back * at))


def smile(space: FaceSpace, sign: int) -> Fields:
    """The corner goes out and up and pushes the cheek up."""
    pulled, _ = corner(space, sign, 0.5, -0.5, 0.2)
    cheek = np.array([space.mouth.centre_x + sign * 4.2, space.mouth.corner_y - 3.0], np.float32)
    lifted = _move(space, dy=-0.22 * _bump(space, cheek, 1.8, 1.5))
    return _same(pulled + lifted)


def press(space: FaceSpace, sign: int) -> Fields:
    """Lips pressed together grow thin; the line between them stays."""
    side = space.side(sign)
    thin_up = 0.30 * np.clip(space.above, 0, space.upper_lip) * _on_upper_lip(space)
    thin_down = -0.30 * np.clip(space.below, 0, space.lower_lip) * _on_lower_lip(space, 1.6)
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


def shrug_lower(space: FaceSpace) -> Fields:
    """The chin pushes the lower lip up."""
    lift_ = -0.32 * parting(space.s * 0.8) * _on_lower_lip(space, 2.8)
    both = -0.12 * parting(space.s * 0.8) * _on_upper_lip(space)
    return _move(space, dy=both), _move(space, dy=np.where(space.below < 0, both, np.minimum(lift_, both)))


def shrug_upper(space: FaceSpace) -> Fields:
    """Both lips rise a little towards the nose."""
    return _same(_move(space, dy=-0.18 * parting(space.s * 0.8) * _around(space, 1.4, 1.0)))


def lower_down(space: FaceSpace, sign: int) -> Fields:
    """One side of the lower lip is drawn down and shows the teeth."""
    down = 0.50 * parting(space.s) * _on_lower_lip(space) * _lean(space, sign)
    return _move(space), _move(space, dy=down)


def upper_up(space: FaceSpace, sign: int) -> Fields:
    """One side of the upper lip is drawn up and shows the teeth."""
    up = -0.42 * parting(space.s) * _on_upper_lip(space) * _lean(space, sign)
    return _move(space, dy=up), _move(space)


def _lean(space: FaceSpace, sign: int) -> Floats:
    """Half in the middle of the mouth, more towards one side: two sides add up to one."""
    return np.asarray(0.5 + 0.5 * np.tanh(1.2 * sign * space.s), np.float32)


def brow(space: FaceSpace, at: tuple[tuple[int, float], ...], up: float, inwards: float = 0.0) -> Fields:
    """Brow landmarks, each with its share, move up (or down) and towards the nose."""
    total = np.zeros_like(space.x)
    dx = np.zeros_like(space.x)
    for index, share in at:
        bump = share * _bump(space, space.landmarks[index], 1.4, 1.3)
        total = np.maximum(total, bump)
        dx = np.where(bump >= total, -np.sign(space.landmarks[index][0]) * inwards * bump, dx)
    under = smoothstep(0.15, 1.1, _eye_line(space) - space.y)  # the lids stay
    return _same(_move(space, dx * under, -up * total * under))


def _eye_line(space: FaceSpace) -> Floats:
    return np.full_like(space.x, float(space.landmarks[[159, 386], 1].mean()))


def under_eye(space: FaceSpace, under: tuple[int, ...], up: float, drop: float) -> Fields:
    """The lower lid or the cheek under it rises."""
    middle = space.landmarks[list(under)].mean(axis=0) + np.array([0, drop, 0], np.float32)
    return _same(_move(space, dy=-up * _bump(space, middle, 1.5, 0.55 + 0.5 * drop)))


SHAPES: dict[str, Shape] = {
    "jawOpen": jaw_open,
    "jawForward": jaw_forward,
    "mouthPucker": pucker,
    "mouthFunnel": funnel,
    "mouthRollLower": roll_lower,
    "mouthRollUpper": roll_upper,
    "mouthShrugLower": shrug_lower,
    "mouthShrugUpper": shrug_upper,
    "browInnerUp": partial(brow, at=((55, 1.0), (285, 1.0), (65, 0.7), (295, 0.7)), up=0.45),
}
for _name, _sign, _brow, _under in (("Left", 1, LEFT_BROW, LEFT_UNDER), ("Right", -1, RIGHT_BROW, RIGHT_UNDER)):
    SHAPES |= {
        f"jaw{_name}": partial(jaw_side, sign=_sign),
        f"mouth{_name}": partial(mouth_side, sign=_sign),
        f"mouthStretch{_name}": partial(corner, sign=_sign, out=0.5, down=0.10),
        f"mouthSmile{_name}": partial(smile, sign=_sign),
        f"mouthFrown{_name}": partial(corner, sign=_sign, out=-0.05, down=0.45),
        f"mouthDimple{_name}": partial(corner, sign=_sign, out=0.28, down=-0.05, back=0.3),
        f"mouthPress{_name}": partial(press, sign=_sign),
        f"mouthLowerDown{_name}": partial(lower_down, sign=_sign),
        f"mouthUpperUp{_name}": partial(upper_up, sign=_sign),
        f"browOuterUp{_name}": partial(brow, at=((_brow[0], 0.8), (_brow[1], 1.0), (_brow[2], 0.7)), up=0.4),
        f"browDown{_name}": partial(
            brow, at=((_brow[4], 1.0), (_brow[3], 0.9), (_brow[2], 0.7)), up=-0.38, inwards=0.15
        ),
        f"eyeSquint{_name}": partial(under_eye, under=_under, up=0.14, drop=0.15),
        f"cheekSquint{_name}": partial(under_eye, under=_under, up=0.14, drop=1.1),
    }
