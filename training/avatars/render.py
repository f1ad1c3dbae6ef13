"""Photograph the people: python -m training.avatars.render WHEEL OUT_DIR [NAME…] (README.md says what it needs)."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.avatars.body import Floats, shape
from training.avatars.paint import paint
from training.avatars.people import PEOPLE, Colour
from training.avatars.scene import SAMPLES, photograph

SIZE_PX = 1024


def main() -> None:
    """Write a JPEG of each person."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--size", type=int, default=SIZE_PX, help="px")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="rays a pixel")
    args = parser.parse_args()
    for person in PEOPLE:
        if args.names and person.name not in args.names:
            continue
        portrait = photograph(shape(args.wheel, person), person, args.size, args.samples)
        picture: NDArray[np.uint8] = (_before_wall(portrait, person.wall) * 255 + 0.5).astype(np.uint8)
        if person.painted:
            picture = paint(picture)
        cv2.imwrite(str(args.out / f"{person.name}.jpg"), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])


def _before_wall(portrait: Floats, wall: tuple[Colour, Colour]) -> Floats:
    """Lay the portrait on a wall that is lit in the middle: from the first colour to the second."""
    size = len(portrait)
    y, x = np.mgrid[0:size, 0:size] / size
    far = np.clip(np.hypot(x - 0.42, y - 0.36) / 0.8, 0, 1)[..., None] ** 1.3
    ground = (np.array(wall[0]) * (1 - far) + np.array(wall[1]) * far) ** (1 / 1.6)
    alpha = portrait[..., 3:]
    return np.clip(portrait[..., :3] * alpha + ground * (1 - alpha), 0, 1)


if __name__ == "__main__":
    main()
