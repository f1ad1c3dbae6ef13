"""What the commands in scripts/ say when the machine is not as they need it. None of these installs anything."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUR_SETTINGS = {"PORT", "HOST", "VALKEY_PORT", "REDIS_URL", "CELERY_BROKER_URL"}


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def script(checkout: Path, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script from another folder, as a user might; without our own settings."""
    inherited = {name: value for name, value in os.environ.items() if name not in OUR_SETTINGS}
    return subprocess.run(
        ["/bin/sh", str(checkout / "scripts" / name)],
        cwd=checkout.parent,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def only_line(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a refusal prints."""
    assert result.returncode == 1, result
    (line,) = result.stderr.strip().splitlines()
    return line


def old_pythons(folder: Path) -> str:
    """Return a PATH on which every Python is too old and everything else as usual."""
    folder.mkdir()
    for version in ("", "3", "3.11", "3.12", "3.13", "3.14"):
        fake = folder / f"python{version}"
        fake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
        fake.chmod(stat.S_IRWXU)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_run_names_the_busy_port_and_another_one_before_it_installs_anything(checkout: Path, busy_port: int) -> None:
    line = only_line(script(checkout, "run", PORT=str(busy_port)))

    assert f"Port {busy_port}" in line
    assert f"PORT={busy_port + 1} scripts/run" in line
    assert not (checkout / ".venv").exists()


def test_run_names_the_busy_port_of_the_bundled_valkey(checkout: Path, busy_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        web_port = free.getsockname()[1]

    line = only_line(script(checkout, "run", PORT=str(web_port), VALKEY_PORT=str(busy_port)))

    assert f"VALKEY_PORT={busy_port + 1}" in line


def test_ports_may_come_from_the_env_file(checkout: Path, busy_port: int) -> None:
    (checkout / ".env").write_text(f"# ours\nSECRET_KEY=x\nexport PORT='{busy_port}'\n")

    assert f"Port {busy_port}" in only_line(script(checkout, "run"))


def test_run_says_so_when_the_env_file_cannot_be_read(checkout: Path) -> None:
    (checkout / ".env").write_bytes(b"SECRET_KEY=\xff\n")

    assert ".env cannot be read" in only_line(script(checkout, "run"))


@pytest.mark.parametrize("port", ["web", "0", "70000", "-1"])
def test_run_refuses_what_is_not_a_port(checkout: Path, port: str) -> None:
    assert f"PORT={port} is not a port" in only_line(script(checkout, "run", PORT=port))


@pytest.mark.parametrize("name", ["run", "test", "check"])
def test_every_script_says_which_python_it_needs(checkout: Path, tmp_path: Path, name: str) -> None:
    line = only_line(script(checkout, name, PATH=old_pythons(tmp_path / "bin"), PYTHON=""))

    assert "Python 3.11 or newer" in line
    assert "Python 3.9.2" in line


def test_a_python_that_is_named_and_unfit_is_not_replaced_in_silence(checkout: Path) -> None:
    assert "PYTHON=/no/such/python" in only_line(script(checkout, "test", PYTHON="/no/such/python"))


def test_without_a_network_the_installation_says_so_and_can_be_repeated(checkout: Path) -> None:
    for file in checkout.glob("requirements*.txt"):
        file.write_text("django==5.2.19\n")
    offline = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull}

    for _ in range(2):
        result = script(checkout, "test", PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="", PYTHON="", **offline)

        assert "cannot be reached" in only_line(result)


def test_the_env_file_is_readable_by_its_owner_alone_and_written_once(tmp_path: Path) -> None:
    from scripts.prepare import write_dotenv

    path = tmp_path / ".env"
    write_dotenv(path)
    first = path.read_text()
    write_dotenv(path)

    assert path.read_text() == first
    assert len(first.split("SECRET_KEY=")[1].strip()) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"DATABASE_URL": "postgres://user:hidden@127.0.0.1:1/name"}, "The database of DATABASE_URL cannot be used"),
        ({"DATABASE_URL": "sqlite:////dev/null/db"}, "The database of DATABASE_URL cannot be used"),
        ({"DATABASE_URL": "sqlite://:memory:", "MEDIA_ROOT": "/dev/null"}, "Files cannot be stored where MEDIA_ROOT"),
    ],
)
def test_what_cannot_be_prepared_ends_with_one_line(named: dict[str, str], told: str, tmp_path: Path) -> None:
    prepare = (
        f"import pathlib; from scripts import prepare; prepare.ROOT = pathlib.Path({str(tmp_path)!r}); prepare.main()"
    )
    environment = {**os.environ, "STORAGE_BUCKET": "", **named}
    done = subprocess.run([sys.executable, "-c", prepare], cwd=ROOT, env=environment, capture_output=True, text=True)

    line = only_line(done)
    assert line.startswith(told)
    assert "hidden" not in line


def test_a_machine_for_which_a_package_does_not_exist_is_told_so(checkout: Path, tmp_path: Path) -> None:
    for file in checkout.glob("requirements*.txt"):
        file.write_text("django==5.2.19\n")
    (tmp_path / "wheels").mkdir()
    nothing = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels"), "PIP_CONFIG_FILE": os.devnull}

    line = only_line(script(checkout, "test", PYTHON="", **nothing))

    assert line.startswith("There is no django==5.2.19 for Python 3.")
