"""Blinks: the photo's own lid skin is drawn down over the eye."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.arkit import INDEX
from engine.face.types import Face
from engine.renderer.geometry import (
    LEFT_BROW,
    LEFT_LID,
    LEFT_UNDER,
    RIGHT_BROW,
    RIGHT_LID,
    RIGHT_UNDER,
    Floats,
    HeadFrame,
    curve,
    smoothstep,
)
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Grid, Pixels, bounds, sample, sample_photo, to_pixels

LASH_CM = 0.06  # the lash line ends this far inside the eye
STRIP_CM = 0.24  # this much above it goes down with the lid as it is: lashes and the lid's rim
CLEAR_CM = 0.9  # up to here the open eye's lashes are cleared away from the skin that stays
LID_SHADE = 0.18  # how much darker the closed lid grows towards its lashes
FILL_PX = 160  # width at which the skin is carried on; it is smooth anyway
RIM_CM, RIM_SHADE = 0.06, 0.3  # the lashes of a closing lid lie on each other and grow darker
MIN_OPENING = 0.12  # of the eye's width; an eye narrower than this is closed already
ALREADY_CLOSED = 0.65  # of the photo's own eyeBlink weight


@dataclass(frozen=True, slots=True)
class Lid:
    """One upper lid over some cells of the face's grid; (h, w) float32 per pixel of the photo, in cm.

    depth: below the lash line. opening: how far that line travels at this column, 0 beyond the eye.
    skin: (h, w, 3) uint8, the photo as if there were no eye. left, top: the photo px of (0, 0).
    down_px: (2,) one cm down the face, in px. weight: ARKit index.
    """

    weight: int
    cells: Cells
    left: int
    top: int
    depth: Floats
    opening: Floats
    skin: Pixels
    down_px: Floats

    def close(self, source: Source, sources: Floats, under: Pixels, amount: float) -> Pixels:
        """Draw the lid over `under`, a (h, w, 3) part of the frame that shows the photo at sources (h, w, 2) px.

        amount: 0 open, 1 closed.
        """
        where = sources - np.array([self.left, self.top], np.float32)
        depth, opening = sample(self.depth, where), sample(self.opening, where)
        travel = opening * np.float32(amount)
        below_lid = depth - travel
        soft = max(1.4 / float(np.hypot(*self.down_px)), 0.02)
        covers = np.clip(0.5 - below_lid / soft, 0, 1) * np.clip(travel / soft, 0, 1)
        clears = smoothstep(-CLEAR_CM, -0.15, depth) * min(1.0, 3 * amount)
        skin = sample_photo(self.skin, where).astype(np.float32)
        dome = smoothstep(-0.9, 0, below_lid / np.maximum(opening, 0.05))
        skin *= (1 - LID_SHADE * dome * np.minimum(1, travel / 0.2))[..., None]
        frame = under + (covers * np.where(depth < 0, clears, 1))[..., None] * (skin - under)
        strip = source.at(sources - travel[..., None] * self.down_px)
        lashes = covers * smoothstep(-STRIP_CM, -0.4 * STRIP_CM, below_lid)
        frame += lashes[..., None] * (strip - frame)
        rim = np.exp(-(((below_lid + RIM_CM) / RIM_CM) ** 2)) * covers * np.clip(travel / 0.3, 0, 1)
        frame *= (1 - RIM_SHADE * rim)[..., None]
        return to_pixels(frame)


def find_lids(photo: Pixels, face: Face, frame: HeadFrame, grid: Grid, xy: Floats) -> list[Lid]:
    """The lids that can close; an eye that is shut already stays as it is.

    xy: (rows, columns, 2) head coordinates in cm of the grid's nodes.
    """
    eyes = (
        ("eyeBlinkRight", RIGHT_LID, RIGHT_UNDER, RIGHT_BROW),
        ("eyeBlinkLeft", LEFT_LID, LEFT_UNDER, LEFT_BROW),
    )
    points = frame.to_head(face.landmarks_px)
    lids = []
    for name, *marks in eyes:
        lines = _Lines(*(points[list(line)] for line in marks))
        if lines.opening > MIN_OPENING * lines.width and face.blendshapes[INDEX[name]] < ALREADY_CLOSED:
            lids.append(_make_lid(photo, frame, grid, xy, INDEX[name], lines))
    return [lid for lid in lids if lid is not None]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Upper lid, lower lid and the brow's lower edge: (n, 3) cm."""

    upper: Floats
    under: Floats
    brow: Floats

    @property
    def width(self) -> float:
        return float(np.ptp(self.upper[:, 0]))

    @property
    def middle(self) -> float:
        return float(self.upper[:, 0].min() + self.upper[:, 0].max()) / 2

    @property
    def opening(self) -> float:
        return float((curve(self.under, self.upper[:, 0]) - self.upper[:, 1]).max())


def _make_lid(photo: Pixels, frame: HeadFrame, grid: Grid, xy: Floats, weight: int, lines: _Lines) -> Lid | None:
    ends = lines.upper[:, 0]
    low = np.array([ends.min() - 0.6, min(lines.brow[:, 1].min(), lines.upper[:, 1].min() - 1.0)], np.float32)
    high = np.array([ends.max() + 0.6, lines.under[:, 1].max() + 0.9], np.float32)
    inside = np.all((xy > low) & (xy < high), axis=2)
    cells = bounds(inside)
    if cells is None or cells.right - cells.left < 3 or cells.bottom - cells.top < 3:
        return None  # the photo ends here
    left, top, right, bottom = grid.box_px(cells)
    box = photo[top : min(bottom, photo.shape[0]), left : min(right, photo.shape[1])]
    if min(box.shape[:2]) < grid.cell_px:
        return None
    x, y = np.moveaxis(grid.enlarge(xy, cells)[: box.shape[0], : box.shape[1]], 2, 0)
    line, floor = _arc(lines.upper, x), _arc(lines.under, x)
    beside = np.abs(x - lines.middle) / (lines.width / 2)
    taper = np.clip(1 - beside**6, 0, 1)
    depth = y - line - LASH_CM * taper
    travel = np.maximum(floor - line - LASH_CM, 0) * taper
    room = float(np.median(lines.upper[:, 1]) - np.median(lines.brow[:, 1]))
    hole = (beside < 1.18) & (depth > -min(CLEAR_CM, 0.7 * room)) & (y < floor + 0.18)
    return Lid(
        weight=weight,
        cells=cells,
        left=left,
        top=top,
        depth=depth.astype(np.float32),
        opening=travel.astype(np.float32),
        skin=_without_eye(box, hole, frame.px_per_cm),
        down_px=frame.project(np.array([0, 1, 0], np.float32)),
    )


def _without_eye(box: Pixels, hole: NDArray[np.bool_], px_per_cm: float) -> Pixels:
    """The skin around an eye, carried on smoothly across it (normalised convolution, wide and narrow)."""
    scale = min(1.0, FILL_PX / box.shape[1])
    size = max(8, round(box.shape[1] * scale)), max(8, round(box.shape[0] * scale))
    small = cv2.resize(box, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    open_ = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    luma = small @ np.array([0.299, 0.587, 0.114], np.float32)
    rim = (open_ < 0.01) & (cv2.dilate(open_, np.ones((15, 15), np.uint8)) > 0)
    bright = np.percentile(luma[rim], 60) if np.any(rim) else luma.mean()
    skin = (open_ < 0.01) * smoothstep(0.55, 0.9, np.asarray(luma / max(float(bright), 1.0), np.float32)) + 1e-4
    filled = np.zeros_like(small)
    for sigma_cm, share in ((0.30, 0.5), (0.8, 0.5)):
        sigma = max(1.0, sigma_cm * px_per_cm * scale)
        total = cv2.GaussianBlur(small * skin[..., None], (0, 0), sigma)
        filled += share * total / (cv2.GaussianBlur(skin, (0, 0), sigma)[..., None] + 1e-6)
    large = cv2.resize(filled, box.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    edge = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), max(1.0, 0.1 * px_per_cm))[..., None]
    return to_pixels(np.clip(box + edge * (large - box), 0, 255))


def _arc(line: Floats, x: Floats) -> Floats:
    """A lid's line as a smooth curve (a cubic through its landmarks), level beyond its ends."""
    middle, half = (line[:, 0].min() + line[:, 0].max()) / 2, np.ptp(line[:, 0]) / 2
    fit = np.polyfit((line[:, 0] - middle) / half, line[:, 1], 4)
    return np.polyval(fit, np.clip((x - middle) / half, -1, 1)).astype(np.float32)
