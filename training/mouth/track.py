"""Videos of talking people -> one table a clip of what their mouths did.

    python -m training.mouth.track OUT_FOLDER VIDEO...

Writes OUT_FOLDER/NAME.npz with, one row a frame: `blendshapes` (n, 52), `opening` (n,) the gap between the inner
lips and `width` (n,) the distance between the mouth's corners, both in units of the clip's median face height,
`pitch` (n,) how far the chin is down in degrees, `present` (n,) bool; and `fps`, `audio` (m,) float32 at 16 kHz. A
clip whose table exists is passed over, so that the run can be repeated.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from engine.face.detector import Detection, detect
from engine.face.mesh import fit_mesh
from engine.face.types import Face
from engine.speech import open_speech

INNER_LIPS = ((13, 14), (81, 178), (311, 402))  # upper and lower points of MediaPipe's mesh
CORNERS = (61, 291)
DETECT_EVERY = 25  # frames; between them the mesh starts where the face was last detected
MIN_PRESENCE = 0.5


def track(video: Path) -> dict[str, Any]:
    """Return the table of one clip. Raises SpeechError when its sound cannot be used."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 25)
        faces = faces_in(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(stream))
    opening, width = measure(faces)
    return {
        "blendshapes": np.array([np.zeros(52) if face is None else face.blendshapes for face in faces], np.float32),
        "opening": np.nan_to_num(opening).astype(np.float32),
        "width": np.nan_to_num(width).astype(np.float32),
        "pitch": np.array([0.0 if face is None else face.pose.pitch for face in faces], np.float32),
        "present": np.array([face is not None and face.presence >= MIN_PRESENCE for face in faces]),
        "fps": fps,
        "audio": open_speech(video.read_bytes()).analysis,
    }


def faces_in(frames: Iterable[NDArray[np.uint8]]) -> list[Face | None]:
    """Return the largest face of each (h, w, 3) frame; None where there is none."""
    faces: list[Face | None] = []
    found: list[Detection] = []
    for number, rgb in enumerate(frames):
        if number % DETECT_EVERY == 0 or not found:
            found = sorted(detect(rgb), key=lambda one: -float(np.prod(one.box[2:] - one.box[:2])))
        faces.append(fit_mesh(rgb, found[0]) if found else None)
    return faces


def measure(faces: list[Face | None]) -> NDArray[np.float64]:
    """Return (2, n): the gap between the inner lips and the mouth's width, in units of the median face height."""
    measured = np.array([_measure(face) for face in faces])
    return np.asarray(measured[:, :2].T / np.nanmedian(measured[:, 2]))


def _measure(face: Face | None) -> tuple[float, float, float]:
    """Return opening, width and face height in px, NaN without a face."""
    if face is None:
        return np.nan, np.nan, np.nan
    points = face.landmarks_px[:, :2]
    gaps = [float(np.linalg.norm(points[upper] - points[lower])) for upper, lower in INNER_LIPS]
    width = float(np.linalg.norm(points[CORNERS[0]] - points[CORNERS[1]]))
    return sum(gaps) / len(gaps), width, face.height_px


def main(out: Path, videos: list[Path]) -> None:
    """Track each video into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    for video in videos:
        table = out / f"{video.stem}.npz"
        if not table.exists():
            np.savez_compressed(table, **track(video))
            print(video.stem, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
