"""The face units of a real head: how far each ARKit weight moves each landmark, fitted to the face in the photo.

weights/faceunits.md says how the table was made. Its moves are stretched to this mouth's width, and inside the lips
to this face's lips: what makes a full lip thinner must not turn a thin one inside out.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from engine.renderer.geometry import LEFT_CORNER, LOWER_RINGS, RIGHT_CORNER, UPPER_RINGS, Floats, smoothstep

TABLE = Path(__file__).parent / "weights" / "faceunits.npz"
LANDMARKS = 468
NARROW, WIDE = 0.5, 1.3  # mouths beyond this, against the table's, are taken for this
THIN, THICK = 0.25, 1.4  # and lips
STILL_ABOVE_CM, FREE_BELOW_CM = 0.9, 3.0  # under the eyes: no shape of the mouth reaches the lids
# The mesh is coarse at the lips and opens to a V. Real lips round, all the way to the corners when the jaw drops, in
# their middle when they funnel (read as mouthFunnel: 0.26; all the way: 0.01). Share, and end from the middle, 0..1.
ROUNDED = {"jawOpen": (0.6, 1.0), "mouthFunnel": (1.0, 0.7)}
ROUNDNESS = 0.7  # 0.5 is an ellipse, whose ends are blunt; 1 is a parabola
STIFF = {"jawOpen": 0.3, "mouthFunnel": 0.0}  # how much of a change of the lips' thickness is let through
Rings = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class FaceUnits:
    """rest_cm: (468, 3), a head in its own frame. moves_cm: for each unit (468, 3), what it does to that head."""

    rest_cm: Floats
    moves_cm: dict[str, Floats]


@cache
def face_units() -> FaceUnits:
    """Read the table."""
    with np.load(TABLE) as table:
        moves = np.moveaxis(table["moves_cm"].astype(np.float32), 1, 0)
        by_name = dict(zip(table["names"].tolist(), moves, strict=True))
        return FaceUnits(table["rest_cm"].astype(np.float32), by_name)


def fitted_units(landmarks_cm: Floats) -> dict[str, Floats]:
    """Each unit's (468, 3) moves in cm, for a face with these landmarks."""
    units = face_units()
    wide = float(np.clip(_width(landmarks_cm) / _width(units.rest_cm), NARROW, WIDE))
    lips = [(rings, _thickness(landmarks_cm, units.rest_cm, rings)) for rings in (UPPER_RINGS, LOWER_RINGS)]
    below = smoothstep(STILL_ABOVE_CM, FREE_BELOW_CM, landmarks_cm[:LANDMARKS, 1])[:, None]
    out = {}
    for name, moves in units.moves_cm.items():
        out[name] = moves
        if name.startswith(("jaw", "mouth", "cheekPuff")):
            out[name] = moves * below * np.array([wide, 1, 1], np.float32)
            for rings, scale in lips:
                _fit_lip(out[name], rings, scale * STIFF.get(name, 1.0))
                if name in ROUNDED:
                    _round_lip(out[name], rings, *ROUNDED[name], units.rest_cm)
    return out


def together(moves: Floats) -> Floats:
    """The same moves, but with lips that neither part nor overlap."""
    out = moves.copy()
    parted = moves[list(LOWER_RINGS[-1])] - moves[list(UPPER_RINGS[-1])]
    for rings, share in ((UPPER_RINGS, 0.5), (LOWER_RINGS, -0.5)):
        for ring in rings:
            out[list(ring)] = moves[list(ring)] + np.float32(share) * parted
    return out


def _fit_lip(moves: Floats, rings: Rings, scale: float) -> None:
    """Scale what a lip does to its own thickness; its inner edge moves as it did."""
    inner = moves[list(rings[-1])]
    for ring in rings[:-1]:
        moves[list(ring)] = inner + (moves[list(ring)] - inner) * np.float32(scale)


def _round_lip(moves: Floats, rings: Rings, share: float, end: float, rest_cm: Floats) -> None:
    """Let a lip come from the corners to its middle along an ellipse, as far as share says."""
    for ring in rings:
        x = rest_cm[list(ring), 0] / rest_cm[ring[-1], 0]
        y = moves[list(ring), 1]
        ends = y[0] + (y[-1] - y[0]) * (x + 1) / 2
        round_ = ends + (y[5] - ends[5]) * np.clip(1 - (x / end) ** 2, 0, 1) ** ROUNDNESS
        moves[list(ring), 1] += share * (round_ - y)


def _width(landmarks_cm: Floats) -> float:
    return float(landmarks_cm[LEFT_CORNER, 0] - landmarks_cm[RIGHT_CORNER, 0])


def _thickness(landmarks_cm: Floats, rest_cm: Floats, rings: Rings) -> float:
    """How thick the middle of a lip is against the table's."""
    outer, inner = list(rings[0][3:8]), list(rings[-1][3:8])
    ours, theirs = (float(np.abs(points[outer, 1] - points[inner, 1]).mean()) for points in (landmarks_cm, rest_cm))
    return float(np.clip(ours / theirs, THIN, THICK))
