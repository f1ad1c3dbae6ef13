"""The inside of the mouth, made once a photo: cavity, tongue, teeth, in the photo's own colours and light.

Textures over one box of the photo: cavity and upper teeth hang on the skull, lower teeth on the jaw, and the tongue
between them. What the photo itself shows between open lips becomes part of them.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.renderer.flesh import draw_cavity, draw_tip, draw_tongue
from engine.renderer.geometry import Floats, HeadFrame, curve, smoothstep
from engine.renderer.grain import find_grain
from engine.renderer.mouth import Mouth
from engine.renderer.own import Own, find_own
from engine.renderer.palette import Colours, find_colours
from engine.renderer.teeth import OVERBITE_CM, UPPER_SHOW_CM, Row, draw_teeth, mouth_size
from engine.renderer.warp import Pixels, to_pixels

SHADOW_CM = 0.3  # how far the lips' shadow reaches into the mouth
LIT_GAP_CM = 0.9  # an opening this high lets all the light in
NARROW = 0.66  # of the light is left where the lips hardly part
SLOPE_MAX = 0.5  # of a head turned further the lips' own curve hides as much as the teeth's
SHINE_POWER = 24.0
HIDDEN_CM = 0.02  # teeth that a photo's own open mouth does not show begin behind its lip
OWN_TEETH_SHARE = 0.8  # of the colour of drawn teeth is that of the photo's own
THROAT_SHADE = 0.25  # a throat is seen in this much of the light
BELOW_OWN_CM = 0.12  # drawn teeth begin so far under the tips of the photo's own, which they carry on
TIP_OVER_LOWER_CM = 0.15  # a tip between the teeth rises no higher over the lower ones
GRAIN_IN_SHADE = 0.4  # of the skin's grain is left in the dark
TONGUE_TIP_CM = 0.1  # under the lower teeth's tips


@dataclass(frozen=True, slots=True)
class View:
    """A box of the photo. pixels: (h, w, 3) float32 0..255; x, y: (h, w) cm in the head's frame.

    soft: cm over which drawn edges fade, to be as sharp as the photo. detail: 0..1, how much of the finest drawing
    such a photo can show. slope: (2,) how far x and y go aside on a cm of the line of sight into the head.
    light: (3,) unit vector towards the light in the head's frame. left, top: corner in photo px.
    """

    pixels: Floats
    x: Floats
    y: Floats
    soft: float
    detail: float
    slope: tuple[float, float]
    light: Floats
    left: int
    top: int

    def behind(self, depth_cm: float) -> tuple[Floats, Floats]:
        """Head coordinates of what is seen at each px depth_cm behind the lips: the parallax of a turned head."""
        return self.x + self.slope[0] * depth_cm, self.y + self.slope[1] * depth_cm

    def index_of(self, x: Floats, y: Floats) -> Floats:
        """(…, 2) positions in this box of places given in cm."""
        return np.asarray(np.stack([x, y, np.ones_like(x)], axis=-1) @ self._to_index(), np.float32)

    def lower(self, by_cm: Floats) -> Floats:
        """(h, w, 2) positions in this box of what lies (h, w) cm under each px."""
        rows, columns = self.x.shape
        here = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)
        return np.asarray(here + by_cm[..., None] * self._to_index()[1], np.float32)

    def _to_index(self) -> Floats:
        """(3, 2): from x, y and 1 to column and row; cm are almost straight across so small a box."""
        rows, columns = self.x.shape
        row, column = np.mgrid[0:rows:4, 0:columns:4]
        known = np.stack([self.x[::4, ::4], self.y[::4, ::4], np.ones(row.shape)], axis=-1).reshape(-1, 3)
        to_index, *_ = np.linalg.lstsq(known, np.stack([column.ravel(), row.ravel()], axis=1), rcond=None)
        return np.asarray(to_index, np.float32)

    def lit(self, normal: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats]:
        """Light on a surface with these (unnormalised) normals: 1 for one that faces the camera; and its shine."""
        length = np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
        x, y, z = (part / length for part in normal)
        half = self.light - np.array([0, 0, 1], np.float32)  # half way between the light and the camera
        half = half / np.linalg.norm(half)
        direct = np.maximum(x * self.light[0] + y * self.light[1] + z * self.light[2], 0) / max(-self.light[2], 0.3)
        shine = np.maximum(x * half[0] + y * half[1] + z * half[2], 0) ** SHINE_POWER
        return (0.45 + 0.55 * direct).astype(np.float32), (shine * self.detail).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Interior:
    """Textures over the box whose corner is (left, top) in photo px; uint8, RGBA premultiplied.

    cavity: (h, w, 4): colours of the deep mouth; the fourth channel tells what of `skull` is the photo's, and so lit
    already. tongue, tip (of a tongue between the teeth), jaw, skull: (h, w, 4). jaw_own: (h, w), what of `jaw` is
    the photo's; None where nothing is.
    dusk: (3,) how fast red, green and blue fade in the shade.
    """

    left: int
    top: int
    cavity: Pixels
    tongue: Pixels
    tip: Pixels
    jaw: Pixels
    skull: Pixels
    jaw_own: Pixels | None
    dusk: Floats


def arriving_light(from_top: Floats, from_bottom: Floats) -> Floats:
    """How much light reaches a place inside: less near the lips, in the corners and through a narrow gap.

    from_top, from_bottom: cm to the upper and to the lower lip's edge.
    """
    top = 0.66 + 0.34 * smoothstep(-0.08, SHADOW_CM, from_top)
    bottom = 0.85 + 0.15 * smoothstep(-0.05, 0.6 * SHADOW_CM, from_bottom)
    gap = NARROW + (1 - NARROW) * np.clip((from_top + from_bottom) / LIT_GAP_CM, 0, 1)
    arriving: Floats = top * bottom * gap
    return arriving


def view_of(
    rgb_part: Floats, xy: tuple[Floats, Floats], mouth: Mouth, frame: HeadFrame, corner: tuple[int, int]
) -> View:
    """Describe a box of the photo around the mouth; corner: its left and top px."""
    into = frame.axes[:, 2]
    slope = np.clip(into[:2] / max(float(into[2]), 0.3), -SLOPE_MAX, SLOPE_MAX)
    soft = max(0.03, 0.45 * mouth.edge_cm)
    return View(
        pixels=rgb_part,
        x=xy[0],
        y=xy[1],
        soft=soft,
        detail=float(np.clip(1.3 - 4 * soft, 0.3, 1)),
        slope=(float(slope[0]), float(slope[1])),
        light=np.array([0, -0.53, -0.85], np.float32),
        left=corner[0],
        top=corner[1],
    )


def build_interior(rgb: NDArray[np.uint8], face: Face, mouth: Mouth, frame: HeadFrame, view: View) -> Interior:
    """Make the textures for a box around the mouth."""
    colours = find_colours(rgb, face, frame)
    view = replace(view, light=colours.light)
    own = find_own(mouth, view, colours)
    if own is not None:
        colours = _as_seen(colours, own)
    size = mouth_size(mouth)
    seam = float(np.mean((mouth.upper_inner + mouth.lower_inner)[24:40, 1])) / 2
    upper_y, lower_y = _edges(mouth, own, seam, size)
    skull = draw_teeth(Row(True, upper_y, size), mouth.centre_x, colours, view)
    below_own = 0.0 if own is None or own.lower_y is None else BELOW_OWN_CM
    jaw = draw_teeth(Row(False, lower_y + below_own, size), mouth.centre_x, colours, view)
    tongue = draw_tongue(lower_y + TONGUE_TIP_CM, mouth.centre_x, size, colours, view)
    tip = draw_tip(max(upper_y, lower_y - TIP_OVER_LOWER_CM * size), mouth.centre_x, size, colours, view)
    cavity = draw_cavity(seam, mouth.centre_x, size, colours, view)
    blur = 0.3 * mouth.edge_cm * frame.px_per_cm
    grain = find_grain(rgb, face).over(*view.x.shape)
    skull, jaw, tongue, tip = (_softened(part, blur, grain) for part in (skull, jaw, tongue, tip))
    cavity = cavity + GRAIN_IN_SHADE * grain
    skull_own, jaw_own = np.zeros_like(view.x), None
    if own is not None:
        skull_own, jaw_own = own.skull, to_pixels(255 * own.jaw)
        cavity = _own_cavity(cavity, own, mouth, view, colours)
        skull = _paste(own.pixels, own.skull, skull * (own.upper_y is None))
        jaw = _paste(own.pixels, own.jaw, jaw)
    return Interior(
        left=view.left,
        top=view.top,
        cavity=to_pixels(np.clip(np.dstack([cavity, 255 * skull_own]), 0, 255)),
        tongue=_packed(tongue),
        tip=_packed(tip),
        jaw=_packed(jaw),
        skull=_packed(skull),
        jaw_own=jaw_own,
        dusk=colours.dusk,
    )


def _own_cavity(drawn: Floats, own: Own, mouth: Mouth, view: View, colours: Colours) -> Floats:
    """The cavity, with what the photo shows of it, as it would be in full light."""
    from_top, from_bottom = view.y - curve(mouth.upper_inner, view.x), curve(mouth.lower_inner, view.x) - view.y
    arriving = arriving_light(from_top, from_bottom)[..., None]
    lit = own.pixels / np.maximum(1 - colours.dusk * (1 - arriving), 0.6)
    return np.asarray(drawn + own.cavity[..., None] * (np.minimum(lit, 255) - drawn), np.float32)


def _as_seen(colours: Colours, own: Own) -> Colours:
    """Colours of the inside as the photo itself shows them."""
    teeth, cavity = colours.teeth, colours.cavity
    if own.teeth is not None:
        teeth = np.minimum(own.teeth, OWN_TEETH_SHARE * own.teeth + (1 - OWN_TEETH_SHARE) * teeth)
    if own.throat is not None and own.apart:
        cavity = np.minimum(cavity, 0.5 * (cavity + own.throat / THROAT_SHADE))
    return replace(colours, teeth=teeth.astype(np.float32), cavity=cavity.astype(np.float32))


def _edges(mouth: Mouth, own: Own | None, seam: float, size: float) -> tuple[float, float]:
    """Heights of the incisors' edges, upper and lower, as the jaws stand in the photo."""
    upper = seam + UPPER_SHOW_CM * size
    if own is None:
        return upper, upper - OVERBITE_CM * size
    behind_lip = float(mouth.lower_inner[24:40, 1].mean()) + HIDDEN_CM
    shown = own.upper_y if own.upper_y is not None else float(mouth.upper_inner[24:40, 1].mean()) - HIDDEN_CM
    if own.lower_y is not None:
        return shown, own.lower_y
    return shown, behind_lip if own.apart else shown - OVERBITE_CM * size


def _softened(rgba: Floats, sigma_px: float, grain: Floats) -> Floats:
    """As blurred as the photo, and with its texture."""
    soft = np.asarray(cv2.GaussianBlur(rgba, (0, 0), sigma_px), np.float32) if sigma_px > 0.4 else rgba.copy()
    soft[..., :3] += grain * soft[..., 3:]
    return soft


def _paste(pixels: Floats, alpha: Floats, under: Floats) -> Floats:
    front = np.dstack([pixels * alpha[..., None], alpha])
    return np.asarray(front + under * (1 - alpha[..., None]), np.float32)


def _packed(rgba: Floats) -> Pixels:
    """Premultiplied float RGBA (colours 0..255, alpha 0..1) as uint8."""
    return to_pixels(np.clip(np.dstack([rgba[..., :3], 255 * rgba[..., 3]]), 0, 255))
