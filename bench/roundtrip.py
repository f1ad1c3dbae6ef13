"""Drive one ARKit weight at a time and read it back from the frames: python -m bench.roundtrip PHOTO…

For each weight: Spearman's rank correlation between what was asked for and what MediaPipe's blendshape network
sees in the rendered frames, how far the reading rises, and which other reading rises most along with it.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.faces import open_rig, weights
from engine.arkit import ARKIT_NAMES, INDEX
from engine.face import find_faces
from engine.renderer import Rig


def _pair(name: str) -> tuple[str, ...]:
    return f"{name}Left", f"{name}Right"


DRIVEN: dict[str, tuple[str, ...]] = {
    "jawOpen": ("jawOpen",),
    "mouthPucker": ("mouthPucker",),
    "mouthFunnel": ("mouthFunnel",),
    "mouthStretch": _pair("mouthStretch"),
    "mouthSmile": _pair("mouthSmile"),
    "mouthFrown": _pair("mouthFrown"),
    "mouthPress": _pair("mouthPress"),
    "mouthRollLower": ("mouthRollLower",),
    "mouthRollUpper": ("mouthRollUpper",),
    "mouthShrugLower": ("mouthShrugLower",),
    "mouthUpperUp": _pair("mouthUpperUp"),
    "mouthLowerDown": _pair("mouthLowerDown"),
    "mouthLeft": ("mouthLeft",),
    "mouthRight": ("mouthRight",),
    "eyeBlink": _pair("eyeBlink"),
    "browInnerUp": ("browInnerUp",),
    "browDown": _pair("browDown"),
}
# A face cannot do the one without some of the other, and the network reads it so on real faces as well.
ALONG: dict[str, tuple[str, ...]] = {
    "jawOpen": ("mouthLowerDown", "mouthUpperUp", "mouthFunnel", "mouthStretch"),
    "mouthPucker": ("mouthFunnel",),
    "mouthFunnel": ("mouthPucker", "jawOpen", "mouthLowerDown", "mouthUpperUp"),
    "mouthStretch": ("mouthSmile", "mouthDimple", "mouthFrown", "mouthLowerDown"),
    "mouthSmile": ("mouthStretch", "mouthDimple", "mouthUpperUp", "cheekSquint", "eyeSquint"),
    "mouthFrown": ("mouthShrugLower", "mouthPress", "mouthStretch", "mouthLowerDown"),
    "mouthPress": ("mouthRoll", "mouthShrug", "mouthDimple", "mouthClose"),
    "mouthRollLower": ("mouthPress", "mouthShrugLower", "mouthRollUpper", "mouthClose"),
    "mouthRollUpper": ("mouthPress", "mouthRollLower", "mouthClose"),
    "mouthShrugLower": ("mouthShrugUpper", "mouthPress", "mouthRoll", "mouthFrown", "mouthPucker"),
    "mouthUpperUp": ("noseSneer", "mouthSmile", "mouthLowerDown", "jawOpen", "mouthShrugUpper"),
    "mouthLowerDown": ("jawOpen", "mouthUpperUp", "mouthStretch"),
    "mouthLeft": ("mouthSmile", "mouthDimple", "mouthStretch"),
    "mouthRight": ("mouthSmile", "mouthDimple", "mouthStretch"),
    "eyeBlink": ("eyeLookDown", "eyeSquint", "eyeLook"),
    "browInnerUp": ("browOuterUp",),
    "browDown": ("eyeSquint", "noseSneer", "eyeLookDown", "eyeBlink"),
}
STEPS = np.linspace(0, 1, 9)
WANTED_RHO = 0.95


@dataclass(frozen=True, slots=True)
class Reading:
    """What came back for one driven weight. rho: -1..1. rise: growth of the reading; other_rise: of `other`."""

    rho: float
    rise: float
    other: str
    other_rise: float


def read_back(rig: Rig, names: tuple[str, ...]) -> NDArray[np.float32]:
    """(9, 52) readings while some weights are driven from 0 to 1; NaN where no face was found."""
    seen = np.full((len(STEPS), len(ARKIT_NAMES)), np.nan, np.float32)
    for row, step in zip(seen, STEPS, strict=True):
        faces = find_faces(rig.frame(weights(**dict.fromkeys(names, float(step)))))
        if faces:
            row[:] = faces[0].blendshapes
    return seen


def rank_correlation(seen: NDArray[np.float32]) -> float:
    """Spearman's rho against the rising drive."""
    ranks = np.argsort(np.argsort(seen))
    return float(np.corrcoef(ranks, np.arange(len(seen)))[0, 1])


def reading(rig: Rig, weight: str) -> Reading:
    """Drive one of DRIVEN and read it back."""
    names = DRIVEN[weight]
    seen = read_back(rig, names)
    own = seen[:, [INDEX[name] for name in names]].mean(axis=1)
    rises = seen[-1] - seen[0]
    own_family = (weight, *ALONG[weight])
    others = {name: float(rises[INDEX[name]]) for name in ARKIT_NAMES if not name.startswith(own_family)}
    loudest = max(others, key=lambda name: np.nan_to_num(others[name]))
    return Reading(rank_correlation(own), float(own[-1] - own[0]), loudest, others[loudest])


def main() -> None:
    """Print one line a weight, and name the photos that fall short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--weights", nargs="+", default=list(DRIVEN), choices=list(DRIVEN), metavar="WEIGHT")
    args = parser.parse_args()
    rigs = {path.stem: open_rig(path, args.size)[0] for path in args.photos}
    print(f"{'weight':16s} {'rho mean':>8s} {'rho min':>8s} {'rise':>6s}  loudest other; photos below {WANTED_RHO}")
    for weight in args.weights:
        read = {name: reading(rig, weight) for name, rig in rigs.items()}
        rho = np.array([one.rho for one in read.values()])
        loudest = max(read.values(), key=lambda one: one.other_rise)
        short = ", ".join(f"{name} {one.rho:.2f}" for name, one in read.items() if not one.rho >= WANTED_RHO)
        rise = float(np.mean([one.rise for one in read.values()]))
        print(
            f"{weight:16s} {rho.mean():8.2f} {rho.min():8.2f} {rise:6.2f}  "
            f"{loudest.other} +{loudest.other_rise:.2f}; {short}"
        )


if __name__ == "__main__":
    main()
