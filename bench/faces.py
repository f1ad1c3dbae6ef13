"""Faces for benches and sheets: a rig from a photo's file, weights by name."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arkit import INDEX
from engine.face.types import Face
from engine.matte import part
from engine.options import Options
from engine.photo import Picture
from engine.pipeline import look
from engine.renderer import Rig, build_rig
from engine.renderer.cutout import ORIGINAL


def weights(**amounts: float) -> NDArray[np.float32]:
    """(52,) ARKit weights with some of them set."""
    out = np.zeros(len(INDEX), np.float32)
    for name, amount in amounts.items():
        out[INDEX[name]] = amount
    return out


def both(name: str, amount: float) -> dict[str, float]:
    """A weight that comes in pairs, on both sides."""
    return {f"{name}Left": amount, f"{name}Right": amount}


def open_face(path: Path, longest_px: int) -> tuple[Picture, Face]:
    """A photo's file, upright and made to fit, and its largest face. Raises every PhotoError."""
    return look(path.read_bytes(), Options(resolution=longest_px, face_index=0))


def open_rig(path: Path, longest_px: int) -> tuple[Rig, Face]:
    """A photo that can move, and its face. Raises every PhotoError."""
    picture, face = open_face(path, longest_px)
    return build_rig(picture.rgb, face, part(picture, face, ORIGINAL)), face
