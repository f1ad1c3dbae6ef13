"""The documents name what is there: every setting, and no file that is not."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS_OWN = {"HOST", "PORT"}  # read by scripts/addresses.py, not by settings.py
DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("scripts/*.md")])


def settings_read() -> set[str]:
    """Return the names of all environment variables that settings.py reads."""
    text = (ROOT / "talkingphotos" / "settings.py").read_text()
    return set(re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", text))


def test_the_readme_explains_every_setting_and_no_other() -> None:
    section = (ROOT / "README.md").read_text().split("## Settings")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]

    assert {name for cell in rows for name in re.findall(r"`([A-Z_]+)`", cell)} == settings_read() | SCRIPTS_OWN


def test_the_example_of_an_env_file_shows_every_setting_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert set(re.findall(r"^#?([A-Z_]+)=", "\n".join(lines), re.MULTILINE)) == settings_read() | SCRIPTS_OWN


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_links_to_is_there(document: Path) -> None:
    prose = re.sub(r"`[^`\n]*`", "", document.read_text())
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose)

    assert [link for link in links if not (document.parent / link).exists()] == []
