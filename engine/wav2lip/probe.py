"""Whether a file that somebody brought is a model that we can use: tried in a process of its own.

A hostile or broken file may crash ONNX Runtime, or never end; here it only ends the child, whose time and memory are
limited. The child works in an empty folder on the file's bytes, so that a graph that keeps its weights in other files
finds none.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ModelUnfit
from engine.sessions import CPU, open_foreign
from engine.wav2lip.contract import TRIAL_BATCH, Contract, contract_of
from engine.wav2lip.mel import BANDS, CHUNK

MAX_BYTES = 1 << 30  # the largest public ones, 384 px with float32, are about 0.5 GB
TIME_LIMIT_S = 120.0  # wall time; the largest takes some seconds
MEMORY_BYTES = 8 << 30  # of address space: libraries alone map one or two GB
TIMED_RUNS = 3
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found. frame_s: seconds that a frame takes on one core of this machine. sha256: of the file, in hex."""

    contract: Contract
    frame_s: float
    sha256: str
    bytes: int


def probe(path: Path, time_limit_s: float = TIME_LIMIT_S) -> Probed:
    """Try a file, in a child process. Raises ModelUnfit with the reason, and OSError when there is no such file."""
    size = path.stat().st_size
    if not 0 < size <= MAX_BYTES:
        raise ModelUnfit(f"the file has {size} bytes; up to {MAX_BYTES} are allowed", bytes=size, max_bytes=MAX_BYTES)
    command = [sys.executable, "-m", "engine.wav2lip.probe", str(path.resolve())]
    with tempfile.TemporaryDirectory(prefix="talkingphotos-") as empty:
        try:
            done = subprocess.run(
                command,
                cwd=empty,
                env={"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=time_limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ModelUnfit(f"trying it took more than {time_limit_s:g} s", limit_s=time_limit_s) from error
    return _judged(done)


def _judged(done: "subprocess.CompletedProcess[bytes]") -> Probed:
    try:
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError) as error:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise ModelUnfit(f"trying it ended the process with {how}", returncode=done.returncode) from error
    if "message" in found:
        raise ModelUnfit(found["message"], **found["details"])
    return Probed(**{**found, "contract": Contract(**found["contract"])})


def main(path: Path) -> dict[str, Any]:
    """In the child: look at the file under limits, and return a Probed or an error as JSON can hold it."""
    _limit()
    try:
        return asdict(_probed(path.read_bytes()))
    except ModelUnfit as error:
        return {"message": error.message, "details": error.details}
    except MemoryError:
        return {"message": "trying it took too much memory", "details": {"max_bytes": MEMORY_BYTES}}


def _limit() -> None:
    cpu_s = int(TIME_LIMIT_S)
    limits = ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_CORE, 0))
    for which, limit in limits:
        with suppress(ValueError, OSError):  # macOS knows no limit of address space; a lower limit may be set already
            resource.setrlimit(which, (limit, limit))


def _probed(model: bytes) -> Probed:
    session = open_foreign(model, provider=CPU)
    contract = contract_of(session)
    count = contract.batch or TRIAL_BATCH
    mel = np.zeros((count, 1, BANDS, CHUNK), np.float32)
    face = np.full((count, 6, contract.size_px, contract.size_px), 0.5, np.float32)
    began = time.perf_counter()
    for _ in range(TIMED_RUNS):
        contract.run(session, mel, face)
    frame_s = (time.perf_counter() - began) / TIMED_RUNS / count
    return Probed(contract, round(frame_s, 5), hashlib.sha256(model).hexdigest(), len(model))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
