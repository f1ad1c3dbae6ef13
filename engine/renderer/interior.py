"""The inside of the mouth, made once a photo: cavity, tongue, teeth, in the photo's own colours and light.

Two textures over one box of the photo: one hangs on the skull (upper teeth), one on the jaw (lower teeth,
tongue). What the photo itself shows between open lips becomes part of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.renderer.geometry import Floats, HeadFrame, curve, smoothstep
from engine.renderer.mouth import OWN_GAP_CM, Mouth
from engine.renderer.teeth import draw_teeth, draw_tongue
from engine.renderer.warp import sample

JAW_GAP_CM = 0.75  # lips closer than this show one row of teeth, the upper one
LIP_RIM_CM = 0.03  # the landmarks run this far into the lower lip
COLOURLESS = 0.08  # skin less saturated than this is a black-and-white photo's
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
SKIN_MARKS = (50, 280, 205, 425, 101, 330)
LIP_MARKS = (17, 84, 314, 0)


@dataclass(frozen=True, slots=True)
class View:
    """A box of the photo. pixels: (h, w, 3) float32 0..255; x, y: (h, w) cm in the head's frame.

    soft: cm over which drawn edges fade, to be as sharp as the photo.
    """

    pixels: Floats
    x: Floats
    y: Floats
    soft: float
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Interior:
    """Textures over the box whose corner is (left, top) in photo px.

    cavity: (h, w, 3) float32 colours of the deep mouth. skull, jaw: (h, w, 4) float32, premultiplied, alpha 0..1.
    skull_own, jaw_own: (h, w) 0..1, which part of them is the photo's, and so lit already.
    dusk: (3,) how fast red, green and blue fade in the shade: flesh around keeps it reddish.
    """

    left: int
    top: int
    cavity: Floats
    skull: Floats
    jaw: Floats
    skull_own: Floats
    jaw_own: Floats
    dusk: Floats


@dataclass(frozen=True, slots=True)
class Colours:
    """(3,) float32 RGB each."""

    teeth: Floats
    gums: Floats
    tongue: Floats
    cavity: Floats
    dusk: Floats


def build_interior(rgb: NDArray[np.uint8], face: Face, mouth: Mouth, frame: HeadFrame, view: View) -> Interior:
    """Make the textures for a box around the mouth."""
    colours = _colours(rgb, face, frame)
    own = _own_content(mouth, view, colours.gums)
    if own is not None:
        colours = _as_seen(colours, own, view)
    skull = draw_teeth(mouth, frame, colours, view, upper=True)
    jaw = draw_teeth(mouth, frame, colours, view, upper=False)
    jaw = _over(jaw, draw_tongue(mouth, colours, view))
    skull_own = jaw_own = np.zeros_like(view.x)
    if own is not None:
        skull_own, jaw_own = own.inside * (1 - own.jaws), own.inside * own.jaws
        skull = _paste(own.pixels, skull_own, skull * own.keep_drawn)
        jaw = _paste(own.pixels, jaw_own, jaw)
    depth = np.clip((view.y - curve(mouth.upper_inner, view.x)) / 2.5, 0, 1)[..., None]
    cavity = (colours.cavity * (0.8 + 0.5 * depth)).astype(np.float32)
    return Interior(view.left, view.top, cavity, skull, jaw, skull_own, jaw_own, colours.dusk)


@dataclass(frozen=True, slots=True)
class _Own:
    """What the photo shows between its lips.

    pixels: (h, w, 3), going on above the upper lip's edge as a mirror image, for when that lip rises.
    inside: (h, w) 0..1 between the lips. jaws: (h, w) 0..1, the part that moves with the jaw.
    keep_drawn: 0 where the photo shows teeth of its own, 1 where drawn ones are needed.
    """

    pixels: Floats
    inside: Floats
    jaws: Floats
    keep_drawn: float
    has_teeth: bool
    has_cavity: bool


def _own_content(mouth: Mouth, view: View, gums: Floats) -> _Own | None:
    if mouth.gap < OWN_GAP_CM:
        return None
    upper, lower = curve(mouth.upper_inner, view.x), curve(mouth.lower_inner, view.x)
    gap = np.maximum(lower - upper, 1e-3)
    depth = view.y - upper
    beside = np.abs(view.x - mouth.centre_x) / mouth.half_width
    inside = smoothstep(0, view.soft, lower - 0.8 * view.soft - LIP_RIM_CM - view.y) * (beside < 1)
    inside = inside * smoothstep(1.5 * view.soft, 3 * view.soft, gap)
    mirrored = np.minimum(np.where(depth < view.soft, 2 * view.soft - depth, depth), gap - view.soft)
    rows, columns = np.mgrid[0 : view.y.shape[0], 0 : view.y.shape[1]].astype(np.float32)
    cm_per_row = float(np.median(np.diff(view.y, axis=0)))
    where = np.dstack([columns, rows + (mirrored - depth) / cm_per_row]).astype(np.float32)
    pixels = sample(view.pixels, where)
    root = smoothstep(0.02, 0.22, -depth)[..., None]
    pixels = pixels * (1 - root) + 0.5 * (gums + pixels) * root
    # Light by depth between the lips tells teeth from cavity.
    level = np.clip((depth / gap * 10).astype(int), 0, 9)
    central = (beside < 0.5) & (depth > 0) & (view.y < lower)
    luma = view.pixels @ LUMA
    profile = np.array(
        [
            np.median(luma[central & (level == step)] if np.any(central & (level == step)) else luma)
            for step in range(10)
        ]
    )
    darkest = int(profile[2:9].argmin()) + 2
    dark = bool(profile[darkest] < 0.5 * profile.max() or profile.max() < 60)
    has_cavity = dark and mouth.gap > JAW_GAP_CM
    has_teeth = bool(profile[: darkest + 1].max() > 2 * profile[darkest] + 20) or not has_cavity
    split = (darkest + 0.5) / 10
    jaws = smoothstep(split - 0.12, split + 0.12, (depth / gap).astype(np.float32)) * np.float32(has_cavity)
    return _Own(
        pixels=np.asarray(pixels, np.float32),
        inside=inside.astype(np.float32),
        jaws=jaws.astype(np.float32),
        keep_drawn=0.0 if has_teeth else 1.0,
        has_teeth=has_teeth,
        has_cavity=has_cavity,
    )


def _as_seen(colours: Colours, own: _Own, view: View) -> Colours:
    """Colours of the inside as the photo itself shows them."""
    shown = view.pixels[own.inside > 0.9]
    if len(shown) < 12:
        return colours
    luma = shown @ LUMA
    teeth, cavity = colours.teeth, colours.cavity
    if own.has_teeth:
        teeth = np.median(shown[luma >= np.percentile(luma, 70)], axis=0)
    if own.has_cavity:
        cavity = np.median(shown[luma <= np.percentile(luma, 12)], axis=0)
    return Colours(teeth.astype(np.float32), colours.gums, colours.tongue, cavity.astype(np.float32), colours.dusk)


def _colours(rgb: NDArray[np.uint8], face: Face, frame: HeadFrame) -> Colours:
    """Colours of the inside that suit the photo's skin, light and saturation."""
    skin = _median_around(rgb, face, SKIN_MARKS, 0.5 * frame.px_per_cm)
    lips = _median_around(rgb, face, LIP_MARKS, 0.15 * frame.px_per_cm)
    light = float(skin @ LUMA)
    tint = skin / max(light, 1.0)
    if float(np.ptp(skin)) < COLOURLESS * max(float(skin.max()), 1.0):
        dusk = np.ones(3)
        teeth, gums, tongue, cavity = 1.1 * tint, 0.6 * tint, 0.5 * tint, 0.12 * tint
    else:
        ivory = np.array([1.04, 1.0, 0.92], np.float32)
        dusk = np.array([0.80, 1.04, 1.10])
        teeth = 1.28 * (0.68 * ivory + 0.32 * tint)
        gums = 0.5 * lips / max(light, 1.0) + np.array([0.42, 0.2, 0.2], np.float32)
        tongue = 0.45 * lips / max(light, 1.0) + np.array([0.44, 0.20, 0.20], np.float32)
        cavity = np.array([0.22, 0.085, 0.075], np.float32)
    # Dark skin does not darken teeth as much: the room's light is what both share.
    bright = float(np.clip(0.75 * light + 45, 75, 190))
    # Under a moustache, or in the shade of a hat, it is darker.
    bright *= float(np.clip(float(lips @ LUMA) / (0.5 * max(light, 1.0)), 0.55, 1))
    lit = [np.asarray(part * bright, np.float32) for part in (teeth, gums, tongue, cavity)]
    return Colours(lit[0], lit[1], lit[2], lit[3], dusk.astype(np.float32))


def _median_around(rgb: NDArray[np.uint8], face: Face, marks: tuple[int, ...], radius: float) -> Floats:
    """Median colour of small squares around landmarks."""
    height, width = rgb.shape[:2]
    reach = max(1, int(radius))
    seen = []
    for px, py in face.landmarks_px[list(marks), :2].astype(int):
        x, y = int(np.clip(px, 0, width - 1)), int(np.clip(py, 0, height - 1))
        seen.append(rgb[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1].reshape(-1, 3))
    return np.asarray(np.median(np.concatenate(seen), axis=0), np.float32)


def _over(front: Floats, back: Floats) -> Floats:
    return np.asarray(front + back * (1 - front[..., 3:]), np.float32)


def _paste(pixels: Floats, alpha: Floats, under: Floats) -> Floats:
    return _over(np.dstack([pixels * alpha[..., None], alpha]).astype(np.float32), under)
