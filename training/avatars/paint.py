"""A photo laid on a canvas with a brush: Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes",
SIGGRAPH 1998. Coarse strokes first; finer ones where the canvas still differs from the photo.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

RADII_PX = (14, 8, 4, 2, 1)  # of the brushes, for a picture of 720 px; they grow with it
DIFFERENCE = 14.0  # of colour, in levels, from which on a stroke is set
LENGTH = (4, 14)  # of a stroke, in radii
TOOTH = 5.0  # levels by which the weave of the canvas shows


def paint(rgb: NDArray[np.uint8], seed: int = 1) -> NDArray[np.uint8]:
    """Return a painting of a (h, w, 3) picture."""
    rng = np.random.default_rng(seed)
    scale = max(rgb.shape[:2]) / 720
    canvas = cv2.GaussianBlur(rgb, (0, 0), 30 * scale)
    for radius in RADII_PX:
        size = max(1, round(radius * scale))
        guide = cv2.GaussianBlur(rgb, (0, 0), 0.6 * size)
        _layer(canvas, guide, size, rng)
    height, width = rgb.shape[:2]
    weave = np.sin(np.arange(width) * 2.1)[None, :] + np.sin(np.arange(height) * 2.1)[:, None]
    tooth = 0.5 * weave + cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), 1.0)
    return np.clip(canvas + TOOTH * 0.5 * tooth[..., None], 0, 255).astype(np.uint8)


def _layer(canvas: NDArray[np.uint8], guide: NDArray[np.uint8], radius: int, rng: np.random.Generator) -> None:
    """Set the strokes of one brush, in random order."""
    differs = np.linalg.norm(canvas.astype(np.float32) - guide, axis=2)
    gray = cv2.cvtColor(guide, cv2.COLOR_RGB2GRAY).astype(np.float32)
    gx, gy = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    grid = max(2, radius)
    starts = []
    for top in range(0, guide.shape[0] - grid, grid):
        for left in range(0, guide.shape[1] - grid, grid):
            cell = differs[top : top + grid, left : left + grid]
            if cell.mean() > DIFFERENCE:
                y, x = np.unravel_index(int(cell.argmax()), cell.shape)
                starts.append((left + int(x), top + int(y)))
    for x, y in rng.permutation(np.array(starts, int).reshape(-1, 2)):
        colour = guide[y, x].astype(np.float32) + rng.normal(0, 3.0, 3)
        points = _stroke(guide, gx, gy, (int(x), int(y)), radius)
        cv2.polylines(canvas, [points], False, np.clip(colour, 0, 255).tolist(), 2 * radius, cv2.LINE_AA)


def _stroke(
    guide: NDArray[np.uint8], gx: NDArray[np.float32], gy: NDArray[np.float32], start: tuple[int, int], radius: int
) -> NDArray[np.int32]:
    """Points of a stroke that runs along the edges of the picture, as long as its colour fits."""
    height, width = guide.shape[:2]
    first = guide[start[1], start[0]].astype(np.float32)
    points, (x, y), (dx, dy) = [start], (float(start[0]), float(start[1])), (0.0, 0.0)
    for count in range(LENGTH[1]):
        here = guide[int(y), int(x)].astype(np.float32)
        if count > LENGTH[0] and np.abs(here - first).sum() > 2.5 * DIFFERENCE:
            break
        across, down = float(gx[int(y), int(x)]), float(gy[int(y), int(x)])
        size = float(np.hypot(across, down))
        nx, ny = (-down / size, across / size) if size > 1 else (dx, dy) if dx or dy else (0.7, 0.7)
        if nx * dx + ny * dy < 0:
            nx, ny = -nx, -ny
        dx, dy = 0.6 * nx + 0.4 * dx, 0.6 * ny + 0.4 * dy
        x, y = x + radius * dx, y + radius * dy
        if not (0 <= x < width and 0 <= y < height):
            break
        points.append((round(x), round(y)))
    return np.array(points, np.int32).reshape(-1, 1, 2)
