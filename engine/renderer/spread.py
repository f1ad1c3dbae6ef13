"""What landmarks do, carried to every node of the warp's grid, once for each layer.

Each layer follows the landmarks of its own lip; where the other lip lies it goes on as its own lip's edge does, so
that nothing of the one pulls at the other across the cut. Away from the lips both follow all landmarks, and from
the mouth's corners outwards they are one.
"""

import numpy as np

from engine.renderer.faceunits import LANDMARKS, Rings
from engine.renderer.geometry import LEFT_IRIS, LOWER_RINGS, RIGHT_IRIS, UPPER_RINGS, Floats, smoothstep
from engine.renderer.space import FaceSpace
from engine.stopping import checkpoint

ROUND_CM = 0.25  # what one landmark does is round, not pointed, at its top: about one cell
STIFFNESS = 0.06  # against noise in the landmarks; more follows them less
SIDE_STIFFNESS = 1.2  # on the sides of the head, where landmarks that lie far apart are seen close together
SIDE_FROM_CM, SIDE_TO_CM = 0.5, 4.0  # behind the eyes' corners
APART_TO, ONE_FROM = 0.72, 1.0  # of the half width: from here to there the layers become one
# Skin along the lips: so near that what the lips do and what this skin does on the mesh (it curls) would fold a photo.
# fmt: off
ALONG_LIPS = frozenset((
    164, 167, 165, 92, 393, 391, 322, 18, 83, 182, 106, 43, 313, 406, 335, 273, 200, 201, 421,
))
# fmt: on
COLUMNS = range(1, 10)  # of the lips' rings, without the corners


def spread(space: FaceSpace, moves_cm: Floats) -> tuple[Floats, Floats]:
    """(468, c) moves of the landmarks as (n, c) moves of the nodes, for the upper and the lower layer.

    Nodes outside the face stay where they are.
    """
    marks = _on_the_cut(space)
    face = np.flatnonzero(space.near > 0)
    nodes = np.stack([space.x[face], space.y[face]], axis=1)
    upper = _layer(marks, nodes, moves_cm, UPPER_RINGS, LOWER_RINGS)
    lower = _layer(marks, nodes, moves_cm, LOWER_RINGS, UPPER_RINGS)
    apart = 1 - smoothstep(APART_TO, ONE_FROM, np.abs(space.s[face]))
    middle, half = (upper + lower) / 2, (upper - lower) / 2 * apart[:, None]
    layers = np.zeros((2, len(space.near), moves_cm.shape[1]), np.float32)
    layers[0, face], layers[1, face] = middle + half, middle - half
    return layers[0], layers[1]


def _on_the_cut(space: FaceSpace) -> Floats:
    """(478, 3) landmarks, the inner lips where the photo is cut."""
    marks = space.landmarks.copy()
    for ring, line in ((UPPER_RINGS[-1], space.mouth.upper_inner), (LOWER_RINGS[-1], space.mouth.lower_inner)):
        inner = [ring[column] for column in COLUMNS]
        marks[inner, 1] = np.interp(marks[inner, 0], line[:, 0], line[:, 1])
    return marks


def _layer(marks: Floats, nodes: Floats, moves_cm: Floats, own: Rings, other: Rings) -> Floats:
    """(n, c) moves of one layer's nodes."""
    hidden = ALONG_LIPS | {ring[column] for ring in other for column in COLUMNS}
    where = [mark for mark in range(LANDMARKS) if mark not in hidden]
    like = list(where)  # the landmark that each centre moves like
    for ring in other[:-1]:
        where += [ring[column] for column in COLUMNS]
        like += [own[-1][column] for column in COLUMNS]
    irises = [*range(RIGHT_IRIS, RIGHT_IRIS + 5), *range(LEFT_IRIS, LEFT_IRIS + 5)]  # lids move over eyes
    centres = marks[where + irises]
    stiffness = STIFFNESS + SIDE_STIFFNESS * smoothstep(SIDE_FROM_CM, SIDE_TO_CM, centres[:, 2])
    values = np.concatenate([moves_cm[like], np.zeros((len(irises), moves_cm.shape[1]), np.float32)])
    return _interpolate(centres[:, :2], values, nodes, stiffness)


def _interpolate(centres: Floats, values: Floats, nodes: Floats, stiffness: Floats) -> Floats:
    """A smooth surface through (m, c) values at (m, 2) centres, at (n, 2) nodes: radial, with a constant."""
    checkpoint()  # it takes 0.1 s, twice
    count = len(centres)
    system = np.ones((count + 1, count + 1))
    system[:count, :count] = _kernel(centres, centres) - np.diag(stiffness)
    system[count, count] = 0
    right = np.concatenate([values, np.zeros((1, values.shape[1]))])
    solved = np.linalg.solve(system, right).astype(np.float32)
    return np.asarray(_kernel(nodes, centres) @ solved[:count] + solved[count], np.float32)


def _kernel(some: Floats, others: Floats) -> Floats:
    """Distances, rounded at zero: this kernel overshoots least between scattered points."""
    away = (some[:, None, 0] - others[None, :, 0]) ** 2 + (some[:, None, 1] - others[None, :, 1]) ** 2
    return np.sqrt(away + np.float32(ROUND_CM**2))
