"""The head's own axes in centimetres, and where MediaPipe's landmarks sit on a face.

Everything about a face is said in the head's frame: x to the person's left (right as seen), y down, z away from
the camera, origin between the eyes, unit about 1 cm of an adult. So shapes are designed once and fit every face,
size and pose.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face

Floats = NDArray[np.floating[Any]]

# Landmarks from the right as the person feels it (left as seen) to the left.
UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
# The lips ring by ring, from the outer line to the inner one; the same column of each ring lies on one line across.
UPPER_RINGS = (
    UPPER_OUTER,
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    UPPER_INNER,
)
LOWER_RINGS = (
    LOWER_OUTER,
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
    LOWER_INNER,
)
RIGHT_CORNER, LEFT_CORNER = 61, 291
LIP_LINE = (13, 14, 61, 291)  # middle, above and below, and corners
RIGHT_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)  # upper lids, then lower lids
LEFT_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)
RIGHT_UNDER = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_UNDER = (362, 382, 381, 380, 374, 373, 390, 249, 263)
RIGHT_BROW = (46, 53, 52, 65, 55)  # lower edges, outer end first
LEFT_BROW = (276, 283, 282, 295, 285)
RIGHT_IRIS, LEFT_IRIS = 468, 473
# fmt: off
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
    150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)
# fmt: on
FOREHEAD, CHIN, NOSE_BASE = 10, 152, 2
RIGHT_EAR, LEFT_EAR = 234, 454
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263

EYE_SPAN_CM = 8.9  # between the outer corners in MediaPipe's canonical face model
HEAD_WIDTH_CM = 15.0


@dataclass(frozen=True, slots=True)
class HeadFrame:
    """Turns px of the photo into the head's centimetres and back.

    axes: (3, 3), rows are the head's x, y, z in the photo's axes. origin_px: (3,).
    """

    axes: Floats
    origin_px: Floats
    px_per_cm: float

    def to_head(self, points_px: Floats) -> Floats:
        """(…, 3) photo px, z included, to (…, 3) cm."""
        return ((points_px - self.origin_px) @ self.axes.T / self.px_per_cm).astype(np.float32)

    def to_px(self, points_cm: Floats) -> Floats:
        """(…, 3) cm to (…, 2) photo px."""
        return (points_cm @ self.axes[:, :2] * self.px_per_cm + self.origin_px[:2]).astype(np.float32)

    def project(self, moves_cm: Floats) -> Floats:
        """(…, 3) displacements in cm to (…, 2) displacements in photo px."""
        return (moves_cm @ self.axes[:, :2] * self.px_per_cm).astype(np.float32)


def head_frame(face: Face) -> HeadFrame:
    """Return the head's frame of a face, from landmarks that no expression moves far."""
    points = face.landmarks_px.astype(np.float64)
    eyes = points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]
    across = eyes + points[LEFT_EAR] - points[RIGHT_EAR]
    x_axis = across / np.linalg.norm(across)
    down = points[CHIN] - points[FOREHEAD]
    down -= x_axis * (down @ x_axis)
    y_axis = down / np.linalg.norm(down)
    axes = np.stack([x_axis, y_axis, np.cross(x_axis, y_axis)])
    origin = (points[LEFT_EYE_OUTER] + points[RIGHT_EYE_OUTER]) / 2
    px_per_cm = float(np.linalg.norm(eyes)) / EYE_SPAN_CM
    return HeadFrame(axes.astype(np.float32), origin.astype(np.float32), px_per_cm)


def lift(points_px: Floats, landmarks_px: Floats, blur: float = 0.06) -> Floats:
    """Give (n, 2) photo points the depth of the landmarks around them: (n, 3) px.

    Inverse-distance weights: smooth on the face, and beyond its edge the depth of the edge, so that hair and
    neck move with what they hang on. blur: in face widths; more gives a rounder head.
    """
    out = np.empty((len(points_px), 3), np.float32)
    out[:, :2] = points_px
    span = float(np.ptp(landmarks_px[:468, 0]) + np.ptp(landmarks_px[:468, 1])) / 2
    soft = (blur * span) ** 2
    marks = landmarks_px[:468]
    for start in range(0, len(points_px), 4096):  # bounds the distance table to 8 MB
        part = points_px[start : start + 4096]
        weight = 1 / np.square(np.maximum(_distances2(part, marks[:, :2]), 0) + soft)
        out[start : start + 4096, 2] = weight @ marks[:, 2] / weight.sum(axis=1)
    return out


def smoothstep(low: float | Floats, high: float | Floats, value: Floats) -> Floats:
    """0 below low, 1 above high, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def curve(points_cm: Floats, x_cm: Floats) -> Floats:
    """The y of a line through (n, 3) points, at x; beyond its ends it goes on level."""
    order = np.argsort(points_cm[:, 0])
    return np.asarray(np.interp(x_cm, points_cm[order, 0], points_cm[order, 1]), np.float32)


def outside_oval(points_px: Floats, landmarks_px: Floats) -> tuple[Floats, Floats]:
    """(n, 2) vectors from the nearest point of the face's oval to each point, zero inside; and (n,) distances."""
    ring = landmarks_px[list(OVAL), :2]
    following = np.roll(ring, -1, axis=0)
    steps = np.linspace(0, 1, 6, endpoint=False, dtype=np.float32)
    dense = (ring[:, None] + (following - ring)[:, None] * steps[:, None]).reshape(-1, 2)
    inside = _inside(points_px, ring)
    away = np.empty_like(points_px)
    for start in range(0, len(points_px), 4096):
        part = points_px[start : start + 4096]
        away[start : start + 4096] = part - dense[_distances2(part, dense).argmin(axis=1)]
    away[inside] = 0
    return away, np.hypot(away[:, 0], away[:, 1])


def _distances2(some: Floats, others: Floats) -> Floats:
    """(n, m) squared distances between (n, 2) and (m, 2) points, up to rounding."""
    middle = others.mean(axis=0)  # small numbers round less
    some, others = some - middle, others - middle
    squares = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    return np.asarray(squares - 2 * some @ others.T, np.float32)


def _inside(points: Floats, ring: Floats) -> NDArray[np.bool_]:
    """Which points lie inside the polygon (even-odd rule)."""
    following = np.roll(ring, -1, axis=0)
    inside = np.zeros(len(points), bool)
    for (x0, y0), (x1, y1) in zip(ring, following, strict=True):
        crosses = (y0 > points[:, 1]) != (y1 > points[:, 1])
        if y1 != y0:
            inside ^= crosses & (points[:, 0] < (x1 - x0) * (points[:, 1] - y0) / (y1 - y0) + x0)
    return inside
