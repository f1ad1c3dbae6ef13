"""How settings are read: what cannot be meant is refused by its name, in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from talkingphotos.environment import Environment, SettingRefused

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The environment of these tests alone."""
    monkeypatch.setattr(Environment, "ENVIRON", {})
    return Environment()


@pytest.mark.parametrize("kind", ["bool", "int", "float"])
@pytest.mark.parametrize("text", ["ture", "-1", "nan", "8000 # web"])
def test_it_refuses_what_is_neither_a_switch_nor_a_number(env: Environment, kind: str, text: str) -> None:
    env.ENVIRON["WANTED"] = text
    with pytest.raises(SettingRefused, match=r"^WANTED is "):
        getattr(env, kind)("WANTED", default=1)


def test_it_reads_switches_numbers_and_lists(env: Environment) -> None:
    env.ENVIRON |= {"ON": "True", "OFF": "no", "INT": " 7 ", "FLOAT": "0.5", "LIST": "a, b,"}
    assert (env.bool("ON", default=False), env.bool("OFF", default=True)) == (True, False)
    assert (env.int("INT", default=1), env.float("FLOAT", default=1.0)) == (7, 0.5)
    assert env.list("LIST", default=[]) == ["a", "b"]


def test_an_empty_value_counts_as_none(env: Environment) -> None:
    env.ENVIRON |= {"REUSE": "", "REDIS": " ", "SECONDS": ""}
    assert env.bool("REUSE", default=True) is True
    assert env.str("REDIS", default="redis://here") == "redis://here"
    assert env.float("SECONDS", default=2.0) == 2.0


def test_a_password_may_begin_with_a_dollar_sign(env: Environment) -> None:
    env.ENVIRON["PASSWORD"] = "$ecret"
    assert env.str("PASSWORD", default="") == "$ecret"


def test_a_choice_may_be_written_large_or_small_and_is_one_of_those_there_are(env: Environment) -> None:
    env.ENVIRON["LEVEL"] = "debug"
    assert env.one_of("LEVEL", ("DEBUG", "INFO"), default="INFO") == "DEBUG"
    env.ENVIRON["LEVEL"] = "loud"
    with pytest.raises(SettingRefused, match=r"LEVEL is 'loud', and has to be one of DEBUG, INFO"):
        env.one_of("LEVEL", ("DEBUG", "INFO"), default="INFO")


@pytest.mark.parametrize("address", ["nonsense", "postgres://user:hidden@host:port/name"])
@pytest.mark.filterwarnings("error")  # django-environ's quotes the password
def test_an_address_that_is_none_is_refused_without_its_password(env: Environment, address: str) -> None:
    env.ENVIRON["DATABASE"] = address
    with pytest.raises(SettingRefused, match="DATABASE has to be an address") as refused:
        env.database("DATABASE", default="sqlite://")
    assert "hidden" not in str(refused.value)


def test_the_env_file_adds_to_the_environment_and_changes_nothing_in_it(env: Environment, tmp_path: Path) -> None:
    env.ENVIRON["PORT"] = "1"
    (tmp_path / ".env").write_text("# ours\n\nPORT=2\nexport NAME='a b'\n")
    env.read_file(tmp_path / ".env")
    assert env.ENVIRON == {"PORT": "1", "NAME": "a b"}
    env.read_file(tmp_path / "none")


@pytest.mark.parametrize("content", [b"HTTPS = true\n", b"HTTPS\n", b"NAME=\xff\n"])
def test_an_env_file_that_would_be_passed_over_is_refused(env: Environment, tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SettingRefused, match=r"\.env"):
        env.read_file(tmp_path / ".env")


@pytest.mark.parametrize(
    "command", [["manage.py", "check"], ["-m", "celery", "--quiet", "--app", "talkingphotos", "report"]]
)
def test_a_wrong_setting_ends_a_program_with_one_line(command: list[str]) -> None:
    environment = {**os.environ, "PROXY_COUNT": "one"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "PROXY_COUNT is 'one', and has to be a whole number, 0 or more.\n")
