"""What a photo would get, without letting it talk."""

from dataclasses import dataclass

from engine.errors import InputError
from engine.face import Face, find_faces
from engine.options import Options
from engine.photo import fit, open_photo
from engine.pipeline import FindFaces, check_picture


@dataclass(frozen=True, slots=True)
class Inspection:
    """size_px: width and height of the upright photo, as it was sent. faces: in its pixels, the largest first.

    chosen: index of the face that would talk. fault: why none would.
    """

    size_px: tuple[int, int] | None
    faces: tuple[Face, ...]
    chosen: int | None
    fault: InputError | None


def inspect(photo: bytes, options: Options, find: FindFaces = find_faces) -> Inspection:
    """Look at a photo as render() would. Whatever is wrong with it is in the answer; nothing is raised."""
    try:
        whole = open_photo(photo)
    except InputError as fault:
        return Inspection(None, (), None, fault)
    picture = fit(whole, options.resolution)
    found = find(picture.rgb)
    scale = whole.size_px[0] / picture.size_px[0]
    faces = tuple(face.scaled(scale) for face in found)
    try:
        check_picture(whole, options, find)
    except InputError as fault:
        return Inspection(whole.size_px, faces, None, fault)
    return Inspection(whole.size_px, faces, options.face_index or 0, None)
