"""Settings from the environment and `.env`, read strictly: what cannot be meant is refused, by its name.

django-environ takes HTTPS=ture for false, and a password that begins with `$` for the name of another variable.
"""

import re
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = ("true", "yes", "on", "y", "1"), ("false", "no", "off", "n", "0")
LINE = re.compile(r"\s*(#.*)?|(export )?[A-Za-z_0-9]+=.*")


class SettingRefused(ImproperlyConfigured):
    """A setting cannot be meant as it is. The message says all that there is to say."""


class Environment(environ.Env):  # type: ignore[misc]  # django-environ has no types
    """Reads one variable after the other. An empty one counts as none. Raises SettingRefused."""

    def read_file(self, path: Path) -> None:
        """Add the lines of a file such as .env; what the environment says already stays. No file is no fault."""
        try:
            lines = path.read_text().splitlines()
        except FileNotFoundError:
            return
        except (OSError, UnicodeError) as error:
            raise SettingRefused(f"{path} cannot be read: {error}") from error
        for number, line in enumerate(lines, 1):
            if not LINE.fullmatch(line):
                raise SettingRefused(f"{path}, line {number}: write it as NAME=value, without spaces around =")
        self.read_env(path)

    def get_value(self, var: str, cast: Any = None, default: Any = None, parse_default: bool = False) -> Any:
        """Return the variable as `cast`, or the default; all of django-environ's ways to read one come by here."""
        text = self.ENVIRON.get(var, "")
        if not text.strip():
            return default
        if cast not in READERS:
            return text
        read, kind = READERS[cast]
        try:
            return read(text.strip())
        except ValueError as error:
            raise SettingRefused(f"{var} is {text!r}, and has to be {kind}.") from error

    def one_of(self, var: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of the choices, however it is capitalised."""
        text: str = self.str(var, default=default)
        found = {choice.lower(): choice for choice in choices}.get(text.lower())
        if found is None:
            raise SettingRefused(f"{var} is {text!r}, and has to be one of {', '.join(choices)}.")
        return found

    def database(self, var: str, default: str) -> dict[str, Any]:
        """Return a database as Django names it. What is wrong is not quoted: it may hold a password."""
        with suppress(ValueError), warnings.catch_warnings(action="ignore"):
            found: dict[str, Any] = self.db_url(var, default=default)
            if found.get("ENGINE"):
                return found
        raise SettingRefused(f"{var} has to be an address such as postgres://user:password@host/name.")


def _bool(text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise ValueError
    return text.lower() in TRUE


def _int(text: str) -> int:
    number = int(text)
    if number < 0:  # everything that is counted or measured here begins at 0
        raise ValueError
    return number


def _float(text: str) -> float:
    number = float(text)
    if not number >= 0:  # also refuses NaN
        raise ValueError
    return number


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    bool: (_bool, "true or false"),
    int: (_int, "a whole number, 0 or more"),
    float: (_float, "a number, 0 or more"),
    list: (_list, "a list, parted by commas"),
}


def _show(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """End with one line on a setting that is wrong: a traceback through Django or Celery hides it."""
    if issubclass(kind, SettingRefused):
        print(error, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, where)


sys.excepthook = _show
