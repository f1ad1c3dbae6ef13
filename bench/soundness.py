"""Whether a photo that moves stays whole: python -m bench.soundness PHOTO…

rest: PSNR of the frame at rest against the photo, dB. still: how far any landmark above the nose moves at any mouth
shape, px. lands: how far the lips' landmarks, read from frames, lie from where the rig put them, in % of the face's
height, median and 95th percentile. turning: the smallest Jacobian determinant of a layer's map at any shape; a layer
with one below zero folds over itself. seam: how far the two layers disagree beyond the mouth's corners, px.
"""

import argparse
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.faces import open_face, weights
from bench.gallery import LOOKS
from engine.arkit import ARKIT_NAMES
from engine.face import Face, find_faces
from engine.renderer import Rig, build_rig, controls
from engine.renderer.geometry import LOWER_INNER, LOWER_OUTER, UPPER_INNER, UPPER_OUTER, head_frame
from engine.renderer.rig import LOWER, UPPER
from engine.renderer.warp import sample, weighted

NOSE_ROOT = 6  # between the eyes
MOUTH_SHAPES = [name for name in ARKIT_NAMES if name.startswith(("jaw", "mouth"))]
READ = ("jaw .3", "jaw .6", "pucker", "funnel", "EE", "smile", "F", "closed")  # looks whose landing is read
COMBINED = 24  # random mixtures of three shapes, as speech makes them
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Soundness:
    """One photo's figures, as the module's docstring names them."""

    rest_db: float
    still_px: float
    lands_median: float
    lands_most: float
    turning: float
    seam_px: float


def soundness(rgb: NDArray[np.uint8], face: Face) -> Soundness:
    """Measure a photo."""
    rig = build_rig(rgb, face)
    shapes = [weights(**{name: 1.0}) for name in MOUTH_SHAPES] + [weights(**LOOKS[name]) for name in READ]
    landed = np.concatenate([landing_errors(rig, face, weights(**LOOKS[name])) for name in READ])
    return Soundness(
        rest_db=psnr(rig.frame(weights()), rgb),
        still_px=max(moved_above_nose_px(rig, face, shape) for shape in shapes),
        lands_median=100 * float(np.median(landed)),
        lands_most=100 * float(np.percentile(landed, 95)),
        turning=min(turning(rig, shape) for shape in shapes + mixtures()),
        seam_px=max(seam_px(rig, shape) for shape in shapes),
    )


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB; inf when equal."""
    error = float(((one.astype(np.float64) - other) ** 2).mean())
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def mixtures() -> list[Floats]:
    """Weights of COMBINED random mixtures of three mouth shapes."""
    random = np.random.default_rng(0)
    return [
        weights(**{str(name): float(random.uniform(0.2, 0.8)) for name in random.choice(MOUTH_SHAPES, 3, False)})
        for _ in range(COMBINED)
    ]


def moves_px(rig: Rig, asked: Floats) -> Floats:
    """(2, rows, columns, 2): where upper and lower layer move the photo's nodes."""
    moves = weighted(rig.basis, controls.amounts(asked, rig.own_gap_cm))
    return np.asarray(moves, np.float32).reshape(2, *rig.nodes.shape)


def moved_above_nose_px(rig: Rig, face: Face, asked: Floats) -> float:
    """The largest move of a landmark above the nose: eyes, brows, forehead."""
    points = face.landmarks_px[:468]
    heights = head_frame(face).to_head(points)[:, 1]
    above = points[heights < heights[NOSE_ROOT], :2]
    moves = rig.grid.at(moves_px(rig, asked)[UPPER], above[None])[0]
    return float(np.linalg.norm(moves, axis=1).max())


def landing_errors(rig: Rig, face: Face, asked: Floats) -> Floats:
    """(40,) distances, in face heights, of the lips' landmarks in the frame from where the rig put them."""
    faces = find_faces(rig.frame(asked))
    if not faces:
        return np.full(40, np.nan, np.float32)
    moves = moves_px(rig, asked)
    errors = []
    for layer, marks in ((UPPER, UPPER_INNER + UPPER_OUTER[1:-1]), (LOWER, LOWER_INNER[1:-1] + LOWER_OUTER)):
        before = face.landmarks_px[list(marks), :2]
        wanted = before + rig.grid.at(moves[layer], before[None])[0]
        errors.append(np.linalg.norm(faces[0].landmarks_px[list(marks), :2] - wanted, axis=1))
    return np.asarray(np.concatenate(errors) / face.height_px, np.float32)


def turning(rig: Rig, asked: Floats) -> float:
    """The smallest Jacobian determinant of the two layers' maps, each where it is seen; 1 where nothing moves."""
    upper, lower, _ = rig._sources(controls.amounts(asked, rig.own_gap_cm), None)
    smallest = []
    for sources, line, side in ((upper, rig.lips.below_upper, -1), (lower, rig.lips.below_lower, 1)):
        (xy, xx), (yy, yx) = np.gradient(sources[..., 0]), np.gradient(sources[..., 1])
        determinant = np.asarray((xx * yy - xy * yx) / rig.grid.cell_px**2)
        seen = side * sample(line, rig.grid.to_nodes(sources)) > 0
        smallest.append(float(determinant[seen].min()))
    return min(smallest)


def seam_px(rig: Rig, asked: Floats) -> float:
    """How far upper and lower layer disagree beyond the corners of the mouth."""
    upper, lower = moves_px(rig, asked)
    apart = np.linalg.norm(upper - lower, axis=2)
    return float(apart[rig.lips.between == 0].max())


def main() -> None:
    """Print one line a photo."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=768)
    args = parser.parse_args()
    print(f"{'photo':32s}    rest  still  lands  lands95  turning   seam")
    for path in args.photos:
        picture, face = open_face(path, args.size)
        rest, still, median, most, turned, seam = astuple(soundness(picture.rgb, face))
        print(f"{path.stem[:32]:32s} {rest:7.1f} {still:6.2f} {median:6.2f} {most:8.2f} {turned:8.2f} {seam:6.2f}")


if __name__ == "__main__":
    main()
