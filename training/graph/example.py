"""A rig that has all that a rig may have; only the types and ranks of its arrays matter."""

import numpy as np
import skimage.data

from engine.arkit import INDEX
from engine.face import find_faces
from engine.renderer import Rig, build_rig
from engine.renderer.cutout import Cutout
from engine.renderer.rig import Command


def example_of_everything() -> tuple[Rig, Command]:
    """A photo in two layers, with two open eyes and teeth of its own, and a command for it."""
    photo = skimage.data.astronaut()
    cutout = Cutout(photo, np.full(photo.shape[:2], 255, np.uint8), photo, alone=True)
    rig = build_rig(photo, find_faces(photo)[0], cutout)
    return rig, rig.command(np.zeros(len(INDEX), np.float32), np.zeros(6, np.float32))
