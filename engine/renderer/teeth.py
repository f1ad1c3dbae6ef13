"""Teeth and tongue, drawn on the arches where a mouth has them."""

from typing import TYPE_CHECKING

import numpy as np

from engine.renderer.geometry import Floats, HeadFrame, smoothstep
from engine.renderer.mouth import Mouth

if TYPE_CHECKING:
    from engine.renderer.interior import Colours, View

# Far edge of each tooth along the arch, from the middle, in cm: incisors, canine, premolars, molar
# (mean adult widths; Ash & Nelson, Wheeler's Dental Anatomy).
UPPER_EDGES_CM = (0.0, 0.85, 1.50, 2.26, 2.96, 3.64, 4.6)
LOWER_EDGES_CM = (0.0, 0.53, 1.12, 1.80, 2.50, 3.20, 4.2)
UPPER_SHORTER_CM = (0.0, 0.07, 0.01, 0.08, 0.13, 0.18)  # the laterals' edges lie higher than their neighbours'
LOWER_SHORTER_CM = (0.0, 0.01, -0.03, 0.05, 0.08, 0.1)
BEHIND_LIPS_CM = 0.8


def mouth_size(mouth: Mouth) -> float:
    """1 for an adult's mouth; a wide smile does not widen the teeth much."""
    return float(np.clip(mouth.half_width / 2.45, 0.8, 1.12))


def draw_teeth(mouth: Mouth, frame: HeadFrame, colours: "Colours", view: "View", *, upper: bool) -> Floats:
    """One row of teeth with its gums, (h, w, 4) float32, premultiplied."""
    size = mouth_size(mouth)
    x, y = _behind(frame, view.x, view.y, BEHIND_LIPS_CM)
    edges = np.array(UPPER_EDGES_CM if upper else LOWER_EDGES_CM, np.float32) * size
    radius = (2.8 if upper else 2.5) * size
    across = np.clip((x - mouth.centre_x) / radius, -1, 1)
    angle = np.arcsin(across)
    along = np.abs(angle) * radius
    index = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, len(edges) - 2)
    within = np.clip((along - edges[index]) / (edges[index + 1] - edges[index]), 0, 1)
    seam = float(np.mean((mouth.upper_inner if upper else mouth.lower_inner)[24:40, 1]))
    shorter = np.array(UPPER_SHORTER_CM if upper else LOWER_SHORTER_CM, np.float32)[index]
    shorter = (shorter + 0.05 * (2 * within - 1) ** 4) * size  # each edge is rounded at its ends
    back = 1 - np.cos(angle)
    if upper:
        edge = seam + 0.27 * size - 0.45 * back - shorter
        inside, root = edge - y, y - (edge - 0.98 * size + 0.1 * (2 * within - 1) ** 2)
    else:
        edge = seam + 0.10 * size - 0.25 * back + shorter
        inside, root = y - edge, (edge + 0.85 * size) - y
    alpha = smoothstep(-view.soft, view.soft, inside) * smoothstep(1.0, 0.97, np.abs(across))
    from_crease = np.minimum(within, 1 - within) * (edges[index + 1] - edges[index])
    crease = 1 - (0.15 if upper else 0.10) * (1 - smoothstep(0.0, 0.07 + 0.5 * view.soft, from_crease))
    round_ = 0.20 + 0.80 * np.clip(np.cos(angle), 0, 1) ** 1.3
    body = 0.95 + 0.05 * np.sin(np.pi * within)
    edgewise = 0.88 + 0.12 * smoothstep(0.0, 0.2, inside)
    shade = (crease * body * edgewise * round_ * (1.0 if upper else 0.84))[..., None]
    gum = smoothstep(0.06, -0.06, root)[..., None]
    paint = colours.teeth * (1 - colours.dusk * (1 - shade)) * (1 - gum) + colours.gums * round_[..., None] * gum
    return np.dstack([paint * alpha[..., None], alpha]).astype(np.float32)


def draw_tongue(mouth: Mouth, colours: "Colours", view: "View") -> Floats:
    """A soft dome behind the lower teeth, (h, w, 4) float32, premultiplied."""
    size = mouth_size(mouth)
    seam = float(np.mean(mouth.lower_inner[24:40, 1]))
    u = (view.x - mouth.centre_x) / (1.9 * size)
    v = (view.y - (seam + 0.16 * size)) / (0.85 * size)
    dome = 1 - u**2 - np.where(v < 0, 1.25 * v, 0.5 * v) ** 2
    alpha = smoothstep(-0.1, 0.5, dome)
    groove = 1 - 0.12 * np.exp(-((u / 0.09) ** 2)) * smoothstep(0.2, 0.9, dome)
    shade = (0.62 + 0.55 * np.clip(dome, 0, 1)) * groove
    return np.dstack([colours.tongue * (shade * alpha)[..., None], alpha]).astype(np.float32)


def _behind(frame: HeadFrame, x: Floats, y: Floats, depth_cm: float) -> tuple[Floats, Floats]:
    """Head coordinates of what is seen at a pixel depth_cm behind the lips: the parallax of a turned head."""
    shift = np.linalg.solve(frame.axes[:2, :2].T.astype(np.float64), depth_cm * frame.axes[2, :2].astype(np.float64))
    shift = np.clip(shift, -0.5, 0.5)
    return (x - shift[0]).astype(np.float32), (y - shift[1]).astype(np.float32)
