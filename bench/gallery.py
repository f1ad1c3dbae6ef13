"""A contact sheet: each photo in fixed expressions and saying a fixed sentence.

python -m bench.gallery PHOTOS_DIR [OUT.png] [NAME…] [--crop mouth]
"""

import argparse
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.faces import both, open_rig, weights
from engine.errors import InputError
from engine.face.types import Face
from engine.motion import animate
from engine.motion.types import MotionTrack
from engine.speech import speak

LOOKS: dict[str, dict[str, float]] = {
    "rest": {},
    "jaw .15": {"jawOpen": 0.15},
    "jaw .3": {"jawOpen": 0.3},
    "jaw .6": {"jawOpen": 0.6},
    "jaw 1": {"jawOpen": 1.0},
    "pucker": {"mouthPucker": 0.8, "jawOpen": 0.08},
    "funnel": {"mouthFunnel": 0.7, "jawOpen": 0.2},
    "EE": both("mouthStretch", 0.6) | both("mouthLowerDown", 0.4) | both("mouthUpperUp", 0.3) | {"jawOpen": 0.15},
    "smile": both("mouthSmile", 0.7),
    "F": both("mouthUpperUp", 0.35) | {"mouthRollLower": 0.7, "jawOpen": 0.1},
    "closed": both("mouthPress", 0.5) | {"mouthClose": 1.0, "jawOpen": 0.12},
    "TH": {"tongueOut": 0.5, "jawOpen": 0.2},
    "blink": both("eyeBlink", 1.0) | {"browInnerUp": 0.5},
    "half blink": both("eyeBlink", 0.5),
    "turn": {"jawOpen": 0.2},
}
TURN = np.array([0.10, 0.05, 0.03, 0, 0, 0], np.float32)  # rad
SENTENCE = "Hello! You are watching a photo. Have fun."
TALKING = 6  # frames of the sentence on the sheet, evenly spread
TILE_PX = 360


@cache
def said(text: str = SENTENCE) -> MotionTrack:
    """The motion of the default voice saying a sentence, 25 frames a second."""
    return animate(speak(text), fps=25.0, seed=1)


def row(path: Path, longest_px: int, crop: str, looks: list[str], talking: int) -> NDArray[np.uint8]:
    """One photo in some looks and in some frames of the sentence, side by side. Raises InputError."""
    rig, face = open_rig(path, longest_px)
    tiles = [
        _tile(rig.frame(weights(**LOOKS[name]), TURN if name == "turn" else None), face, crop, name) for name in looks
    ]
    motion = said()
    for index in np.linspace(6, len(motion) - 6, talking).astype(int):
        tiles.append(_tile(rig.frame(motion.weights[index], motion.head[index]), face, crop, f"frame {index}"))
    return np.concatenate(tiles, axis=1)


def _tile(frame: NDArray[np.uint8], face: Face, crop: str, name: str) -> NDArray[np.uint8]:
    points = face.landmarks_px[:, :2]
    centre, half = {
        "mouth": (points[[13, 14, 17]].mean(axis=0), 0.36 * face.height_px),
        "eyes": (points[[33, 263]].mean(axis=0), 0.42 * face.height_px),
        "face": (points[[1, 152]].mean(axis=0) - (0, 0.1 * face.height_px), 0.68 * face.height_px),
        "head": (points[1], 1.1 * face.height_px),
    }[crop]
    size = round(2 * half)
    left, top = (round(float(value) - half) for value in centre)
    edge = size  # beyond the photo's end there is nothing
    wide = cv2.copyMakeBorder(frame, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
    part = wide[top + edge : top + edge + size, left + edge : left + edge + size]
    shrink = part.shape[0] > TILE_PX
    tile = cv2.resize(part, (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_CUBIC)
    cv2.putText(tile, name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 0), 1, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=Path("gallery.png"))
    parser.add_argument("names", nargs="*", help="only photos whose names begin so")
    parser.add_argument("--crop", choices=("face", "mouth", "eyes", "head"), default="face")
    parser.add_argument("--looks", default=",".join(LOOKS), help="comma-separated; 'none' for the sentence alone")
    parser.add_argument("--talking", type=int, default=TALKING, help="frames of the sentence")
    parser.add_argument("--size", type=int, default=1024, help="the photo's longest side, px")
    parser.add_argument("--tile", type=int, default=TILE_PX, help="px")
    args = parser.parse_args()
    looks = [] if args.looks == "none" else args.looks.split(",")
    rows = []
    for path in sorted(args.photos.iterdir()):
        if args.names and not path.name.startswith(tuple(args.names)):
            continue
        try:
            rows.append(row(path, args.size, args.crop, looks, args.talking))
        except InputError as error:
            print(f"{path.name}: {error.code}")
    if not rows:
        raise SystemExit(f"no photo in {args.photos} can talk")
    sheet = cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR)
    scale = args.tile / TILE_PX
    cv2.imwrite(str(args.out), cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    print(f"{args.out}: {len(rows)} photos")


if __name__ == "__main__":
    main()
