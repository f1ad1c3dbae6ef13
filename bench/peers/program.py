"""Other people's programs, run on their own, with a time limit."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"
LONGEST_S = 600.0  # of one program on one clip of some seconds: all of them are faster than real time


class ProgramFailed(Exception):
    """A program ended badly, took too long or did not answer in JSON."""


def answer(command: Sequence[str | Path], given: bytes = b"", env: Mapping[str, str] | None = None) -> Any:
    """Run a program on its standard input and return the JSON that it prints. Raises ProgramFailed."""
    line = [str(part) for part in command]
    try:
        done = subprocess.run(line, input=given, env=env, capture_output=True, timeout=LONGEST_S, check=True)
        return json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {error.returncode}"]
        raise ProgramFailed(f"{Path(line[0]).name}: {said[-1]}") from error
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed(f"{Path(line[0]).name}: no answer within {LONGEST_S:g} s") from error
    except (OSError, ValueError) as error:
        raise ProgramFailed(f"{Path(line[0]).name}: {error}") from error
