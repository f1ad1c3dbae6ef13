"""Which eyes can blink, and where their lids run."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arkit import INDEX
from engine.face.types import Face
from engine.renderer import lidskin
from engine.renderer.eyeball import Eyeball, Iris, eye_shape, find_iris
from engine.renderer.geometry import (
    LEFT_BROW,
    LEFT_IRIS,
    LEFT_LID,
    LEFT_UNDER,
    RIGHT_BROW,
    RIGHT_IRIS,
    RIGHT_LID,
    RIGHT_UNDER,
    Floats,
    HeadFrame,
    curve,
    smoothstep,
)
from engine.renderer.grain import Grain, find_grain
from engine.renderer.lid import CORNER_CM, GREY_LEVEL, RISE_FADE_CM, Lid
from engine.renderer.lidlines import Lines, size_of
from engine.renderer.lidskin import Straightened
from engine.renderer.mouth import blur_px, resample, skin_edge
from engine.renderer.palette import LUMA
from engine.renderer.source import Source, doubled
from engine.renderer.warp import Cells, Grid, Pixels, bounds, sample_photo, to_pixels

MIN_OPENING = 0.12  # of the eye's width; an eye narrower than this is closed already
ALREADY_CLOSED = 0.65  # of the photo's own eyeBlink weight
NARROW = 0.2  # of the eye's width: half shut
# Light and dark within an eye, as a share of the skin's light: 0.27 and more on 60 faces, at most 0.15 on dark glasses.
HIDDEN = 0.22
SKIN = (50, 280, 101, 330, 151, 199)  # landmarks on cheeks, forehead and chin
EYES = (
    ("eyeBlinkRight", RIGHT_LID, RIGHT_UNDER, RIGHT_BROW),
    ("eyeBlinkLeft", LEFT_LID, LEFT_UNDER, LEFT_BROW),
)
EYE_MARGIN_CM = 0.15  # around what moves between the lids
MARGIN_CM = 0.8  # beside the eye
CHEEK_CM = 0.6  # the lower lid's skin is looked up half this far below its edge
TRUST_CM = 0.3  # a lower lid this far off its landmarks must be plainly there
LINE_CM = 0.08  # half the height of a sharp lash line
LASH_PX_CM = 12.0  # in a photo with fewer px to a cm single lashes are not seen, only the lash line
MAX_PX_CM = 160.0  # finer skin is no better to look at
INVERT_STEPS = 5  # the face is nearly flat around an eye


def find_lids(source: Source, face: Face, frame: HeadFrame, grid: Grid, xy: Floats) -> list[Lid]:
    """The lids that can close; an eye that is shut already, or hidden by dark glasses, stays as it is.

    xy: (rows, columns, 2) head coordinates in cm of the grid's nodes.
    """
    points = frame.to_head(face.landmarks_px)
    points[:, :2] = grid.at(xy, face.landmarks_px[None, :, :2])[0]  # as the grid has it: far eyes lie on steep cheeks
    found = [Lines(*(points[list(line)] for line in marks)) for _, *marks in EYES]
    size = min(size_of(source.person, frame, lines) for lines in found)  # drawn eyes are large, and so are both
    eyes = [
        _Eye(INDEX[name], float(face.blendshapes[INDEX[name]]), lines.grown(size), drawn=size > 1)
        for (name, *_), lines in zip(EYES, found, strict=True)
    ]
    seen = [eye for eye in eyes if not eye.shut and _contrast(source.person, face, frame, eye.lines) > HIDDEN]
    if len(seen) < len(eyes) and any(eye.narrow for eye in eyes):
        return []  # it looks down, or laughs: a wink would be a surprise
    grain, place = find_grain(source.person, face), _Place(grid, xy)
    irises = [find_iris(source.person, frame, points, LEFT_IRIS if eye.left else RIGHT_IRIS) for eye in seen]
    if any(iris is None for iris in irises):
        irises = [None] * len(irises)  # they move together or not at all
    lids = [_make_lid(source, frame, place, eye, grain, iris) for eye, iris in zip(seen, irises, strict=True)]
    return [lid for lid in lids if lid is not None]


@dataclass(frozen=True, slots=True)
class _Eye:
    """weight: ARKit index of its blink. closed: the photo's own weight, 0..1. drawn: larger than any person's."""

    weight: int
    closed: float
    lines: Lines
    drawn: bool

    @property
    def left(self) -> bool:
        return self.weight == INDEX["eyeBlinkLeft"]

    @property
    def shut(self) -> bool:
        return self.lines.opening < MIN_OPENING * self.lines.width or self.closed > ALREADY_CLOSED

    @property
    def narrow(self) -> bool:
        return not self.shut and self.lines.opening < NARROW * self.lines.width


@dataclass(frozen=True, slots=True)
class _Place:
    """A grid and the (rows, columns, 2) head coordinates of its nodes, in cm."""

    grid: Grid
    xy: Floats

    def box(self, low: Floats, high: Floats) -> Cells | None:
        """The cells between two corners in cm."""
        return bounds(np.all((self.xy > low) & (self.xy < high), axis=2))

    def to_px(self, points_cm: Floats, depth_cm: float, frame: HeadFrame) -> Floats:
        """(h, w, 2) cm to the px that xy names so."""
        flat = np.concatenate([points_cm, np.full((*points_cm.shape[:2], 1), depth_cm, np.float32)], axis=-1)
        px, steps = frame.to_px(flat), frame.project(np.eye(3, dtype=np.float32)[:2])
        for _ in range(INVERT_STEPS):
            px = (px + (points_cm - self.grid.at(self.xy, px)) @ steps).astype(np.float32)
        return px


def _contrast(photo: Pixels, face: Face, frame: HeadFrame, lines: Lines) -> float:
    """How far light and dark are apart between the lids, as a share of the light on the skin."""
    along = np.linspace(0.15, 0.85, 24, dtype=np.float32)[:, None]
    upper, under = (resample(line)[6:-6:2] for line in (lines.upper, lines.under))
    inside = frame.to_px(upper + along[..., None] * (under - upper))
    luma = sample_photo(photo, inside) @ LUMA
    cheek = under + np.array([0, 0.5 * lines.width, 0], np.float32)
    skin = sample_photo(photo, face.landmarks_px[None, list(SKIN), :2]) @ LUMA
    around = sample_photo(photo, frame.to_px(cheek)[None]) @ LUMA
    light = max(float(np.median(around)), 0.5 * float(np.median(skin)), 1.0)  # dark lenses reach over the cheek
    low, high = np.percentile(luma, (5, 95))
    return float(high - low) / light


def _make_lid(
    source: Source, frame: HeadFrame, place: _Place, eye_: _Eye, grain: Grain, iris: Iris | None
) -> Lid | None:
    lines = eye_.lines
    ends = lines.upper[:, 0]
    top_cm = min(lines.brow[:, 1].min(), lines.upper[:, 1].min() - 1.0)
    low = np.array([ends.min() - MARGIN_CM, top_cm], np.float32)
    high = np.array([ends.max() + MARGIN_CM, lines.under[:, 1].max() + RISE_FADE_CM + TRUST_CM + 0.1], np.float32)
    cells = place.box(low, high)
    if cells is None or cells.right - cells.left < 3 or cells.bottom - cells.top < 3:
        return None  # the photo ends here
    left, top, right, bottom = place.grid.box_px(cells)
    box = source.person[top:bottom, left:right]
    if min(box.shape[:2]) < place.grid.cell_px:
        return None
    soft_cm = max(1.2, 1.8 * blur_px(box)) / frame.px_per_cm
    corner_cm = max(CORNER_CM, 0.5 * soft_cm)  # a blurred outline is a wide one
    eyeball = _eyeball(frame, place, lines, iris, soft_cm)
    lines = _on_the_skin(source, frame, lines)
    px_cm = min(frame.px_per_cm * source.scale, MAX_PX_CM)
    columns = (low[0] + np.arange(int((high[0] - low[0]) * px_cm)) / px_cm).astype(np.float32)
    eye = _straightened(source, frame, place, lines, columns, px_cm)
    strip = lidskin.strip_cm(eye, lines.height(columns))
    skin, lashes = lidskin.without_lashes(eye, strip, eye_.drawn)
    lashes[..., 0] *= np.clip((frame.px_per_cm - LASH_PX_CM) / LASH_PX_CM, 0, 1)
    height = lines.height(columns)
    if not eye_.drawn:  # a drawn outline is as thick as a pair of glasses
        height = lidskin.clear_height(eye, strip, height)
    lift, tint = lidskin.fold_light(eye, skin, strip, height, lines.travel(columns, corner_cm))
    lift *= 1 - smoothstep(0.4, 1.05, lines.beside(columns))
    line = lidskin.line_dark(eye, skin) * (1 - smoothstep(0.55, 1.05, lines.beside(columns)))
    x, y = np.moveaxis(place.grid.enlarge(place.xy, cells)[: box.shape[0], : box.shape[1]], 2, 0)
    shape = np.stack(
        [(x - low[0]) * px_cm, y - curve(lines.upper, x), np.interp(x, columns, height), lines.travel(x, corner_cm)],
        axis=-1,
    )
    shape[[0, -1], :, 3] = shape[:, [0, -1], 3] = 0  # what is sampled beyond the box is as its border: no lid
    wide_cm = max(LINE_CM, 0.5 * soft_cm)
    return Lid(
        weight=eye_.weight,
        cells=cells,
        left=left,
        top=top,
        shape=shape.astype(np.float32),
        skin=lidskin.packed(skin, lift),
        root=np.float32(-float(eye.depth[0]) * px_cm),
        px_cm=np.float32(px_cm),
        lashes=lashes,
        line=(line * LINE_CM / wide_cm).astype(np.float32),
        strip_cm=np.float32(strip),
        soft_cm=np.float32(soft_cm),
        line_cm=np.float32(wide_cm),
        tint=tint,
        grain=_grain_px(grain, box.shape[:2], source.scale),
        scale=source.scale,
        down_px=frame.project(np.array([0, 1, 0], np.float32)),
        eyeball=eyeball,
    )


def _eyeball(frame: HeadFrame, place: _Place, lines: Lines, iris: Iris | None, soft_cm: float) -> Eyeball:
    both = np.concatenate([lines.upper, lines.under])[:, :2]
    cells = place.box(both.min(axis=0) - EYE_MARGIN_CM, both.max(axis=0) + EYE_MARGIN_CM) or Cells(0, 0, 1, 1)
    left, top, _, _ = place.grid.box_px(cells)
    right_px, down_px = frame.project(np.eye(3, dtype=np.float32)[:2])
    return Eyeball(
        cells=cells,
        left=left,
        top=top,
        shape=eye_shape(
            place.grid.enlarge(place.xy, cells), resample(lines.upper), resample(lines.under), iris, soft_cm
        ),
        right_px=right_px,
        down_px=down_px,
        rim_cm=np.float32(0.6 * soft_cm + 0.02),
    )


def _on_the_skin(source: Source, frame: HeadFrame, lines: Lines) -> Lines:
    """The lower lid's line moved to where the skin below it begins."""
    under = resample(lines.under)
    cheek = under + np.array([0, CHEEK_CM, 0], np.float32)
    seen = skin_edge(source.person, frame, under, cheek, (0.5, TRUST_CM))
    beside = np.linspace(-1, 1, len(under))
    lower = np.polyval(np.polyfit(beside, seen[:, 1] - under[:, 1], 2), beside) * (1 - beside**4)
    under[:, 1] += np.maximum(lower, 0).astype(np.float32)  # white under a lid is worse than a lid too long
    return Lines(resample(lines.upper), under, lines.brow)


def _straightened(
    source: Source, frame: HeadFrame, place: _Place, lines: Lines, columns: Floats, px_cm: float
) -> Straightened:
    """The photo around the eye with the lash line drawn level."""
    depth = np.arange(-lidskin.ABOVE_CM, lidskin.BELOW_CM, 1 / px_cm, dtype=np.float32)
    y = curve(lines.upper, columns) + depth[:, None]
    points = np.stack([np.broadcast_to(columns, y.shape), y], axis=-1)
    px = place.to_px(points, float(lines.upper[:, 2].mean()), frame)
    return Straightened(source.at(px).astype(np.float32), depth, px_cm)


def _grain_px(grain: Grain, shape: tuple[int, ...], scale: int) -> Pixels:
    """(h * scale, w * scale, 4): grain over so many px, about GREY_LEVEL, as finely sampled as the photo."""
    levels = to_pixels(np.clip(GREY_LEVEL + grain.over(*shape[:2]), 0, 255))
    rgba = np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGB2RGBA), np.uint8)
    return doubled(rgba) if scale == 2 else rgba
