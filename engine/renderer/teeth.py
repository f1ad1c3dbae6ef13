"""Teeth, drawn on the arches where a mouth has them, as the photo's camera sees them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.renderer.geometry import Floats, smoothstep
from engine.renderer.mouth import Mouth

if TYPE_CHECKING:
    from engine.renderer.interior import View
    from engine.renderer.palette import Colours

# Far edge of each tooth along the arch, from the middle, in cm: incisors, canine, premolars, molar
# (mean adult widths; Ash & Nelson, Wheeler's Dental Anatomy).
UPPER_EDGES_CM = (0.0, 0.85, 1.50, 2.26, 2.96, 3.64, 4.6)
LOWER_EDGES_CM = (0.0, 0.53, 1.12, 1.80, 2.50, 3.20, 4.2)
UPPER_SHORTER_CM = (0.0, 0.07, 0.01, 0.06, 0.09, 0.12)  # the laterals' edges lie higher than their neighbours'
LOWER_SHORTER_CM = (0.0, 0.01, -0.03, 0.05, 0.08, 0.1)
POINTED_CM = (0.03, 0.05, 0.13, 0.09, 0.06, 0.04)  # how much higher an edge is at the tooth's sides
UNEVEN_CM = (0.0, 0.012, -0.008, 0.01, -0.012, 0.0)  # no mouth is its own mirror image: one side's edges
HUES = (1.0, 0.97, 0.92, 0.94, 0.93, 0.92)  # canines are a little darker
UPPER_CROWN_CM, LOWER_CROWN_CM = 1.0, 0.86
BEHIND_LIPS_CM = 0.4  # from the lips' surface to the upper incisors
OVERJET_CM = 0.2  # the lower teeth bite behind the upper ones
ARCH_CM = 1.8  # radius of the arch at its front: 1 cm deep at the canines
UPPER_SHOW_CM = 0.45  # of the upper teeth under the line where closed lips meet
OVERBITE_CM = 0.38  # the lower teeth's tips lie this far above the upper ones'
RISE = 0.14  # the teeth's edges rise by this much a cm towards the back
RISE_TO_CM, SUNK_TO_CM = 1.3, 1.9  # and no further back: a turned head shows more of its far teeth
SUNK = 0.42  # light is lost by this share a cm towards the back: the cheeks shade it


@dataclass(frozen=True, slots=True)
class Row:
    """One row of teeth. edge_y: height of the incisors' edges, cm in the head's frame. size: 1 for an adult."""

    upper: bool
    edge_y: float
    size: float


def mouth_size(mouth: Mouth) -> float:
    """1 for an adult's mouth; a wide smile does not widen the teeth much."""
    return float(np.clip(mouth.half_width / 2.6, 0.8, 1.05))


def draw_teeth(row: Row, centre_x: float, colours: "Colours", view: "View") -> Floats:
    """One row of teeth with its gums, (h, w, 4) float32, premultiplied."""
    size, sign = row.size, 1.0 if row.upper else -1.0
    depth = BEHIND_LIPS_CM + (0.0 if row.upper else OVERJET_CM)
    radius = (ARCH_CM if row.upper else 0.92 * ARCH_CM) * size
    u, back = _on_arch(view, centre_x, depth, radius)
    y = view.y + view.slope[1] * (depth + back)
    edges = np.array(UPPER_EDGES_CM if row.upper else LOWER_EDGES_CM, np.float32) * size
    along = _arc(np.abs(u), radius)
    index = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, len(edges) - 2)
    wide = edges[index + 1] - edges[index]
    within = np.clip((along - edges[index]) / wide, 0, 1)
    aside = 2 * within - 1
    shorter = np.array(UPPER_SHORTER_CM if row.upper else LOWER_SHORTER_CM, np.float32)[index]
    pointed = np.array(POINTED_CM, np.float32)[index] * (1.0 if row.upper else 0.6)
    uneven = np.array(UNEVEN_CM, np.float32)[index] * (u > 0)
    lift = RISE * np.minimum(back, RISE_TO_CM) + (shorter + uneven + pointed * np.abs(aside) ** 3) * size
    inside = sign * (row.edge_y - sign * lift - y)  # cm from the tips towards the gums
    crown = (UPPER_CROWN_CM if row.upper else LOWER_CROWN_CM) * size
    height = np.clip(inside / crown, 0, 1)
    alpha = smoothstep(-0.02 - 0.5 * view.soft, 0.02 + 0.5 * view.soft, inside) * smoothstep(4.3, 3.7, along / size)
    # Light: crowns bulge, lean out at their tips and lie in the cheeks' shade the further back they are.
    turn = np.arctan(u / radius) + np.sign(u) * 0.55 * np.sign(aside) * np.abs(aside) ** 3
    normal = (np.sin(turn), sign * (0.12 - 0.42 * height), -np.cos(turn))
    shade, shine = view.lit(normal)
    from_crease = np.minimum(within, 1 - within) * wide
    crease = 1 - (0.20 if row.upper else 0.15) * np.exp(-(from_crease / (0.035 + 0.3 * view.soft))) * view.detail
    tip = 0.86 + 0.14 * smoothstep(0.0, 0.14, inside)  # enamel is see-through at the tips
    sunk = np.exp(-SUNK * np.minimum(back, SUNK_TO_CM))
    hue = np.array(HUES, np.float32)[index]
    shade = shade * crease * tip * hue * (1.0 if row.upper else 0.94)
    gum = smoothstep(-0.05, 0.05, inside - crown + 0.20 * size * np.abs(aside) ** 2.5)
    root = (1 - 0.30 * gum * np.exp(-(((inside - crown) / 0.12) ** 2)))[..., None]  # gums are thicker than necks
    neck = 1 - colours.stain * (smoothstep(0.3, 1.1, height) + 0.3 * (index == 2))[..., None]
    teeth = colours.faded(colours.teeth * neck, shade * sunk) + colours.shine * (0.5 * shine * sunk)[..., None]
    gums = colours.faded(colours.gums, sunk * (0.55 + 0.45 * shade)) + colours.shine * (0.3 * shine * sunk)[..., None]
    paint = (teeth * (1 - gum[..., None]) + gums * gum[..., None]) * root
    return np.dstack([paint * alpha[..., None], alpha]).astype(np.float32)


def _on_arch(view: "View", centre_x: float, depth: float, radius: float) -> tuple[Floats, Floats]:
    """Where the line of sight of each px meets an arch: cm beside the middle, and cm behind the arch's front.

    The arch is the parabola back = u**2 / (2 radius), depth cm behind the lips.
    """
    slope = view.slope[0]
    u0 = view.x - centre_x + slope * depth
    root = np.sqrt(np.maximum(1 - 2 * slope / radius * u0, 0.04))  # 0.04: beyond the arch's outline its edge goes on
    u = 2 * u0 / (1 + root)
    return np.asarray(u, np.float32), np.asarray(u**2 / (2 * radius), np.float32)


def _arc(u: Floats, radius: float) -> Floats:
    """Length of the parabola back = u**2 / (2 radius) from its front."""
    t = u / radius
    return np.asarray(0.5 * radius * (t * np.sqrt(1 + t**2) + np.arcsinh(t)), np.float32)
