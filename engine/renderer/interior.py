"""The inside of the mouth, drawn once a photo: cavity, tongue, teeth, in the photo's own colours and light.

Two textures over one box of the photo: one hangs on the skull (upper teeth), one on the jaw (lower teeth,
tongue). What the photo itself shows between open lips becomes part of them.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.renderer.geometry import Floats, HeadFrame, curve, smoothstep
from engine.renderer.mouth import Mouth

UPPER_TEETH_CM = (0.43, 1.08, 1.82, 2.50, 3.15, 4.1)  # far edges along the arch, from the middle
LOWER_TEETH_CM = (0.27, 0.57, 0.93, 1.60, 2.25, 3.2)
OWN_TEETH_GAP_CM = 0.22  # lips further apart than this show something worth keeping
WIDE_GAP_CM = 1.0  # lips further apart than this show the jaw's side as well


@dataclass(frozen=True, slots=True)
class Interior:
    """Textures over the box whose corner is (left, top) in photo px.

    cavity: (h, w, 3) float32 colours of the deep mouth. skull, jaw: (h, w, 4) float32, premultiplied, alpha 0..1.
    """

    left: int
    top: int
    cavity: Floats
    skull: Floats
    jaw: Floats


def build_interior(
    rgb: NDArray[np.uint8], face: Face, mouth: Mouth, frame: HeadFrame, x: Floats, y: Floats, corner: tuple[int, int]
) -> Interior:
    """Draw the textures for a box of the photo whose pixels lie at x, y (h, w) cm in the head's frame."""
    left, top = corner
    own = rgb[top : top + x.shape[0], left : left + x.shape[1]].astype(np.float32)
    colours = _colours(rgb, face, mouth, frame)
    above_line, below_line = curve(mouth.upper_inner, x), curve(mouth.lower_inner, x)
    soft = max(0.03, 0.7 / frame.px_per_cm)
    skull = _teeth(mouth, frame, colours.teeth, x, y, soft, upper=True)
    jaw = _over(_teeth(mouth, frame, colours.teeth * 0.86, x, y, soft, upper=False), _tongue(mouth, colours, x, y))
    if mouth.gap > OWN_TEETH_GAP_CM:
        skull, jaw = _keep_own(own, mouth, skull, jaw, x, y, above_line, below_line, soft)
    depth = np.clip((y - above_line) / 2.5, 0, 1)[..., None]
    cavity = colours.cavity * (0.75 + 0.5 * depth)
    return Interior(left, top, cavity.astype(np.float32), skull, jaw)


@dataclass(frozen=True, slots=True)
class _Colours:
    teeth: Floats
    cavity: Floats
    tongue: Floats


def _colours(rgb: NDArray[np.uint8], face: Face, mouth: Mouth, frame: HeadFrame) -> _Colours:
    """Colours of the inside that suit the photo's skin, light and saturation."""
    skin = _median_around(rgb, face, (50, 280, 205, 425, 101, 330), 0.5 * frame.px_per_cm)
    lips = _median_around(rgb, face, (17, 84, 314, 0), 0.15 * frame.px_per_cm)
    light = float(skin @ [0.299, 0.587, 0.114])
    saturation = float(np.ptp(skin)) / max(float(skin.max()), 1.0)
    grey = np.full(3, light, np.float32)
    tint = skin / max(light, 1.0)
    ivory = np.array([1.0, 0.96, 0.88], np.float32) if saturation > 0.08 else tint
    brightness = float(np.clip(light * 1.22, 70, 215))
    teeth = brightness * (0.75 * ivory + 0.25 * tint / tint.max())
    flesh = lips if saturation > 0.08 else grey * 0.7
    red = np.array([1.0, 0.42, 0.38], np.float32) if saturation > 0.08 else tint
    tongue = 0.55 * flesh + 0.45 * light * 0.75 * red
    cavity = np.clip(light, 60, 200) * (np.array([0.20, 0.07, 0.065], np.float32) if saturation > 0.08 else 0.09 * tint)
    return _Colours(teeth.astype(np.float32), cavity.astype(np.float32), tongue.astype(np.float32))


def _median_around(rgb: NDArray[np.uint8], face: Face, marks: tuple[int, ...], radius: float) -> Floats:
    """Median colour of small squares around landmarks."""
    height, width = rgb.shape[:2]
    reach = max(1, int(radius))
    seen = []
    for px, py in face.landmarks_px[list(marks), :2].astype(int):
        x, y = int(np.clip(px, 0, width - 1)), int(np.clip(py, 0, height - 1))
        seen.append(rgb[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1].reshape(-1, 3))
    return np.median(np.concatenate(seen), axis=0).astype(np.float32)


def _behind(frame: HeadFrame, x: Floats, y: Floats, depth_cm: float) -> tuple[Floats, Floats]:
    """Head coordinates of what is seen at a pixel depth_cm behind the lips: parallax of a turned head."""
    plane = frame.axes[:2, :2]
    shift = np.linalg.solve(plane.T.astype(np.float64), depth_cm * frame.axes[2, :2].astype(np.float64))
    shift = np.clip(shift, -0.5, 0.5)
    return (x - shift[0]).astype(np.float32), (y - shift[1]).astype(np.float32)


def _teeth(mouth: Mouth, frame: HeadFrame, colour: Floats, x: Floats, y: Floats, soft: float, *, upper: bool) -> Floats:
    """One row of teeth on its arch, as (h, w, 4) premultiplied."""
    x, y = _behind(frame, x, y, 0.8)
    size = float(np.clip(mouth.half_width / 2.5, 0.8, 1.15))
    edges = np.array((0.0, *(UPPER_TEETH_CM if upper else LOWER_TEETH_CM)), np.float32) * size
    radius = (2.75 if upper else 2.5) * size
    across = np.clip((x - mouth.centre_x) / radius, -1, 1)
    angle = np.arcsin(across)
    along = np.abs(angle) * radius
    index = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, len(edges) - 2)
    start, end = edges[index], edges[index + 1]
    within = np.clip((along - start) / (end - start), 0, 1)
    round_edge = 0.05 * size * (2 * within - 1) ** 4
    seam = float(np.mean(mouth.upper_inner[24:40, 1] if upper else mouth.lower_inner[24:40, 1]))
    bend = 0.42 * (1 - np.cos(angle))
    if upper:
        shorter = np.array([0, 0.06, 0.0, 0.08, 0.12, 0.16], np.float32)[index] * size
        edge = seam + 0.26 * size - bend - round_edge - shorter
        inside, root = edge - y, y - (edge - 0.95 * size)
    else:
        edge = seam - 0.02 * size - 0.5 * bend + round_edge
        inside, root = y - edge, (edge + 0.8 * size) - y
    alpha = smoothstep(-soft, soft, inside) * smoothstep(1.0, 0.985, np.abs(across))
    crease = np.minimum(along - start, end - along)
    crease = np.where(index == 0, np.where(along < edges[1] / 2, along, edges[1] - along), crease)
    line = 1 - 0.30 * (1 - smoothstep(0.0, 0.05 + 0.5 * soft, crease))
    curved = 0.25 + 0.75 * np.maximum(np.cos(angle), 0) ** 1.2
    body = 0.90 + 0.10 * np.sin(np.pi * within)
    rootwards = 0.80 + 0.20 * smoothstep(-0.1, 0.6, root)
    edgewise = 0.90 + 0.10 * smoothstep(0.0, 0.15, inside)
    shade = line * curved * body * rootwards * edgewise
    gum = smoothstep(0.05, -0.05, root)[..., None]
    tooth = colour * shade[..., None]
    pink = colour * np.array([0.80, 0.48, 0.46], np.float32) * (curved * 0.8)[..., None]
    if float(np.ptp(colour)) < 4:
        pink = colour * (curved * 0.5)[..., None]
    paint = tooth * (1 - gum) + pink * gum
    return np.dstack([paint * alpha[..., None], alpha]).astype(np.float32)


def _tongue(mouth: Mouth, colours: _Colours, x: Floats, y: Floats) -> Floats:
    """A soft dome behind the lower teeth."""
    size = float(np.clip(mouth.half_width / 2.5, 0.8, 1.15))
    seam = float(np.mean(mouth.lower_inner[24:40, 1]))
    u = (x - mouth.centre_x) / (1.85 * size)
    v = (y - (seam + 0.25 * size)) / (0.85 * size)
    dome = 1 - u**2 - np.where(v < 0, v * 1.6, v * 0.6) ** 2
    alpha = smoothstep(-0.05, 0.35, dome)
    groove = 1 - 0.10 * np.exp(-((u / 0.10) ** 2))
    shade = (0.42 + 0.38 * np.clip(dome, 0, 1)) * groove
    return np.dstack([colours.tongue * (shade * alpha)[..., None], alpha]).astype(np.float32)


def _over(front: Floats, back: Floats) -> Floats:
    return front + back * (1 - front[..., 3:])


def _keep_own(
    own: Floats,
    mouth: Mouth,
    skull: Floats,
    jaw: Floats,
    x: Floats,
    y: Floats,
    above_line: Floats,
    below_line: Floats,
    soft: float,
) -> tuple[Floats, Floats]:
    """Put what the photo shows between its open lips over the drawn teeth."""
    gap = np.maximum(below_line - above_line, 1e-3)
    depth = y - above_line
    inside = smoothstep(0, soft, below_line - soft - y) * (np.abs(x - mouth.centre_x) < mouth.half_width)
    inside = inside * smoothstep(2 * soft, 4 * soft, gap)
    # Above the lip's edge the teeth go on as their own mirror image, for when the lip rises.
    mirrored = np.where(depth < soft, 2 * soft - depth, depth)
    mirrored = np.minimum(mirrored, gap - soft)
    rows = np.arange(y.shape[0], dtype=np.float32)[:, None]
    per_row = float(np.median(np.diff(y, axis=0)))
    source = np.dstack(
        [np.broadcast_to(np.arange(y.shape[1], dtype=np.float32), y.shape), rows + (mirrored - depth) / per_row]
    )
    photo = cv2.remap(own, source.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    wide = float(smoothstep(WIDE_GAP_CM * 0.7, WIDE_GAP_CM, np.float32(mouth.gap)))
    split = 1 - wide * smoothstep(0.45, 0.65, depth / gap)
    to_skull, to_jaw = inside * split, inside * (1 - split)
    skull_out = _paste(photo, to_skull, skull * (1 - inside[..., None]) * 0.0 if wide > 0.5 else skull * 0.0)
    return skull_out, _paste(photo, to_jaw, jaw)


def _paste(photo: Floats, alpha: Floats, under: Floats) -> Floats:
    front = np.dstack([photo * alpha[..., None], alpha]).astype(np.float32)
    return _over(front, under)
