"""What a check of the doctor found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: fail keeps videos from being made, or safe; warn may."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. about: the part. told: what was found. todo: what mends it; nothing when all is well."""

    level: Level
    about: str
    told: str
    todo: str = ""


def ok(about: str, told: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, about, told)


def warn(about: str, told: str, todo: str) -> Finding:
    """It works, and could be better or will not last."""
    return Finding(Level.WARN, about, told, todo)


def fail(about: str, told: str, todo: str) -> Finding:
    """It does not work."""
    return Finding(Level.FAIL, about, told, todo)
