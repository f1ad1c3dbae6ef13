"""Cutting a photo to another aspect ratio around the face that talks."""

from engine.face.types import Face
from engine.photo import Picture, crop, fit

ASPECT_RATIOS: dict[str, float | None] = {
    "original": None,
    "1:1": 1.0,
    "4:5": 4 / 5,
    "9:16": 9 / 16,
    "16:9": 16 / 9,
}
EYE_LINE = 0.40  # of the height from above, as portraits are framed: a little above the middle
CROWN = 0.75  # face heights above the forehead that hair takes, at most; it is kept in the picture


def framed(whole: Picture, picture: Picture, face: Face, aspect_ratio: str, longest_px: int) -> tuple[Picture, Face]:
    """Cut a picture to a ratio of ASPECT_RATIOS, and give the face its place in what is left.

    picture: `whole`, made to fit, in which the face was found. The cut comes from `whole`, so that it has
    `longest_px` on its longest side where the photo has them; nothing is ever enlarged.
    """
    ratio = ASPECT_RATIOS[aspect_ratio]
    if ratio is None:
        return picture, face
    left, top, width, height = crop_box(picture.size_px, face, ratio)
    larger = fit(whole, round(longest_px * max(picture.size_px) / max(width, height)))
    scale = larger.size_px[0] / picture.size_px[0]
    # Even sides, as the encoder wants them.
    cut_width, cut_height = (min(round(side * scale), longest_px) // 2 * 2 for side in (width, height))
    x = min(round(left * scale), larger.size_px[0] - cut_width)
    y = min(round(top * scale), larger.size_px[1] - cut_height)
    return crop(larger, x, y, cut_width, cut_height), face.scaled(scale).moved(-x, -y)


def crop_box(size_px: tuple[int, int], face: Face, ratio: float) -> tuple[int, int, int, int]:
    """Left, top, width and height of the largest box of a ratio in a picture, placed around the face.

    The face stands in the middle with its eyes a little above it, as far as the picture's borders allow.
    """
    width, height = size_px
    box_width, box_height = min(width, round(height * ratio)), min(height, round(width / ratio))
    left_eye, right_eye = face.landmarks_px[263, :2], face.landmarks_px[33, :2]
    eyes_x, eyes_y = (left_eye + right_eye) / 2
    top = eyes_y - EYE_LINE * box_height
    hair_top = face.landmarks_px[:468, 1].min() - CROWN * face.height_px
    top = min(top, max(hair_top, eyes_y - 0.6 * box_height))
    return (
        round(min(max(eyes_x - box_width / 2, 0), width - box_width)),
        round(min(max(top, 0), height - box_height)),
        box_width,
        box_height,
    )
