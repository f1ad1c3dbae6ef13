"""Peak memory of one process that renders one video.

    python -m bench.memory --seconds 10 --side 512

Prints MiB. One process a figure: a peak never goes down again.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path


def peak_of_child_mib(duration_s: float, side_px: int) -> float:
    """Render in a fresh process and return its peak resident memory."""
    command = [sys.executable, "-m", "bench.memory", "--seconds", str(duration_s), "--side", str(side_px)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _peak_mib() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the process that started this one
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # bytes on macOS


def main() -> None:
    """Render one video from sound, the leaner of whose inputs would hide the speech encoder, and print the peak."""
    from bench.cases import photo, recording
    from engine import Options, open_speech, render

    parser = argparse.ArgumentParser(description="Print the peak memory of rendering one video, in MiB.")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--side", type=int, default=512)
    args = parser.parse_args()
    with tempfile.TemporaryFile() as out:
        render(photo(args.side), open_speech(recording(args.seconds)), out, Options(resolution=args.side))
    print(f"{_peak_mib():.0f}")


if __name__ == "__main__":
    main()
