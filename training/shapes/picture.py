"""A picture of the mesh, and which triangle each of its pixels shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.shapes.mesh import Floats, HeadMesh, Ints

SIZE_PX = 900
PX_PER_DM = 330.0
CENTRE_Y_DM = 7.0
LIGHT = np.array([0.3, 0.45, 0.85]) / np.linalg.norm([0.3, 0.45, 0.85])
AMBIENT = 0.35


@dataclass(frozen=True, slots=True)
class Picture:
    """rgb: (h, w, 3) uint8. triangle: (h, w), -1 where there is none. corners: (h, w, 3) barycentric weights.

    facing: (h, w) cosine between the surface and the viewer.
    """

    rgb: NDArray[np.uint8]
    triangle: Ints
    corners: Floats
    facing: Floats


def take(mesh: HeadMesh, points: Floats, yaw: float) -> Picture:
    """Draw the mesh with its points moved, turned by yaw (radians, towards the person's right), from far away."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    x = points[:, 0] * cos + points[:, 2] * sin - 0.5 * sin
    z = points[:, 2] * cos - points[:, 0] * sin
    turned = np.stack([x, points[:, 1], z], axis=1)
    seen = np.stack([x * PX_PER_DM + SIZE_PX / 2, SIZE_PX / 2 - (points[:, 1] - CENTRE_Y_DM) * PX_PER_DM, z], axis=1)
    first, second, third = (turned[mesh.triangles[:, k]] for k in range(3))
    across = np.cross(second - first, third - first)
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, mesh.triangles[:, k], across)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    light = np.clip(AMBIENT + (1 - AMBIENT) * (normals @ LIGHT), 0.05, 1)
    triangle, corners = _rasterize(seen, mesh.triangles, np.flatnonzero(across[:, 2] > 0))
    at = mesh.triangles[triangle]
    shown = triangle >= 0
    colour = np.einsum("hwk,hwkc->hwc", corners, (mesh.colours * light[:, None])[at])
    colour[~shown] = (150, 160, 170)
    facing = np.einsum("hwk,hwk->hw", corners, normals[at][..., 2]) * shown
    return Picture(np.clip(colour, 0, 255).astype(np.uint8), triangle, corners, facing)


def _rasterize(seen: Floats, triangles: Ints, visible: Ints) -> tuple[Ints, Floats]:
    depth = np.full((SIZE_PX, SIZE_PX), -np.inf)
    triangle = np.full((SIZE_PX, SIZE_PX), -1)
    corners = np.zeros((SIZE_PX, SIZE_PX, 3))
    for number in visible:
        (x0, y0, _), (x1, y1, _), (x2, y2, _) = points = seen[triangles[number]]
        low = np.maximum(np.floor(points[:, :2].min(axis=0)), 0).astype(int)
        high = np.minimum(np.ceil(points[:, :2].max(axis=0)), SIZE_PX - 1).astype(int)
        twice_area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if (high < low).any() or abs(twice_area) < 1e-9:
            continue
        x, y = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        second = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / twice_area
        third = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / twice_area
        weights = np.stack([1 - second - third, second, third], axis=-1)
        box = np.s_[low[1] : high[1] + 1, low[0] : high[0] + 1]
        z = weights @ points[:, 2]
        nearer = (weights >= -1e-6).all(axis=-1) & (z > depth[box])
        depth[box][nearer], triangle[box][nearer], corners[box][nearer] = z[nearer], number, weights[nearer]
    return triangle, corners
