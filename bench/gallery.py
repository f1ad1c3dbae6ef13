"""A contact sheet of faces and mouth shapes: python -m bench.gallery PHOTOS_DIR OUT.png [NAME…] [--crop mouth]."""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.arkit import INDEX
from engine.errors import InputError
from engine.face import choose_face, find_faces
from engine.face.types import Face
from engine.photo import fit, open_photo
from engine.renderer import build_rig

LOOKS: dict[str, dict[str, float]] = {
    "rest": {},
    "jaw .15": {"jawOpen": 0.15},
    "jaw .3": {"jawOpen": 0.3},
    "jaw .6": {"jawOpen": 0.6},
    "jaw 1": {"jawOpen": 1.0},
    "pucker": {"mouthPucker": 0.8, "jawOpen": 0.08},
    "funnel": {"mouthFunnel": 0.7, "jawOpen": 0.2},
    "EE": {"mouthStretchLeft": 0.6, "mouthStretchRight": 0.6, "jawOpen": 0.15, "mouthLowerDownLeft": 0.4,
           "mouthLowerDownRight": 0.4, "mouthUpperUpLeft": 0.3, "mouthUpperUpRight": 0.3},
    "smile": {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7},
    "F": {"mouthRollLower": 0.7, "jawOpen": 0.1, "mouthUpperUpLeft": 0.35, "mouthUpperUpRight": 0.35},
    "closed": {"mouthClose": 1.0, "mouthPressLeft": 0.5, "mouthPressRight": 0.5, "jawOpen": 0.12},
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0, "browInnerUp": 0.5},
    "half blink": {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5},
    "turn": {"jawOpen": 0.2},
}  # fmt: skip
TURN = np.array([0.10, 0.05, 0.03, 0, 0, 0], np.float32)  # rad
TILE_PX = 360


def weights(**amounts: float) -> NDArray[np.float32]:
    """(52,) ARKit weights with some of them set."""
    out = np.zeros(len(INDEX), np.float32)
    for name, amount in amounts.items():
        out[INDEX[name]] = amount
    return out


def row(path: Path, longest_px: int, crop: str, looks: list[str]) -> NDArray[np.uint8]:
    """One photo in every look, side by side. Raises InputError for a photo that cannot talk."""
    picture = fit(open_photo(path.read_bytes()), longest_px)
    face = choose_face(find_faces(picture.rgb), picture.size_px, 0)
    rig = build_rig(picture.rgb, face)
    tiles = []
    for name in looks:
        frame = rig.frame(weights(**LOOKS[name]), TURN if name == "turn" else None)
        tiles.append(_tile(frame, face, crop, name))
    return np.concatenate(tiles, axis=1)


def _tile(frame: NDArray[np.uint8], face: Face, crop: str, name: str) -> NDArray[np.uint8]:
    points = face.landmarks_px[:, :2]
    centre, half = {
        "mouth": (points[[13, 14, 17]].mean(axis=0), 0.36 * face.height_px),
        "eyes": (points[[33, 263]].mean(axis=0), 0.42 * face.height_px),
        "face": (points[[1, 152]].mean(axis=0) - (0, 0.1 * face.height_px), 0.68 * face.height_px),
    }[crop]
    size = round(2 * half)
    part = cv2.getRectSubPix(frame, (size, size), tuple(float(value) for value in centre))
    shrink = part.shape[0] > TILE_PX
    tile = cv2.resize(part, (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_CUBIC)
    cv2.putText(tile, name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 0), 1, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="only photos whose names begin so")
    parser.add_argument("--crop", choices=("face", "mouth", "eyes"), default="face")
    parser.add_argument("--looks", default=",".join(LOOKS))
    parser.add_argument("--size", type=int, default=1024)
    args = parser.parse_args()
    rows = []
    for path in sorted(args.photos.iterdir()):
        if args.names and not path.name.startswith(tuple(args.names)):
            continue
        try:
            rows.append(row(path, args.size, args.crop, args.looks.split(",")))
        except InputError as error:
            print(f"{path.name}: {error.code}")
    sheet = np.concatenate(rows)
    cv2.imwrite(str(args.out), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
