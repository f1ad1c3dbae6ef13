"""A checkout in a folder with a space in its name."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The scripts and the requirements, as a fresh clone holds them, and nothing else."""
    folder = tmp_path / "talking photos"
    (folder / "scripts").mkdir(parents=True)
    for file in (ROOT / "scripts").iterdir():
        if file.is_file():
            (folder / "scripts" / file.name).write_bytes(file.read_bytes())
            (folder / "scripts" / file.name).chmod(file.stat().st_mode)
    for file in ROOT.glob("requirements*.txt"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder
