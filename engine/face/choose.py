"""Which of the faces in a photo talks, and whether it can."""

from collections.abc import Sequence
from typing import Any

from engine.errors import FaceNotFound, FaceTooSmall, FaceTurnedAway, InvalidOption, MultipleFaces
from engine.face.types import Face

MIN_HEIGHT_PX = 40  # forehead to chin; below, a closed mouth is two pixels wide and nothing can be told apart
MAX_YAW = 60.0  # degrees; beyond, one corner of the mouth is hidden
MAX_PITCH = 50.0  # degrees from level
CLEARLY_LARGER = 1.5  # times as high as the next face: a portrait with people in the background


def choose_face(faces: Sequence[Face], size_px: tuple[int, int], face_index: int | None = None) -> Face:
    """Return the face that `face_index` names (largest first), or the clearly largest one.

    size_px is the photo's width and height, for the error's details.
    Raises FaceNotFound, MultipleFaces, FaceTooSmall, FaceTurnedAway, and InvalidOption for an index that no
    face has.
    """
    width, height = size_px
    if not faces:
        raise FaceNotFound("no face was found in the photo", width=width, height=height)
    if face_index is not None and face_index >= len(faces):
        raise InvalidOption(
            f"face_index is {face_index}, but the photo shows {len(faces)} face(s)",
            option="face_index",
            faces=describe(faces),
        )
    if face_index is None and len(faces) > 1 and faces[0].height_px < CLEARLY_LARGER * faces[1].height_px:
        raise MultipleFaces(f"the photo shows {len(faces)} faces and none stands out", faces=describe(faces))
    face = faces[face_index or 0]
    _check(face)
    return face


def describe(faces: Sequence[Face]) -> list[dict[str, Any]]:
    """Boxes of the faces for an error's details, with the index that chooses each."""
    return [{"face_index": index, "box": [round(value) for value in face.box_px]} for index, face in enumerate(faces)]


def _check(face: Face) -> None:
    if face.height_px < MIN_HEIGHT_PX:
        raise FaceTooSmall(
            f"the face is {face.height_px:.0f} px high; at least {MIN_HEIGHT_PX} are needed",
            height=round(face.height_px),
            min_height=MIN_HEIGHT_PX,
        )
    if abs(face.pose.yaw) > MAX_YAW or abs(face.pose.pitch) > MAX_PITCH:
        raise FaceTurnedAway(
            f"the face is turned by {face.pose.yaw:.0f} degrees and tilted by {face.pose.pitch:.0f}",
            yaw=round(face.pose.yaw, 1),
            pitch=round(face.pose.pitch, 1),
            max_yaw=MAX_YAW,
            max_pitch=MAX_PITCH,
        )
