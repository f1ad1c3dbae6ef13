"""The little that the light on the skin does when the jaw drops: the fold under the lower lip and the cheeks darken."""

from dataclasses import dataclass

import numpy as np

from engine.renderer.canvas import Canvas
from engine.renderer.geometry import Floats
from engine.renderer.pixels import dimmed
from engine.renderer.space import FaceSpace
from engine.renderer.warp import Grid, bounds, sample

FOLD, CHEEK, CHIN = 0.16, 0.07, 0.05  # how much of the light is lost at jawOpen = 1
SEEN = 0.004  # less than one level of 255


@dataclass(frozen=True, slots=True)
class Light:
    """loss: (rows, columns) share of the light that each node of the face's grid loses at jawOpen = 1."""

    grid: Grid
    loss: Floats

    def dim(self, canvas: Canvas, sources: Floats, jaw: np.float32) -> None:
        """Darken the frame whose jaw layer comes from sources (rows, columns, 2) px; jaw: amount of jawOpen, 0..1."""
        loss = sample(self.loss, self.grid.to_nodes(sources)) * jaw
        cells = bounds(loss > SEEN)
        if cells is None:
            return
        part = canvas.part(cells)
        if part.size == 0:
            return
        loss = self.grid.enlarge(loss, cells)[: part.shape[0], : part.shape[1]]
        canvas.paste(cells, dimmed(part, loss))


def find_light(space: FaceSpace, grid: Grid) -> Light:
    """Where skin turns away from the light, on the nodes that space describes."""
    mouth = space.mouth
    x = space.x - mouth.centre_x
    under = space.below - space.lower_lip
    fold = np.exp(-((x / 1.7) ** 2) - ((under - 0.55) / 0.42) ** 2) * np.clip(under / 0.15, 0, 1)
    chin = np.exp(-((x / 2.2) ** 2) - ((space.y - mouth.chin_y) / 1.2) ** 2)
    cheek = np.exp(-(((np.abs(x) - 4.4) / 1.1) ** 2) - ((space.y - mouth.corner_y + 0.6) / 1.6) ** 2)
    loss = (FOLD * fold + CHIN * chin + CHEEK * cheek) * space.near
    return Light(grid, np.asarray(loss, np.float32).reshape(grid.rows, grid.columns))
