"""What the light on the skin does as the mouth moves: folds deepen, cheeks grow hollow, creases are smoothed out."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.renderer.canvas import Canvas
from engine.renderer.geometry import Floats, smoothstep
from engine.renderer.mouth import OWN_GAP_CM
from engine.renderer.palette import LUMA
from engine.renderer.pixels import dimmed
from engine.renderer.space import FaceSpace
from engine.renderer.warp import Grid, Pixels, around, sample, sample_photo, weighted

SEEN = 0.004  # less than one level of 255
# Landmarks along the fold from the nose's wing to beside the mouth's corner, and those on the cheek beside it.
FOLDS = {"Right": (129, 203, 206, 216, 212), "Left": (358, 423, 426, 436, 432)}
FOLD_CM, CHEEK_CM, CHEEK_AWAY_CM = 0.24, 0.45, 0.62  # half widths of the fold and of the cheek's swell, and how far
CREASE_MAX = 0.22  # share of the light that a photo's own crease may be given back
CREASE_CM = 0.75  # a crease is what differs from the skin so far around
YOUNG = 0.4  # of the depth that folds can have is what they have on a face that shows none at rest
LINED = 0.06  # a face whose folds are this much darker than the skin around shows them in full
# Share of the light that is lost at weight 1.
JAW_FOLD, JAW_CHEEK, JAW_CHIN = 0.16, 0.07, 0.05
FOLD_OF = {"mouthSmile": 0.15, "mouthStretch": 0.08, "mouthUpperUp": 0.10, "noseSneer": 0.12}
SWELL_OF = {"mouthSmile": 0.05, "mouthUpperUp": 0.02}  # light that the cheek beside the fold gains
DIMPLE_OF = {"mouthDimple": 0.14, "mouthSmile": 0.05, "mouthPress": 0.05}
SMOOTHED_BY = {"mouthPucker": 0.65, "mouthFunnel": 0.45}


@dataclass(frozen=True, slots=True)
class Light:
    """loss: (k, rows, columns) share of the light that the face's grid's nodes lose for each of the rig's amounts."""

    grid: Grid
    loss: Floats

    def dim(self, canvas: Canvas, sources: Floats, amounts: Floats) -> None:
        """Darken, or brighten, the frame whose jaw layer comes from sources (rows, columns, 2) px."""
        loss = sample(weighted(self.loss, amounts), self.grid.to_nodes(sources))
        cells = around(np.abs(loss) > SEEN)
        for band in canvas.bands(self.grid, cells) if cells else ():
            part = canvas.part(band)
            canvas.paste(band, dimmed(part, self.grid.enlarge(loss, band)[: part.shape[0], : part.shape[1]]))


def find_light(space: FaceSpace, grid: Grid, photo: Pixels, names: tuple[str, ...]) -> Light:
    """Where skin turns away from the light, on the nodes that space describes.

    names: what the amounts stand for: weights, and "shut" for the photo's own lips.
    """
    loss = np.zeros((len(names), len(space.x)), np.float32)
    folds = {side: _fold(space, marks) for side, marks in FOLDS.items()}
    crease = _crease(space, grid, photo, folds["Right"][0] + folds["Left"][0])
    on_fold = np.concatenate([crease[fold > 0.5] for fold, _ in folds.values()])
    lined = YOUNG + (1 - YOUNG) * min(1.0, float(on_fold.mean()) / LINED) if len(on_fold) else YOUNG
    for at, name in enumerate(names):
        kind, side = _sided(name)
        if side:
            fold, swell = folds[side]
            loss[at] += lined * (FOLD_OF.get(kind, 0) * fold - SWELL_OF.get(kind, 0) * swell)
            loss[at] += DIMPLE_OF.get(kind, 0) * _dimple(space, side)
        loss[at] -= SMOOTHED_BY.get(kind, 0) * crease
        if kind == "jawOpen":
            loss[at] += _jaw(space)
        if kind == "shut":
            loss[at] -= _darker(space, grid, photo) * _corners(space)
    loss *= space.near
    return Light(grid, loss.reshape(len(names), grid.rows, grid.columns))


def _sided(name: str) -> tuple[str, str]:
    """A weight's name without its side, and the side."""
    for side in FOLDS:
        if name.endswith(side) and name != f"mouth{side}":
            return name.removesuffix(side), side
    return name, ""


def _jaw(space: FaceSpace) -> Floats:
    """A dropping jaw shades the fold under the lip, the chin and the cheeks."""
    mouth = space.mouth
    x = space.x - mouth.centre_x
    under = space.below - space.lower_lip
    fold = np.exp(-((x / 1.7) ** 2) - ((under - 0.55) / 0.42) ** 2) * np.clip(under / 0.15, 0, 1)
    chin = np.exp(-((x / 2.2) ** 2) - ((space.y - mouth.chin_y) / 1.2) ** 2)
    cheek = np.exp(-(((np.abs(x) - 4.4) / 1.1) ** 2) - ((space.y - mouth.corner_y + 0.6) / 1.6) ** 2)
    return np.asarray(JAW_FOLD * fold + JAW_CHIN * chin + JAW_CHEEK * cheek, np.float32)


def _fold(space: FaceSpace, marks: tuple[int, ...]) -> tuple[Floats, Floats]:
    """The line from nose to mouth, and the cheek that swells beside it: 0..1 each, at the nodes."""
    path = space.landmarks[list(marks), :2].astype(np.float64)
    steps = np.linspace(0, len(path) - 1, 40)
    line = np.stack([np.interp(steps, np.arange(len(path)), path[:, axis]) for axis in (0, 1)], axis=1)
    nodes = np.stack([space.x, space.y], axis=1)
    away = np.linalg.norm(nodes[:, None] - line, axis=2)
    nearest = away.argmin(axis=1)
    along = nearest / (len(line) - 1)
    outwards = np.sign(path[:, 0].mean() - space.mouth.centre_x) * (nodes[:, 0] - line[nearest, 0])
    distance = away.min(axis=1) * np.where(outwards >= 0, 1, -1)
    inner = (smoothstep(-0.02, 0.25, along) * (1 - smoothstep(0.75, 1.02, along))).astype(np.float32)
    lip = smoothstep(0.1, 0.5, np.maximum(space.above - space.upper_lip, np.abs(space.s) * 2 - 2))  # never on a lip
    fold = np.exp(-((distance / np.where(distance > 0, 0.7 * FOLD_CM, 1.4 * FOLD_CM)) ** 2))
    swell = np.exp(-(((distance - CHEEK_AWAY_CM) / CHEEK_CM) ** 2))
    return (fold * inner * lip).astype(np.float32), (swell * inner * lip).astype(np.float32)


def _dimple(space: FaceSpace, side: str) -> Floats:
    """Beside a corner of the mouth."""
    mouth = space.mouth
    sign = 1 if side == "Left" else -1
    x = sign * (space.x - mouth.centre_x) - mouth.half_width - 0.55
    return np.asarray(np.exp(-((x / 0.3) ** 2) - ((space.y - mouth.corner_y) / 0.55) ** 2), np.float32)


def _corners(space: FaceSpace) -> Floats:
    """Around and beyond the mouth's corners, where a smile leaves a dark line when its lips meet: 0..1."""
    away = np.abs(space.s) - 1.05
    mouth = space.mouth
    beside = np.exp(-((away / np.where(away < 0, 0.12, 0.3)) ** 2)) * np.exp(-(((space.y - mouth.corner_y) / 0.6) ** 2))
    return np.asarray(beside * (mouth.gap >= OWN_GAP_CM), np.float32)


def _crease(space: FaceSpace, grid: Grid, photo: Pixels, along: Floats) -> Floats:
    """How much darker than the skin around it the photo's own fold is, 0..CREASE_MAX."""
    shape, per_node = (grid.rows, grid.columns), _nodes_per_cm(space, grid)
    wide = cv2.GaussianBlur(along.reshape(shape), (0, 0), 0.2 * per_node)
    return np.asarray(_darker(space, grid, photo) * np.clip(1.5 * wide, 0, 1).ravel(), np.float32)


def _darker(space: FaceSpace, grid: Grid, photo: Pixels) -> Floats:
    """How much darker than the skin around it each node is, 0..CREASE_MAX."""
    grey = sample_photo(photo, grid.nodes_px()).astype(np.float32) @ LUMA
    around = np.asarray(cv2.GaussianBlur(grey, (0, 0), CREASE_CM * _nodes_per_cm(space, grid)), np.float32)
    darker = 1 - cv2.GaussianBlur(grey, (0, 0), 0.7) / np.maximum(around, 1)
    return np.asarray(np.clip(darker, 0, CREASE_MAX).ravel(), np.float32)


def _nodes_per_cm(space: FaceSpace, grid: Grid) -> float:
    return 1 / max(float(np.median(np.abs(np.diff(space.x.reshape(grid.rows, grid.columns))))), 1e-3)
