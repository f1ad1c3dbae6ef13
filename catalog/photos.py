"""An avatar's photo: cut, cleaned, checked by the engine, measured, and cut to a thumbnail."""

import io
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import Image

from engine.errors import PhotoError
from engine.face import Face, find_faces
from engine.options import MAX_SIDE_PX, Options
from engine.photo import Picture, crop, fit, open_photo
from engine.pipeline import look_at

THUMBNAIL_PX = 320  # the largest square the studio shows, on a screen with two pixels a point
THUMBNAIL_FACES = 2.2  # side of the thumbnail in heights of the face: head and shoulders
SHARPNESS_FACE_PX = 256  # the size at which a face's sharpness is measured
# The stock avatars measure 11 to 34; blurred by 2 % of the face's height 2.5 to 5, but for the smallest face (8).
SOFT_BELOW = 5.0
GOOD_HEIGHT_PX = 200  # below, the mouth has too few pixels to look sharp in a large video

Box = tuple[int, int, int, int]  # left, top, width, height in px


@dataclass(frozen=True, slots=True)
class AvatarPhoto:
    """What was found in a photo, and its cleaned copy.

    image: JPEG, or PNG where parts are transparent; upright, without metadata, at most MAX_SIDE_PX a side.
    suffix: ".jpg" or ".png", to go with it. thumbnail: JPEG, THUMBNAIL_PX square, around the face, else the middle.
    face_box: x, y, width, height of the face that talks in px of the image; None when there is none.
    error: why the photo cannot talk; None when it can. facts: what `facts_of` tells of it, for the admin's page.
    """

    image: bytes
    suffix: str
    thumbnail: bytes
    face_box: list[float] | None
    error: PhotoError | None
    facts: dict[str, Any]


def prepare_photo(data: bytes, cut: Box | None = None) -> AvatarPhoto:
    """Look at a photo in any format that the engine reads, or at a part of it (in px of the upright photo).

    A photo without a face that can talk comes back with its `error`. Raises ImageUnreadable and ImageTooLarge.
    """
    whole = open_photo(data)
    size_px = whole.size_px
    if cut is not None:
        left, top, width, height = cut
        whole = crop(whole, left, top, min(width, size_px[0] - left), min(height, size_px[1] - top))
    error: PhotoError | None = None
    face: Face | None = None
    try:
        picture, face = look_at(whole, Options(resolution=MAX_SIDE_PX))
    except PhotoError as found:
        error = found
        picture = fit(whole, MAX_SIDE_PX)
    image, suffix = _encode(picture)
    return AvatarPhoto(
        image=image,
        suffix=suffix,
        thumbnail=_thumbnail(picture, face),
        face_box=None if face is None else [round(value, 1) for value in face.box_px],
        error=error,
        facts=facts_of(picture, face, size_px, cut),
    )


def upright(data: bytes, longest_px: int) -> bytes:
    """Return a photo as a small upright JPEG without metadata. Raises ImageUnreadable and ImageTooLarge."""
    return _bytes(Image.fromarray(fit(open_photo(data), longest_px).rgb), "JPEG", quality=85)


def facts_of(picture: Picture, face: Face | None, size_px: tuple[int, int], cut: Box | None) -> dict[str, Any]:
    """Return, as JSON, every face's box and pose, and of the one that talks landmarks, height and sharpness.

    size_px is the uncut photo's. Boxes and landmarks are in px of the picture; `cut_to` is, for each face, the part
    of the uncut photo in which it is alone (absent where the picture was turned).
    """
    faces = find_faces(picture.rgb)
    facts: dict[str, Any] = {"size": list(picture.size_px), "original_size": list(size_px), "faces": []}
    for index, other in enumerate(faces):
        told = {"box": _rounded(other.box_px), "height": round(other.height_px), "pose": _pose(other)}
        rest = [one for place, one in enumerate(faces) if place != index]
        facts["faces"].append(told | {"cut_to": _alone(other, rest, picture.size_px, size_px, cut)})
    if face is not None:
        sharpness = sharpness_of(picture, face)
        facts["face"] = {
            "box": _rounded(face.box_px),
            "height": round(face.height_px),
            "pose": _pose(face),
            "sharpness": round(sharpness, 1),
            "landmarks": [_rounded(point[:2]) for point in face.landmarks_px],
        }
        facts["remarks"] = _remarks(face, sharpness)
    return facts


def sharpness_of(picture: Picture, face: Face) -> float:
    """How sharp the face is: standard deviation of its Laplacian, in levels of 0..255, at SHARPNESS_FACE_PX or less."""
    x, y, width, height = (round(value) for value in face.box_px)
    part = picture.rgb[max(y, 0) : y + height, max(x, 0) : x + width]
    scale = min(1.0, SHARPNESS_FACE_PX / max(height, 1))  # never enlarged: that alone would make it soft
    gray = cv2.resize(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(gray, cv2.CV_32F).std())


def _remarks(face: Face, sharpness: float) -> list[dict[str, str]]:
    """What does not keep the photo from talking, but could be better."""
    remarks = []
    if face.height_px < GOOD_HEIGHT_PX:
        hint = f"It is {face.height_px:.0f} px high; from {GOOD_HEIGHT_PX} px on it also looks good in a large video."
        remarks.append({"code": "face_small", "hint": hint})
    if sharpness < SOFT_BELOW:
        hint = "The face looks blurred, and will look so in the video: use a sharper photo if there is one."
        remarks.append({"code": "face_soft", "hint": hint})
    if max(abs(face.pose.yaw), abs(face.pose.pitch)) > 30:
        hint = "The face is turned: it talks, but a face from the front looks better."
        remarks.append({"code": "face_turned", "hint": hint})
    return remarks


def _alone(
    face: Face, others: list[Face], size_px: tuple[int, int], original_px: tuple[int, int], cut: Box | None
) -> Box | None:
    """The largest square-like part of the uncut photo around a face that holds no other's face."""
    left, top, width, height = cut or (0, 0, *original_px)
    scale = width / size_px[0]
    if abs(height / scale - size_px[1]) > 2 + 0.01 * size_px[1]:
        return None  # the picture was set upright: its pixels are not the photo's
    x, y, w, h = face.box_px
    reach = 1.3 * h
    low_x, high_x, low_y, high_y = x + w / 2 - reach, x + w / 2 + reach, y + h / 2 - reach, y + h / 2 + 1.2 * reach
    for other in others:
        ox, oy, ow, oh = other.box_px
        gaps = {"left": x - (ox + ow), "right": ox - (x + w), "above": y - (oy + oh), "below": oy - (y + h)}
        side = max(gaps, key=lambda name: gaps[name])
        if side == "left":
            low_x = max(low_x, ox + ow + 0.1 * gaps[side])
        elif side == "right":
            high_x = min(high_x, ox - 0.1 * gaps[side])
        elif side == "above":
            low_y = max(low_y, oy + oh + 0.1 * gaps[side])
        else:
            high_y = min(high_y, oy - 0.1 * gaps[side])
    low_x, low_y = max(low_x, 0), max(low_y, 0)
    high_x, high_y = min(high_x, size_px[0]), min(high_y, size_px[1])
    return (
        left + round(low_x * scale),
        top + round(low_y * scale),
        max(2, round((high_x - low_x) * scale)),
        max(2, round((high_y - low_y) * scale)),
    )


def _pose(face: Face) -> dict[str, float]:
    return {name: round(getattr(face.pose, name), 1) for name in ("yaw", "pitch", "roll")}


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 1) for value in values]


def _encode(picture: Picture) -> tuple[bytes, str]:
    if picture.alpha is None:
        return _bytes(Image.fromarray(picture.rgb), "JPEG", quality=95, subsampling=0), ".jpg"
    return _bytes(Image.fromarray(np.dstack([picture.rgb, picture.alpha])), "PNG", optimize=True), ".png"


def _thumbnail(picture: Picture, face: Face | None) -> bytes:
    width, height = picture.size_px
    box = (0.0, 0.0, float(width), float(height)) if face is None else face.box_px
    x, y, face_width, face_height = box
    side = min(width, height, THUMBNAIL_FACES * face_height)
    left = min(max(x + face_width / 2 - side / 2, 0), width - side)
    top = min(max(y + face_height * 0.45 - side / 2, 0), height - side)  # the hair wants more room than the neck
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    part = (left, top, left + side, top + side)
    square = Image.fromarray(picture.rgb).resize(size, Image.Resampling.LANCZOS, box=part)
    return _bytes(square, "JPEG", quality=85)


def _bytes(image: Image.Image, file_format: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()
