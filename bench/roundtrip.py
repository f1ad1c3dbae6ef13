"""Drive one ARKit weight at a time and read it back from the frames: python -m bench.roundtrip PHOTO…

For each weight: Spearman's rank correlation between what was asked for and what MediaPipe's blendshape network
sees in the rendered frame, and how far the reading rises. Also the rest pose's PSNR and milliseconds a frame.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.gallery import weights
from engine.arkit import INDEX
from engine.face import choose_face, find_faces
from engine.photo import fit, open_photo
from engine.renderer import Rig, build_rig

DRIVEN: dict[str, tuple[str, ...]] = {
    "jawOpen": ("jawOpen",),
    "mouthPucker": ("mouthPucker",),
    "mouthFunnel": ("mouthFunnel",),
    "mouthStretch": ("mouthStretchLeft", "mouthStretchRight"),
    "mouthSmile": ("mouthSmileLeft", "mouthSmileRight"),
    "mouthFrown": ("mouthFrownLeft", "mouthFrownRight"),
    "mouthPress": ("mouthPressLeft", "mouthPressRight"),
    "mouthRollLower": ("mouthRollLower",),
    "mouthRollUpper": ("mouthRollUpper",),
    "mouthShrugLower": ("mouthShrugLower",),
    "mouthUpperUp": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "mouthLowerDown": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "mouthLeft": ("mouthLeft",),
    "eyeBlink": ("eyeBlinkLeft", "eyeBlinkRight"),
    "browInnerUp": ("browInnerUp",),
    "browDown": ("browDownLeft", "browDownRight"),
}
STEPS = np.linspace(0, 1, 9)


def read_back(rig: Rig, names: tuple[str, ...]) -> NDArray[np.float32]:
    """(9,) mean readings of some weights while they are driven from 0 to 1; NaN where no face was found."""
    seen = []
    for step in STEPS:
        faces = find_faces(rig.frame(weights(**dict.fromkeys(names, float(step)))))
        seen.append(np.mean([faces[0].blendshapes[INDEX[name]] for name in names]) if faces else np.nan)
    return np.array(seen, np.float32)


def rank_correlation(seen: NDArray[np.float32]) -> float:
    """Spearman's rho against the rising drive."""
    ranks = np.argsort(np.argsort(seen))
    return float(np.corrcoef(ranks, np.arange(len(seen)))[0, 1])


def rest_psnr(rig: Rig, rgb: NDArray[np.uint8]) -> float:
    """PSNR in dB of the rest pose against the photo; inf when equal."""
    error = float(((rig.frame(weights()).astype(np.float64) - rgb) ** 2).mean())
    return float("inf") if error == 0 else 10 * np.log10(255**2 / error)


def main() -> None:
    """Print one line a weight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=768)
    args = parser.parse_args()
    table: dict[str, list[tuple[float, float]]] = {name: [] for name in DRIVEN}
    for path in args.photos:
        picture = fit(open_photo(path.read_bytes()), args.size)
        rig = build_rig(picture.rgb, choose_face(find_faces(picture.rgb), picture.size_px, 0))
        start = time.perf_counter()
        for name, driven in DRIVEN.items():
            seen = read_back(rig, driven)
            table[name].append((rank_correlation(seen), float(seen[-1] - seen[0])))
        print(f"{path.name}: rest {rest_psnr(rig, picture.rgb):.1f} dB, {time.perf_counter() - start:.1f} s")
    print(f"{'weight':16s} {'rho mean':>8s} {'rho min':>8s} {'rise':>6s}")
    for name, values in table.items():
        rho, rise = np.array(values).T
        print(f"{name:16s} {rho.mean():8.2f} {rho.min():8.2f} {rise.mean():6.2f}")


if __name__ == "__main__":
    main()
