"""The part of the photo that the network sees, and how what it says of it comes into a frame.

The network's picture is small and soft, so it is never pasted: what it changes is added to the frame. Where it changes
nothing, the frame stays as it was drawn, down to the last hair; where it moves the mouth, the detail of the photo that
a picture so small cannot hold gives way.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.face.types import Face
from engine.renderer.geometry import LEFT_EYE_OUTER, RIGHT_EYE_OUTER, Floats, smoothstep
from engine.renderer.rig import Rig
from engine.renderer.warp import Pixels
from engine.wav2lip.mask import mask_of

CHIN_PAD = 0.04  # of the face's height, below the chin, so that the jaw can drop; inference.py pads by 10 px
LARGEST_PX = 1024  # of the patch's sides; beyond, what a network of 384 px says has been enlarged enough
SAME, OTHER = 8.0, 36.0  # how far apart two colours are that show the same thing, or two things: levels of 255
MARGIN = 2  # rows of the network's picture above those that may change, for the enlarging to look at
COLOUR_REACH = 0.22  # of the face: how far the light of its rim reaches inwards
MOST_COLOUR = 40.0  # levels by which colours are brought together; more would be a face that is not this one


@dataclass(frozen=True, slots=True)
class Crop:
    """A face cut upright from its photo.

    to_patch: (2, 3) from px of the photo to px of the patch, an upright picture of the face as large as in the photo.
    box_px: left, top, right, bottom of what may change, in the photo. rows: those of the patch that may change.
    inputs: (6, size, size) BGR in 0..1: the face without its lower half, then the whole face.
    first: the network's first row that may change. small: (size - first, size, 3) RGB, the face from there on as the
    network sees it; mask: the same, 0..1 three times; rim: (size - first, size), where the colours are compared.
    detail: (rows, width, 3), what the small picture lacks of the patch, under the mask.
    """

    to_patch: Floats
    box_px: tuple[int, int, int, int]
    rows: slice
    inputs: Floats
    first: int
    small: Floats
    mask: Floats
    rim: Floats
    detail: Floats

    def change(self, generated: Floats) -> Floats:
        """What a (3, size, size) BGR picture in 0..1 changes of the patch: (rows, width, 3) levels of RGB."""
        # Mostly by OpenCV: NumPy took more than twice as long.
        whole = cv2.cvtColor(generated[:, self.first :].transpose(1, 2, 0), cv2.COLOR_BGR2RGB)
        other = cv2.subtract(cv2.multiply(whole, np.full(4, 255.0)), self.small)
        other = cv2.subtract(other, self._light(np.asarray(other, np.float32)))
        far = cv2.sqrt(cv2.transform(cv2.multiply(other, other), np.ones((1, 3), np.float32)))
        unlike = cv2.GaussianBlur(far, (0, 0), other.shape[1] / 96)
        lost = smoothstep(SAME, OTHER, np.asarray(unlike, np.float32))
        large = _enlarged(np.asarray(cv2.multiply(other, self.mask), np.float32), self.detail.shape)
        gone = cv2.resize(cv2.merge([lost, lost, lost]), self.detail.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.subtract(large, cv2.multiply(gone, self.detail)), np.float32)

    def add(self, frame: Pixels, rig: Rig, head: Floats, change: Floats) -> None:
        """Add a change to a frame, in place, where the head carries it."""
        sources = rig.carried(head)
        cells = rig.grid.cells_from(sources, self.box_px)
        if cells is None:  # out of the frame
            return
        left, top, right, bottom = rig.grid.box_px(cells)
        right, bottom = min(right, frame.shape[1]), min(bottom, frame.shape[0])
        where = sources @ self.to_patch[:, :2].T + (self.to_patch[:, 2] - [0, self.rows.start])
        maps = rig.grid.enlarge(where.astype(np.float32), cells)[: bottom - top, : right - left]
        added = cv2.remap(change, maps, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]  # see warp.py
        part = frame[top:bottom, left:right, :3]
        part[:] = cv2.add(part, added, dtype=cv2.CV_8U)

    def _light(self, other: Floats) -> Floats:
        """(size, size, 3) by how much the generated face is lighter than the photo's: as the rim says, smooth."""
        size_px = other.shape[1]
        step = max(1, size_px // 48)  # so smooth that a coarse look will do
        seen, rim = other[::step, ::step], self.rim[::step, ::step, None]
        total = cv2.GaussianBlur(np.dstack([seen * rim, rim]), (0, 0), COLOUR_REACH * size_px / step)
        light = np.clip(total[..., :3] / (total[..., 3:] + 1e-4), -MOST_COLOUR, MOST_COLOUR)
        return np.asarray(cv2.resize(light, other.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def cut_face(rig: Rig, face: Face, size_px: int) -> Crop:
    """Cut the face that a rig was built around, for a network that wants size_px."""
    to_patch, width, height = _upright(face)
    patch = cv2.warpAffine(
        rig.source.person, to_patch, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    shrinking = min(width, height) > size_px
    interpolation = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    small = cv2.resize(patch, (size_px, size_px), interpolation=interpolation).astype(np.float32)
    mask = mask_of(face.landmarks_px[:468, :2] @ to_patch[:, :2].T + to_patch[:, 2], (width, height))
    if rig.source.alpha is not None:  # what is behind the person is not the network's to change
        mask *= cv2.warpAffine(rig.source.alpha, to_patch, (width, height)).astype(np.float32) / 255
    scale = height / size_px
    used = int(np.flatnonzero(mask.max(axis=1) > 0)[0])
    first = max(int(used / scale) - MARGIN, 0)
    rows = slice(round(first * scale), height)
    below = np.s_[first:]
    detail = patch[rows] - _enlarged(small[below], (height - rows.start, width))
    coarse = np.asarray(cv2.resize(mask, (size_px, size_px), interpolation=interpolation), np.float32)
    return Crop(
        to_patch=to_patch,
        box_px=_box(to_patch, rows, width),
        rows=rows,
        inputs=_inputs(small),
        first=first,
        small=np.ascontiguousarray(small[below]),
        mask=np.dstack([coarse[below]] * 3),
        rim=_rim(coarse, face.landmarks_px[:, :2] @ to_patch[:, :2].T + to_patch[:, 2], height)[below],
        detail=mask[rows, :, None] * detail,
    )


def _enlarged(small: Floats, shape: tuple[int, ...]) -> Floats:
    """The lower part of the network's picture, as large as that of the patch: (rows, width, …)."""
    return np.asarray(cv2.resize(small, shape[1::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _upright(face: Face) -> tuple[Floats, int, int]:
    """From the photo to a box around the face, turned so that the eyes are level; its width and height in px."""
    points = face.landmarks_px[:468, :2].astype(np.float64)
    across = points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]
    x_axis = across / np.linalg.norm(across)
    axes = np.stack([x_axis, [-x_axis[1], x_axis[0]]])
    turned = points @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    high[1] += CHIN_PAD * (high[1] - low[1])
    scale = min(1.0, LARGEST_PX / float((high - low).max()))
    width, height = (max(16, round(float(side) * scale)) for side in high - low)
    scales = np.array([width, height]) / (high - low)
    offset = -low * scales - 0.5  # the first pixel's middle is half a pixel from the box's edge
    return np.column_stack([scales[:, None] * axes, offset]).astype(np.float32), width, height


def _inputs(small: Floats) -> Floats:
    bgr = small[..., ::-1].transpose(2, 0, 1) / np.float32(255)
    masked = bgr.copy()
    masked[:, len(small) // 2 :] = 0
    return np.concatenate([masked, bgr]).astype(np.float32)


def _box(to_patch: Floats, rows: slice, width: int) -> tuple[int, int, int, int]:
    """The box in the photo around some rows of the patch."""
    back = cv2.invertAffineTransform(to_patch)
    corners = np.array([[x, y] for x in (-1, width) for y in (rows.start - 1, rows.stop)], np.float32)
    places = corners @ back[:, :2].T + back[:, 2]
    low, high = np.floor(places.min(axis=0)), np.ceil(places.max(axis=0))
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _rim(coarse: Floats, marks: Floats, height: int) -> Floats:
    """(size, size) where photo and network show the same: around the mask's edge, above the moving chin."""
    rows = (np.arange(len(coarse), dtype=np.float32) + 0.5) * height / len(coarse)
    lip, chin = marks[17, 1], marks[152, 1]
    above = 1 - smoothstep(lip, (lip + chin) / 2, rows)
    return np.asarray(4 * coarse * (1 - coarse) * above[:, None], np.float32)
