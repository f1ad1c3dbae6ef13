"""Strands: hair, beard, brows and lashes that grow from the skin, fall, and stay outside the head.

Where something grows is said in the unmoved mesh's coordinates, so that it is the same for everybody.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from training.avatars.body import Body, Floats, Ints

HEAD = np.array([0.0, 7.45, 0.55])  # its middle
UP, FORWARD = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
# Height of the hairline by the angle from the front, in degrees: forehead, temple, sideburn, behind the ear, nape.
HAIRLINE = ((0, 35, 58, 74, 84, 97, 125, 180), (7.93, 7.90, 7.68, 7.42, 7.12, 7.30, 6.95, 6.62))


@dataclass(frozen=True, slots=True)
class Style:
    """How hair falls. count: strands. length: dm. steps: points of each strand. lift: how much it leaves the skin.

    weight: pull of gravity. comb: the direction in which it is brushed, from points (n, 3). layer: how far it may lie
    above the skin, dm; slack: how much further it may leave it. curl: radius of its curls, dm, and their turns along a
    strand. vary: spread of the lengths. sides: length at the sides and the back as a share of that on top.
    """

    count: int
    length: float
    steps: int
    lift: float
    weight: float
    comb: Callable[[Floats], Floats]
    layer: float = 0.02
    curl: tuple[float, float] = (0.004, 1.0)
    vary: float = 0.25
    sides: float = 1.0
    slack: float = 9.0


@dataclass(frozen=True, slots=True)
class Roots:
    """Where strands begin: base and now: (n, 3) in the unmoved and in the person's mesh. normal: (n, 3)."""

    base: Floats
    now: Floats
    normal: Floats


def _forward_up(at: Floats) -> Floats:
    return np.tile(0.55 * FORWARD + 0.25 * UP, (len(at), 1)) + 0.2 * np.sign(at[:, :1]) * np.array([1.0, 0, 0])


def _short(at: Floats) -> Floats:
    """Forward and a little up on top, down at the sides and the back."""
    top = np.clip((at[:, 1:2] - 7.75) / 0.35, 0, 1)
    return top * (0.9 * FORWARD + 0.25 * UP) + (1 - top) * (0.25 * FORWARD - UP)


def _swept(at: Floats) -> Floats:
    """From a parting on the person's left over to the right, and back."""
    side = np.where(at[:, :1] > 0.32, 1.0, -1.0)
    across = side * np.array([1.0, 0.0, 0.0])
    top = np.clip((at[:, 1:2] - 7.6) / 0.5, 0, 1)
    return top * (0.8 * across - 0.55 * FORWARD + 0.15 * UP) + (1 - top) * (-0.5 * FORWARD - 0.8 * UP)


def _back(at: Floats) -> Floats:
    """Towards a knot at the back of the head."""
    to = np.array([0.0, 8.05, -0.36]) - at
    to[:, 1] += 1.1 * np.clip(at[:, 2] - 0.2, 0, 1)  # from the forehead first up, not into the head
    far = np.linalg.norm(to, axis=1, keepdims=True)
    return np.asarray(to / far * np.clip((far - 0.2) / 0.2, 0.001, 1))


def _parted(at: Floats) -> Floats:
    """Away from a parting a little off the middle, and down."""
    side = np.where(at[:, :1] > 0.12, 1.0, -1.0)
    top = np.clip((at[:, 1:2] - 7.9) / 0.4, 0, 1)
    return side * np.array([0.9, 0, 0]) - 0.35 * top * FORWARD - (1 - top) * 0.8 * UP


def _out(at: Floats) -> Floats:
    return at - HEAD


STYLES = {
    "crop": Style(30000, 0.26, 8, 0.42, 0.0, _short, layer=0.05, curl=(0.010, 0.8), vary=0.3, sides=0.55),
    "afro": Style(24000, 0.5, 26, 0.95, 0.0, _out, layer=0.2, curl=(0.04, 6.0), vary=0.12),
    "swept": Style(30000, 0.95, 14, 0.25, 0.0, _swept, layer=0.13, curl=(0.02, 0.7), sides=0.22, slack=0.06),
    "tied": Style(26000, 2.6, 30, 0.02, 0.0, _back, layer=0.05, curl=(0.006, 1.0), vary=0.05, slack=0.0),
    "bob": Style(30000, 1.9, 24, 0.1, 0.5, _parted, layer=0.13, curl=(0.03, 0.8), vary=0.06, slack=0.22),
}


def scalp(base: Floats) -> Floats:
    """(n,) chance in 0..1 that hair grows at points of the unmoved mesh."""
    angle = np.degrees(np.arctan2(np.abs(base[:, 0]), base[:, 2] - HEAD[2]))
    edge = np.interp(angle, *HAIRLINE) + 0.035 * np.sin(17 * base[:, 0] + 5 * base[:, 1])
    ear = (np.abs(base[:, 0]) > 0.76) & (base[:, 1] > 6.85) & (base[:, 1] < 7.4) & (base[:, 2] > 0.28)
    return np.clip((base[:, 1] - edge) / 0.10, 0, 1) ** 1.5 * ~ear


def chin(base: Floats) -> Floats:
    """(n,) chance of a beard."""
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    lips = (x < 0.33) & (y > 6.47) & (y < 6.755) & (z > 1.15)
    under_nose = (x < 0.30) & (y > 6.755) & (y < 6.82) & (z > 1.35)
    line = np.interp(z, (0.4, 0.75, 1.1, 1.4), (7.15, 6.95, 6.72, 6.62))
    jaw = (y < line) & (z > 0.35 + 0.5 * (6.6 - y).clip(0)) & (y > 6.02)
    fade = np.clip((line - y) / 0.12, 0.05, 1) * np.clip((y - 6.02) / 0.2, 0, 1)
    return np.where(lips, 0.0, np.where(under_nose, 0.9, jaw * fade)) * (z > 0.3)


def brow(base: Floats) -> Floats:
    """(n,) chance of eyebrows."""
    x, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    along = (x - 0.13) / 0.50
    middle = 7.495 + 0.045 * np.sin(np.pi * np.clip(along, 0, 1) * 0.95) - 0.012 * along
    half = (0.030 + 0.02 * np.sin(np.pi * np.clip(along + 0.15, 0, 1))) * np.sqrt(np.clip(1.02 - along, 0, 1))
    inside = (along > 0) & (along < 1) & (z > 0.9)
    return inside * np.clip(1.4 * (1 - np.abs(y - middle) / half), 0, 1)


def roots(body: Body, chance: Callable[[Floats], Floats], count: int, rng: np.random.Generator) -> Roots:
    """Spread `count` strands over the skin where they grow."""
    quads = body.faces["body"]
    triangles: Ints = quads[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    triangles = triangles[(body.base[triangles][:, :, 1] > 5.8).all(axis=1)]
    a, b, c = (body.base[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    picked = rng.choice(len(triangles), size=count * 60, p=area / area.sum())
    u, v = rng.random((2, len(picked)))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    share = np.stack([1 - u - v, u, v], axis=1)
    base = np.einsum("nk,nkc->nc", share, body.base[triangles[picked]])
    kept = np.flatnonzero(rng.random(len(base)) < chance(base))[:count]
    corners = body.points[triangles[picked[kept]]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    now = np.einsum("nk,nkc->nc", share[kept], corners)
    return Roots(base[kept], now, normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9))


def grow(body: Body, style: Style, chance: Callable[[Floats], Floats], rng: np.random.Generator) -> Floats:
    """(strands, steps, 3) points of hair that lies and falls outside the skin."""
    start = roots(body, chance, style.count, rng)
    skin = _tree(body)
    count = len(start.now)
    length = style.length * (1 + style.vary * rng.normal(size=(count, 1))).clip(0.4, 1.5)
    length *= np.interp(start.base[:, 1:2], (7.45, 7.85), (style.sides, 1.0))
    step = length / (style.steps - 1)
    comb = style.comb(start.base)
    comb /= np.linalg.norm(comb, axis=1, keepdims=True)
    direction = _unit(style.lift * start.normal + (1 - style.lift) * comb + 0.06 * rng.normal(size=(count, 3)))
    height = style.layer * rng.random(count)
    raised = (body.middle("helper-l-eye")[1] - 7.29) * UP  # how far the head stands above the unmoved mesh's
    points = [start.now - 0.004 * start.normal]
    at = start.now
    pace = np.ones((count, 1))
    for index in range(1, style.steps):
        at = at + direction * step * pace
        least = height * min(1, index / 3) + 0.004
        at = _beside(skin, at, least, least + style.slack)
        direction = _unit(at - points[-1])
        if style.lift < 0.4:
            pull = style.comb(at - raised)
            pace = np.minimum(np.linalg.norm(pull, axis=1, keepdims=True), 1)
            direction = _unit(direction + 0.3 * _unit(pull) - style.weight * UP)
        points.append(at)
    return _curled(np.stack(points, axis=1), style, rng)


def short(
    body: Body,
    chance: Callable[[Floats], Floats],
    rng: np.random.Generator,
    *,
    count: int,
    length: float,
    comb: Floats,
    lift: float,
) -> Floats:
    """(strands, 4, 3) points of short straight strands: brows and beards. comb: (3,), its x away from the middle."""
    start = roots(body, chance, count, rng)
    along = np.tile(comb, (len(start.now), 1))
    along[:, 0] *= np.sign(start.base[:, 0])
    direction = _unit(lift * start.normal + _unit(along) + 0.18 * rng.normal(size=along.shape))
    sizes = length * rng.uniform(0.5, 1.1, (len(along), 1))
    curve = np.linspace(0, 1, 4)
    return np.stack([start.now + direction * sizes * t - 0.3 * start.normal * sizes * t * t for t in curve], axis=1)


def _curled(points: Floats, style: Style, rng: np.random.Generator) -> Floats:
    radius, turns = style.curl
    count, steps = points.shape[:2]
    group = rng.integers(0, max(2, count // 14), count)  # strands of a lock curl together
    phase = rng.uniform(0, 2 * np.pi, count // 14 + 2)[group][:, None]
    tangent = _unit(np.gradient(points, axis=1))
    side = _unit(np.cross(tangent, np.array([0.31, 0.52, 0.79])))
    up = np.cross(tangent, side)
    angle = phase + 2 * np.pi * turns * np.linspace(0, 1, steps)[None, :] * rng.uniform(0.8, 1.2, (count, 1))
    size = radius * np.linspace(0, 1, steps)[None, :] ** 0.6
    return np.asarray(points + size[..., None] * (np.cos(angle)[..., None] * side + np.sin(angle)[..., None] * up))


def _tree(body: Body) -> BVHTree:
    quads = body.faces["body"]
    high = (body.points[quads][:, :, 1] > body.points[:, 1].max() - 4.5).all(axis=1)
    return BVHTree.FromPolygons([Vector(p) for p in body.points], quads[high].tolist())


def _beside(skin: BVHTree, points: Floats, least: Floats, most: Floats) -> Floats:
    """Points moved along the skin's normal until they lie between two heights above it."""
    moved = points.copy()
    for index, point in enumerate(points):
        near, normal, _, _ = skin.find_nearest(Vector(point), 0.8)
        if near is None:
            continue
        height = (Vector(point) - near).dot(normal)
        if not least[index] <= height <= most[index]:
            moved[index] = near + normal * min(max(height, least[index]), most[index])
    return moved


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9))
