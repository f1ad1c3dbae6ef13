"""Tongue and cavity: the soft parts behind the teeth."""

from typing import TYPE_CHECKING

import cv2
import numpy as np

from engine.renderer.geometry import Floats, smoothstep

if TYPE_CHECKING:
    from engine.renderer.interior import View
    from engine.renderer.palette import Colours

TONGUE_CM = (1.85, 0.75)  # half its width, and how high its back rises over its tip, as seen from the front
TIP_DEPTH_CM, BACK_DEPTH_CM = 0.9, 2.1  # behind the lips
TIP_OUT_DEPTH_CM, TIP_HALF_CM, TIP_OVER_CM = 0.4, 1.35, 0.26  # of a tip between the teeth
THROAT_DEPTH_CM = 3.2
THROAT_CM = (1.9, 1.15)  # half width and half height of what no light reaches
GRAIN_CM = 0.07  # between the tongue's papillae as a photo shows them


def draw_tongue(tip_y: float, centre_x: float, size: float, colours: "Colours", view: "View") -> Floats:
    """A tongue that rests behind the lower teeth, tip_y high: (h, w, 4) float32, premultiplied."""
    half, high = (size * part for part in TONGUE_CM)
    x, y = view.behind(TIP_DEPTH_CM)
    nearly = np.clip((tip_y - y) / high, 0, 1)
    # The further up a px, the further back what it shows: in a turned head the tongue's back lies further aside.
    x = x + view.slope[0] * (BACK_DEPTH_CM - TIP_DEPTH_CM) * nearly
    u = (x - centre_x) / half
    round_ = np.sqrt(np.maximum(1 - np.abs(u) ** 2.4, 0))
    crest = tip_y + 0.25 * size - (high + 0.25 * size) * round_
    back = np.clip((tip_y - y) / np.maximum(tip_y - crest, 0.05), -1.5, 1)  # 0 at the tip, 1 on the crest
    alpha = smoothstep(-0.04, 0.22 * size, y - crest) * smoothstep(1.0, 0.9, np.abs(u))
    groove = np.exp(-(((x - centre_x) / (0.13 * size)) ** 2)) * smoothstep(-0.3, 0.25, back)
    slope_x = 0.75 * np.sign(u) * np.abs(u) ** 1.6 - 0.9 * np.sign(u) * np.exp(-(((np.abs(u) - 0.13) / 0.1) ** 2)) * (
        0.3 * smoothstep(-0.2, 0.3, back)
    )
    slope_y = np.where(back > 0, -0.35 - 0.75 * np.sin(np.clip(back, 0, 1) * np.pi * 0.8), -0.35 - 0.7 * back)
    rough = (_noise(view, GRAIN_CM) - 0.5) * view.detail
    shade, shine = view.lit((slope_x + 0.25 * rough, slope_y + 0.25 * rough, np.full_like(u, -0.8)))
    deep = 1 - 0.76 * smoothstep(-0.1, 0.85, back)  # towards the throat
    under = 1 - 0.55 * smoothstep(0.1, 1.2, -back)  # below the tip
    shade = shade * deep * under * (1 - 0.20 * groove) * (1 + 0.10 * rough) * (0.8 + 0.2 * round_)
    wet = shine * deep * under * (0.6 + 0.8 * _noise(view, 0.3, seed=5)) * (1 - groove)
    paint = colours.faded(colours.tongue, np.minimum(shade, 1.1)) + colours.shine * (0.55 * wet)[..., None]
    return np.dstack([paint * alpha[..., None], alpha]).astype(np.float32)


def draw_tip(edge_y: float, centre_x: float, size: float, colours: "Colours", view: "View") -> Floats:
    """The tongue's tip between the teeth, as for TH, (h, w, 4) float32, premultiplied.

    edge_y: height of the upper teeth's edges, which it covers.
    """
    x, y = view.behind(TIP_OUT_DEPTH_CM)
    u = (x - centre_x) / (TIP_HALF_CM * size)
    top = edge_y - (TIP_OVER_CM - 0.3 * np.abs(u) ** 2.5) * size
    alpha = smoothstep(-0.03, 0.05, y - top) * smoothstep(1.1, 0.7, np.abs(u))
    rounded = -1.1 * np.exp(-np.maximum(y - top, 0) / 0.13)
    rough = (_noise(view, GRAIN_CM) - 0.5) * view.detail
    shade, shine = view.lit((0.7 * u**3 + 0.2 * rough, rounded + 0.15 + 0.2 * rough, np.full_like(u, -0.9)))
    groove = 0.14 * np.exp(-(((x - centre_x) / (0.1 * size)) ** 2))
    paint = colours.faded(colours.tongue, np.minimum(shade * (1 - groove), 1.1))
    paint = paint + colours.shine * (0.5 * shine)[..., None]
    return np.dstack([paint * alpha[..., None], alpha]).astype(np.float32)


def draw_cavity(seam_y: float, centre_x: float, size: float, colours: "Colours", view: "View") -> Floats:
    """What lies behind everything, (h, w, 3) float32: dark throat, cheeks and palate around it a little lighter."""
    x, y = view.behind(THROAT_DEPTH_CM)
    away = np.hypot((x - centre_x) / (THROAT_CM[0] * size), (y - seam_y - 0.95 * size) / (THROAT_CM[1] * size))
    walls = smoothstep(0.15, 1.25, away)
    palate = np.exp(-(((y - seam_y - 0.3 * size) / (0.4 * size)) ** 2) - ((x - centre_x) / (1.7 * size)) ** 2)
    shade = 0.06 + 0.5 * walls + 0.4 * palate
    return colours.faded(colours.cavity, np.minimum(shade, 1.0).astype(np.float32))


def _noise(view: "View", spacing_cm: float, seed: int = 3) -> Floats:
    """Smooth noise 0..1 over the view, one hill every spacing_cm."""
    rows, columns = view.x.shape
    width_cm = float(view.x.max() - view.x.min())
    cells = max(4, round(width_cm / spacing_cm))
    values = np.random.default_rng(seed).random((max(4, cells * rows // columns), cells), np.float32)
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32)
