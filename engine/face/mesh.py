"""478 landmarks, 52 blendshapes and the head's pose of one detected face.

The regions of interest follow MediaPipe's face_landmarks_detector_graph.cc: the box around the face, turned so
that the eyes are level, enlarged by half. The mesh is run twice, the second time around its own first result,
as MediaPipe does from a video's second frame on.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.face.detector import Detection
from engine.face.networks import Floats, network
from engine.face.types import Face, HeadPose

INPUT_PX = 256
ROI_SCALE = 1.5
RIGHT_EYE, LEFT_EYE = 33, 263  # outer corners
# What the blendshape network reads: kLandmarksSubsetIdxs of MediaPipe's face_blendshapes_graph.cc.
# fmt: off
BLENDSHAPE_LANDMARKS = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249,
    251, 263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314,
    317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382,
    384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
    474, 475, 476, 477,
])
# fmt: on


def fit_mesh(rgb: NDArray[np.uint8], detection: Detection) -> Face:
    """Return the face that the detection points at, in px of the (h, w, 3) picture."""
    centre: Floats = (detection.box[:2] + detection.box[2:]) * np.float32(0.5)
    side = float((detection.box[2:] - detection.box[:2]).max()) * ROI_SCALE
    first, _ = _landmarks(rgb, centre, side, _tilt(*detection.eyes))
    low, high = first[:, :2].min(axis=0), first[:, :2].max(axis=0)
    side = float((high - low).max()) * ROI_SCALE
    points, presence = _landmarks(rgb, (low + high) * np.float32(0.5), side, _tilt(first[RIGHT_EYE], first[LEFT_EYE]))
    shapes = network("face_blendshapes")(points[None, BLENDSHAPE_LANDMARKS, :2])[0]
    low, high = points[:468, :2].min(axis=0), points[:468, :2].max(axis=0)
    return Face(
        box_px=(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])),
        landmarks_px=points,
        blendshapes=shapes.reshape(52).astype(np.float32),
        presence=presence,
        pose=_pose(points),
    )


def _tilt(right_eye: Floats, left_eye: Floats) -> float:
    """Angle in radians by which the line through the eyes leaves the horizontal, clockwise as seen."""
    return math.atan2(float(left_eye[1] - right_eye[1]), float(left_eye[0] - right_eye[0]))


def _landmarks(rgb: NDArray[np.uint8], centre: Floats, side: float, tilt: float) -> tuple[Floats, float]:
    """Run the mesh in a turned square; return (478, 3) landmarks in px of the picture, and presence in 0..1."""
    scale = side / INPUT_PX
    turn = np.array([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]], np.float32) * scale
    to_picture = np.column_stack([turn, centre - turn @ np.array([INPUT_PX / 2, INPUT_PX / 2], np.float32)])
    view = _sample(rgb, to_picture.astype(np.float64), scale)
    raw, logit, _ = network("face_landmarks_detector")(view[None] / np.float32(255))
    points = raw.reshape(478, 3)
    xy = points[:, :2] @ turn.T + to_picture[:, 2]
    landmarks = np.column_stack([xy, points[:, 2] * scale]).astype(np.float32)
    return landmarks, float(1 / (1 + math.exp(-float(logit.reshape(-1)[0]))))


def _sample(rgb: NDArray[np.uint8], to_picture: NDArray[np.float64], scale: float) -> Floats:
    """The turned square as (256, 256, 3) float32 in 0..255; a large face is shrunk first, against aliasing."""
    shrink = max(1, int(scale))
    if shrink > 1:
        reach = INPUT_PX * scale  # the square turned by 45 degrees still lies within this of its centre
        centre = to_picture @ np.array([INPUT_PX / 2, INPUT_PX / 2, 1.0])
        low = np.maximum(np.floor(centre - reach).astype(int), 0)
        high = np.minimum(np.ceil(centre + reach).astype(int), (rgb.shape[1], rgb.shape[0]))
        part = rgb[low[1] : high[1], low[0] : high[0]]
        size = max(1, part.shape[1] // shrink), max(1, part.shape[0] // shrink)
        ratio = np.array([size[0] / part.shape[1], size[1] / part.shape[0]])
        rgb = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        to_picture = (to_picture - np.column_stack([np.zeros((2, 2)), low])) * ratio[:, None]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(rgb, to_picture, (INPUT_PX, INPUT_PX), flags=flags).astype(np.float32)


def _pose(points: Floats) -> HeadPose:
    """Yaw, pitch and roll from the face's own axes: cheek to cheek and forehead to chin."""
    across = points[454] - points[234]  # from the person's right cheek to the left: to the right as seen
    down = points[152] - points[10]
    forward = np.cross(down, across)  # towards the camera, -z
    yaw = math.atan2(float(forward[0]), float(-forward[2]))
    pitch = math.atan2(float(forward[1]), float(math.hypot(forward[0], forward[2])))
    roll = math.atan2(float(across[1]), float(across[0]))
    return HeadPose(*(math.degrees(angle) for angle in (yaw, pitch, roll)))
