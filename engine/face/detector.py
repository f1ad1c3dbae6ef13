"""Face boxes by MediaPipe's short-range BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047).

Constants are those of MediaPipe's face_detector_graph.cc.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.face.networks import Floats, network

INPUT_PX = 128
# MediaPipe asks for 0.5. At 0.52 the network took a reflection in water for a face, in a tile at 0.69 a dog.
MIN_SCORE, MIN_TILE_SCORE = 0.55, 0.75
MIN_OVERLAP = 0.3  # boxes that overlap more than this show the same face
# The network finds faces from about a tenth of its view on. Smaller ones are looked for in tiles of these
# shares of the longer side; the smallest tiles only when nothing else shows a face.
TILE_SHARES = (0.5, 0.25)


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: arrays have no one truth
class Detection:
    """A face's box and the centres of its eyes.

    box: (4,) left, top, right, bottom; eyes: (2, 2) the person's right, then left; all px.
    """

    box: Floats
    eyes: Floats
    score: float

    @property
    def area(self) -> float:
        """Area of the box in square px."""
        return float(np.prod(self.box[2:] - self.box[:2]))


def detect(rgb: NDArray[np.uint8]) -> list[Detection]:
    """Return the faces in a (h, w, 3) picture, largest first: in the whole of it, then in overlapping tiles."""
    height, width = rgb.shape[:2]
    longest = max(width, height)
    found = _detect_in(rgb, (width - longest) // 2, (height - longest) // 2, longest, MIN_SCORE)
    for share in TILE_SHARES:
        for left, top, side in _tiles(width, height, int(longest * share)):
            found += _detect_in(rgb, left, top, side, MIN_TILE_SCORE)
        if found:
            break
    return _merge(found)


def _tiles(width: int, height: int, side: int) -> Iterator[tuple[int, int, int]]:
    """Squares (left, top, side) that cover the picture; none where they would only be enlarged."""
    if side >= 2 * INPUT_PX:
        for top in _starts(height, side):
            for left in _starts(width, side):
                yield left, top, side


def _starts(length: int, side: int) -> list[int]:
    """Where tiles of `side` begin so that they overlap by half and cover `length`."""
    if length <= side:
        return [(length - side) // 2]
    count = int(np.ceil((length - side) / (side / 2))) + 1
    return [round(i * (length - side) / (count - 1)) for i in range(count)]


def _detect_in(rgb: NDArray[np.uint8], left: int, top: int, side: int, min_score: float) -> list[Detection]:
    view = _crop(rgb, left, top, side)
    regressors, logits = network("face_detector")(view[None] / np.float32(127.5) - np.float32(1))
    scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -80, 80)))
    good = np.flatnonzero(scores >= min_score)
    raw = regressors[0, good] / INPUT_PX
    anchors = _anchors()[good]
    centre = raw[:, :2] + anchors
    half = raw[:, 2:4] / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1) * side + [left, top, left, top]
    eyes = (raw[:, 4:8].reshape(-1, 2, 2) + anchors[:, None]) * side + [left, top]
    return [
        Detection(box.astype(np.float32), eye.astype(np.float32), float(score))
        for box, eye, score in zip(boxes, eyes, scores[good], strict=True)
    ]


def _crop(rgb: NDArray[np.uint8], left: int, top: int, side: int) -> Floats:
    """The square, black where it leaves the picture, as (128, 128, 3) float32 in 0..255."""
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    scale = INPUT_PX / side
    inner = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    small = cv2.resize(rgb[y0:y1, x0:x1], inner, interpolation=cv2.INTER_AREA)
    view = np.zeros((INPUT_PX, INPUT_PX, 3), np.float32)
    at_x, at_y = round((x0 - left) * scale), round((y0 - top) * scale)
    part = view[at_y : at_y + inner[1], at_x : at_x + inner[0]]
    part[:] = small[: part.shape[0], : part.shape[1]]
    return view


@cache
def _anchors() -> Floats:
    """(896, 2) anchor centres in 0..1: two a cell of a 16 x 16 grid, then six a cell of an 8 x 8 grid."""
    centres = []
    for cells, repeat in ((16, 2), (8, 6)):
        axis = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        centres.append(np.repeat(grid, repeat, axis=0))
    return np.concatenate(centres)


def _merge(found: list[Detection]) -> list[Detection]:
    """Weighted non-maximum suppression: boxes of one face become their score-weighted mean."""
    rest = sorted(found, key=lambda detection: -detection.score)
    faces = []
    while rest:
        same = [other for other in rest if _overlap(rest[0], other) > MIN_OVERLAP]
        rest = [other for other in rest[1:] if other not in same]
        shares = np.array([other.score for other in same], np.float32)
        shares /= shares.sum()
        faces.append(
            Detection(
                np.tensordot(shares, np.stack([other.box for other in same]), 1),
                np.tensordot(shares, np.stack([other.eyes for other in same]), 1),
                same[0].score,
            )
        )
    return sorted(faces, key=lambda face: -face.area)


def _overlap(one: Detection, other: Detection) -> float:
    """Shared area over the smaller box's: a tile may see but a part of a face that the whole picture shows."""
    sides = np.minimum(one.box[2:], other.box[2:]) - np.maximum(one.box[:2], other.box[:2])
    if one is other:
        return 1.0
    return float(np.prod(np.maximum(sides, 0))) / min(one.area, other.area)
