"""What the speech encoder hears in each recording of the corpus, as it is and disturbed.

    python -m training.mouth.features CORPUS OUT [--versions 3] [--seed 7]

CORPUS holds tables of training.mouth.corpus, or of training.mouth.track (real mouths). Writes OUT/NAME.VERSION.npz:
`features` (n, 416) float16, and `faster`: how much faster than in the corpus it was said. Version 0 is the
recording as it is; the others come from another speaker in another room. A file that exists is passed over.
"""

import argparse
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.motion.encoder import encode
from training.mouth.augment import another_room, another_speaker


def samples_of(path: Path) -> NDArray[np.float32]:
    """Return the sound (n,) at 16 kHz of a table of either kind."""
    with np.load(path) as table:
        return np.asarray(table["samples" if "samples" in table else "audio"], np.float32)


def main() -> None:
    """Listen to everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--versions", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    found = (path for path in options.corpus.glob("*.npz") if not path.stem.endswith(".raw"))
    paths = sorted(found, key=lambda path: zlib.crc32(path.stem.encode()))  # mixed, so that a part is like the whole
    for version in range(options.versions):
        for number, path in enumerate(paths):
            target = options.out / f"{path.stem}.{version}.npz"
            if target.exists():
                continue
            random = np.random.default_rng([options.seed, version, zlib.crc32(path.stem.encode())])
            samples, faster = samples_of(path), 1.0
            if version:
                samples, faster = another_speaker(samples, random)
                samples = another_room(samples, random, samples_of(paths[number - len(paths) // 2]))
            features = np.concatenate(list(encode(samples))).astype(np.float16)
            np.savez(target, features=features, faster=faster)


if __name__ == "__main__":
    main()
