"""One upper lid: the photo's own skin, from the brow to the lashes, is stretched down over the eye."""

from dataclasses import dataclass

import numpy as np

from engine.renderer.eyeball import Eyeball
from engine.renderer.geometry import Floats, smoothstep
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Pixels, sample, sample_photo, shifted, to_pixels

RISE = 0.2  # of the opening: how far the lower lid comes up to meet the upper one
RISE_FADE_CM = 0.7  # the cheek below this is still
LAP_CM = 0.03  # the upper lid ends this far over the lower one's edge
EARLY = 0.2  # of the way: by then the lashes have left the skin behind them
FOLDED = (0.2, 0.6)  # of the way: the strip of their roots goes out of sight
SHORTEST = 0.3  # lashes that point at the viewer are seen this long
GREY_LEVEL = 128  # stands for no grain in Lid.grain
SHADE_CM, SHADE = 0.14, 0.3  # the lid's shadow on the eye under it
CORNER_CM = 0.1  # at the eye's corners the lid still travels this far, over the outline of the open eye
STILL_CM = 0.02  # what moves less is left as it was drawn


@dataclass(frozen=True, slots=True)
class Lid:
    """One upper lid over some cells of the face's grid.

    shape: (h, w, 4) float32 for each px of the photo from (left, top) on: column in `skin`; cm below the open lash
    line; cm of skin above that line that stretches; cm that the line travels until the eye is shut.
    skin: (rows, columns, 4) uint8, the skin above the eye without its lashes, straightened: the lash line is row
    `root`, one cm is `px_cm` px. The fourth channel says how many levels brighter it is once it is flat.
    lashes: (rows, columns, 2) the share of light that they and the strip of their roots take, placed like skin.
    line: (1, columns) the lash line's.
    strip_cm: height of the dark strip above the lash line that the skin above it replaces. soft_cm: over how much
    one thing gives way to another. line_cm: half the height of the lash line. tint: (3,) colour of the added light.
    down_px: (2,) one cm down the face, in px. grain: (h * scale, w * scale, 4) uint8 texture for stretched skin,
    GREY_LEVEL where there is none. weight: ARKit index.
    """

    weight: int
    cells: Cells
    left: int
    top: int
    shape: Floats
    skin: Pixels
    root: np.float32
    px_cm: np.float32
    lashes: Floats
    line: Floats
    strip_cm: np.float32
    soft_cm: np.float32
    line_cm: np.float32
    tint: Floats
    grain: Pixels
    scale: int
    down_px: Floats
    eyeball: Eyeball

    def close(self, source: Source, sources: Floats, under: Pixels, amount: np.float32, turn: Floats) -> Pixels:
        """Draw the lid over `under`, a (h, w, 3) part of the frame that shows the photo at sources (h, w, 2) px.

        amount: 0 open, 1 closed. turn: (2,) cm that the iris has moved, see Eyeball.
        """
        where = shifted(sources, (-self.left, -self.top))
        shape = sample(self.shape, where)
        column, depth, opening = shape[..., 0], shape[..., 1], shape[..., 3]
        early = np.minimum(1, amount / EARLY)
        below = depth - opening * amount  # the lash line as it is now
        skin, moved = self._skin(where, shape, amount, early)
        eye, lifted = self._eye(source, self.eyeball.turned(sources, turn)[0], shape, amount)
        eye = eye * (1 - early * self._shade(below, depth, opening))[..., None]
        covers = np.clip(0.5 - below / self.soft_cm, 0, 1)
        dark = self._lashes(column, below, amount) * early * np.clip((opening - CORNER_CM) / 0.15, 0, 1)
        frame = (eye + covers[..., None] * (skin - eye)) * (1 - dark)[..., None]
        seen = np.clip((np.maximum(moved, lifted) + dark) / STILL_CM, 0, 1) * np.clip(opening / CORNER_CM, 0, 1)
        seen = seen * np.minimum(1, 2 * early)
        return to_pixels(np.clip(under + seen[..., None] * (frame - under), 0, 255))

    def _skin(self, where: Floats, shape: Floats, amount: np.float32, early: np.float32) -> tuple[Floats, Floats]:
        """The stretched skin, and how many cm it has moved.

        What is q cm below the skin's upper end was p cm below it in the photo, q = p + more / own * p ** 2: no edge
        shows at the upper end, and most of the stretching is done by what was folded, next to the lashes.
        """
        column, depth, height, opening = shape[..., 0], shape[..., 1], shape[..., 2], shape[..., 3]
        own = height - np.minimum(self.strip_cm, 2 * opening) * early
        more = np.maximum((height + opening * amount) / own - 1, 0)
        q = np.maximum(depth + height, 0)
        stretch = np.sqrt(1 + 4 * more * q / own)
        moved = q - 2 * q / (1 + stretch)
        rgba = sample_photo(self.skin, np.stack([column, self.root + (depth - moved) * self.px_cm], axis=-1))
        flat = 1 - 1 / stretch
        lit = amount * np.minimum(1, 2 * flat) * rgba[..., 3]
        texture = sample_photo(self.grain, where * np.float32(self.scale))[..., :3] - np.float32(GREY_LEVEL)
        textured = (np.sqrt(flat * (2 - flat)) * early)[..., None] * texture
        return rgba[..., :3] + lit[..., None] * self.tint + textured, moved

    def _eye(self, source: Source, sources: Floats, shape: Floats, amount: np.float32) -> tuple[Floats, Floats]:
        """What is below the lid: the eye, and the lower lid, which comes up a little; and by how many cm it does."""
        depth, opening = shape[..., 1], shape[..., 3]
        rise = opening * amount * np.float32(RISE / (1 - RISE))
        under = depth - opening + LAP_CM
        lifted = rise * smoothstep(-0.3 * opening - 0.02, 0, under) * (1 - smoothstep(0, RISE_FADE_CM, under))
        return source.at(sources + lifted[..., None] * self.down_px).astype(np.float32), lifted

    def _shade(self, below: Floats, depth: Floats, opening: Floats) -> Floats:
        shade = SHADE * np.exp(-np.maximum(below, 0) / SHADE_CM)
        return np.asarray(shade * np.clip(opening / 0.3, 0, 1) * np.clip((opening - LAP_CM - depth) / 0.06, 0, 1))

    def _lashes(self, column: Floats, below: Floats, amount: np.float32) -> Floats:
        """The share of light that the lashes take: they point up, at the viewer, and then down, as the lid falls."""
        turn = np.cos(np.float32(np.pi) * amount)
        along = below / np.where(turn < 0, np.minimum(turn, -SHORTEST), np.maximum(turn, SHORTEST))
        rows = self.root + np.clip(along, -9, 0) * self.px_cm
        taken = sample(self.lashes, np.stack([column, rows], axis=-1)) * (along < 0)[..., None]
        lashes = np.maximum(taken[..., 0], taken[..., 1] * (1 - smoothstep(*FOLDED, np.asarray(amount))))
        line = sample(self.line, np.stack([column, 0 * rows], axis=-1)) * np.exp(-np.square(below / self.line_cm))
        return np.asarray(np.maximum(lashes, line))
