"""Peak memory of one process that renders one video.

    python -m bench.memory PHOTO AUDIO SIDE

Prints MiB. One process a figure, since a peak never goes down again, and one that makes nothing but the video.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path


def peak_of_child_mib(photo: bytes, audio: bytes, side_px: int) -> float:
    """Render in a fresh process and return its peak resident memory."""
    with tempfile.TemporaryDirectory() as folder:
        photo_file, audio_file = Path(folder) / "photo", Path(folder) / "audio"
        photo_file.write_bytes(photo)
        audio_file.write_bytes(audio)
        command = [sys.executable, "-m", "bench.memory", str(photo_file), str(audio_file), str(side_px)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main(photo_file: str, audio_file: str, side_px: str) -> None:
    """Render one video and print the peak."""
    from engine import Options, open_speech, render

    speech = open_speech(Path(audio_file).read_bytes())
    with tempfile.TemporaryFile() as out:
        render(Path(photo_file).read_bytes(), speech, out, Options(resolution=int(side_px)))
    print(f"{_peak_mib():.0f}")


def _peak_mib() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the process that started this one
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # bytes on macOS


if __name__ == "__main__":
    main(*sys.argv[1:])
