"""A strip of frames of one photo saying a sentence, as in the README: python -m bench.strip OUT.png.

The photo is scikit-image's astronaut: Eileen Collins, NASA, public domain.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from engine.face import choose_face, find_faces
from engine.motion import animate
from engine.renderer import build_rig
from engine.speech import speak

SENTENCE = "Hello! You are watching a photo. Have fun."
TILE_PX = 240
CROP = np.s_[22:222, 122:322]  # of the photo: head and collar


def main() -> None:
    """Write the strip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--text", default=SENTENCE)
    parser.add_argument("--frames", type=int, nargs="*", help="these frames instead of an even choice")
    args = parser.parse_args()
    photo = skimage.data.astronaut()
    speech = speak(args.text)
    motion = animate(speech, fps=25.0, seed=1)
    rig = build_rig(photo, choose_face(find_faces(photo), (photo.shape[1], photo.shape[0])))
    chosen = args.frames or np.linspace(6, len(motion) - 6, 6).astype(int).tolist()
    tiles = []
    for index, frame in enumerate(rig.frames(motion)):
        if index in chosen:
            tiles.append(cv2.resize(frame[CROP], (TILE_PX, TILE_PX), interpolation=cv2.INTER_CUBIC))
    strip = cv2.cvtColor(np.concatenate(tiles, axis=1), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(args.out), strip)


if __name__ == "__main__":
    main()
