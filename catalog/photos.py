"""An uploaded avatar's photo: checked by the engine, cleaned, and cut to a thumbnail."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from engine.face import Face
from engine.options import MAX_SIDE_PX, Options
from engine.photo import Picture
from engine.pipeline import look

THUMBNAIL_PX = 320  # the largest square the studio shows, on a screen with two pixels a point
THUMBNAIL_FACES = 2.2  # side of the thumbnail in heights of the face: head and shoulders


@dataclass(frozen=True, slots=True)
class AvatarPhoto:
    """A photo that will animate, ready to be stored.

    image: JPEG, or PNG where parts are transparent; upright, without metadata, at most MAX_SIDE_PX a side.
    suffix: ".jpg" or ".png", to go with it. thumbnail: JPEG, THUMBNAIL_PX square, around the face.
    face_box: x, y, width, height of the face in px of the image.
    """

    image: bytes
    suffix: str
    thumbnail: bytes
    face_box: list[float]


def prepare_photo(data: bytes) -> AvatarPhoto:
    """Check and clean a photo in any format that the engine reads.

    Raises the engine's PhotoError (ImageUnreadable, ImageTooLarge, FaceNotFound, MultipleFaces, FaceTooSmall,
    FaceTurnedAway) for a photo that could not talk.
    """
    picture, face = look(data, Options(resolution=MAX_SIDE_PX))
    image, suffix = _encode(picture)
    return AvatarPhoto(image, suffix, _thumbnail(picture, face), [round(value, 1) for value in face.box_px])


def _encode(picture: Picture) -> tuple[bytes, str]:
    if picture.alpha is None:
        return _bytes(Image.fromarray(picture.rgb), "JPEG", quality=95, subsampling=0), ".jpg"
    return _bytes(Image.fromarray(np.dstack([picture.rgb, picture.alpha])), "PNG", optimize=True), ".png"


def _thumbnail(picture: Picture, face: Face) -> bytes:
    width, height = picture.size_px
    x, y, face_width, face_height = face.box_px
    side = min(width, height, THUMBNAIL_FACES * face_height)
    left = min(max(x + face_width / 2 - side / 2, 0), width - side)
    top = min(max(y + face_height * 0.45 - side / 2, 0), height - side)  # the hair wants more room than the neck
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    box = (left, top, left + side, top + side)
    square = Image.fromarray(picture.rgb).resize(size, Image.Resampling.LANCZOS, box=box)
    return _bytes(square, "JPEG", quality=85)


def _bytes(image: Image.Image, file_format: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()
