"""Blinks: the photo's own lid skin is drawn down over the eye."""

from dataclasses import dataclass

import numpy as np

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
)
from engine.renderer.warp import Cells, Grid, Pixels, sample, sample_photo

LASH_CM = 0.05  # the cut runs this far inside the eye, so that the lashes go with the lid
MEETING = 0.94  # where along the opening the lids meet, from above
MIN_OPENING = 0.12  # of the eye's width; an eye narrower than this is closed already
ALREADY_CLOSED = 0.65  # of the photo's own eyeBlink weight


@dataclass(frozen=True, slots=True)
class Lid:
    """One upper lid over some cells of the face's grid; (h, w) float32 per pixel of the photo, in cm.

    depth: below the cut under the lash line. opening: how far the cut travels at this column, 0 beyond the eye.
    skin: how much skin above the cut stretches. down_px: (2,) one cm down the face, in px. weight: ARKit index.
    """

    weight: int
    cells: Cells
    depth: Floats
    opening: Floats
    skin: Floats
    down_px: Floats

    def close(self, photo: Pixels, sources: Floats, under: Pixels, amount: float, corner: tuple[int, int]) -> Pixels:
        """Draw the lid over `under`, a (h, w, 3) part of the frame that shows the photo at sources (h, w, 2) px.

        amount: 0 open, 1 closed. corner: the photo px of the lid's own (0, 0).
        """
        where = sources - np.array(corner, np.float32)
        depth = sample(self.depth, where)
        travel = sample(self.opening, where) * np.float32(amount)
        skin = sample(self.skin, where)
        # The lid's content: between `skin` above the cut and the cut, stretched down by `travel`.
        lifted = (depth + skin) * (skin / (skin + travel)) - skin
        shift = np.where((depth > -skin) & (travel > 0), lifted - depth, 0)
        lid = sample_photo(photo, sources + shift[..., None] * self.down_px)
        soft = max(1.2 / float(np.hypot(*self.down_px)), 0.02)
        alpha = np.clip(0.5 + (travel - depth) / soft, 0, 1) * np.clip(travel / soft, 0, 1)
        alpha[depth < -skin] = 0
        mixed = under + alpha[..., None] * (lid.astype(np.float32) - under)
        return (mixed + np.float32(0.5)).astype(np.uint8)


def find_lids(face: Face, frame: HeadFrame, grid: Grid, xy: Floats) -> list[Lid]:
    """The lids that can close; an eye that is shut already stays as it is.

    xy: (rows, columns, 2) head coordinates in cm of the grid's nodes.
    """
    eyes = (
        ("eyeBlinkRight", RIGHT_LID, RIGHT_UNDER, RIGHT_BROW),
        ("eyeBlinkLeft", LEFT_LID, LEFT_UNDER, LEFT_BROW),
    )
    found = (_find_lid(face, frame, grid, xy, INDEX[name], lines) for name, *lines in eyes)
    return [lid for lid in found if lid is not None]


def _find_lid(
    face: Face, frame: HeadFrame, grid: Grid, xy: Floats, weight: int, lines: list[tuple[int, ...]]
) -> Lid | None:
    points = frame.to_head(face.landmarks_px)
    upper, under, brow = (points[list(line)] for line in lines)
    width = float(np.ptp(upper[:, 0]))
    opening = float((curve(under, upper[:, 0]) - upper[:, 1]).max())
    if opening < MIN_OPENING * width or face.blendshapes[weight] > ALREADY_CLOSED:
        return None
    low = np.array([upper[:, 0].min() - 0.5, min(brow[:, 1].min(), upper[:, 1].min() - 1.0)], np.float32)
    high = np.array([upper[:, 0].max() + 0.5, under[:, 1].max() + 0.6], np.float32)
    inside = np.all((xy > low) & (xy < high), axis=2)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if len(rows) < 2 or len(columns) < 2:
        return None
    cells = Cells(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    x, y = np.moveaxis(grid.enlarge(xy, cells), 2, 0)
    line, floor = _arc(upper, x), _arc(under, x)
    middle = (upper[:, 0].min() + upper[:, 0].max()) / 2
    taper = np.clip(1 - np.abs((x - middle) / (width / 2)) ** 6, 0, 1)
    lash = LASH_CM * taper
    travel = np.maximum((floor - line) * MEETING, 0) * taper
    room = float(np.median(upper[:, 1]) - np.median(brow[:, 1]))
    skin = np.full_like(x, np.clip(0.75 * room, 0.5, 1.6))
    return Lid(
        weight=weight,
        cells=cells,
        depth=(y - line - lash).astype(np.float32),
        opening=travel.astype(np.float32),
        skin=skin,
        down_px=frame.project(np.array([0, 1, 0], np.float32)),
    )


def _arc(line: Floats, x: Floats) -> Floats:
    """A lid's line as a smooth curve (a cubic through its landmarks), level beyond its ends."""
    middle, half = (line[:, 0].min() + line[:, 0].max()) / 2, np.ptp(line[:, 0]) / 2
    fit = np.polyfit((line[:, 0] - middle) / half, line[:, 1], 4)
    return np.polyval(fit, np.clip((x - middle) / half, -1, 1)).astype(np.float32)
