"""Where the service listens, and whether nobody else does.

    python3 -m scripts.addresses

Ends with one clear line and status 1 when a port is taken. Needs the standard library alone, so that scripts/run can
ask before it installs anything.
"""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where web and broker listen. valkey_port is None when REDIS_URL names a broker that somebody else runs."""

    host: str
    port: int
    valkey_port: int | None

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"


class AddressError(Exception):
    """A port is not a number, or taken, or .env cannot be read; the message says what to do."""


def read_addresses() -> Addresses:
    """Read HOST, PORT, VALKEY_PORT and REDIS_URL from the environment, else from .env, else their defaults.

    Raises AddressError when a port is not one, or .env cannot be read.
    """
    settings = {**_dotenv(ROOT / ".env"), **os.environ}
    elsewhere = settings.get("CELERY_BROKER_URL") or settings.get("REDIS_URL")
    return Addresses(
        host=settings.get("HOST") or "127.0.0.1",
        port=_port(settings, "PORT", 8000),
        valkey_port=None if elsewhere else _port(settings, "VALKEY_PORT", 6390),
    )


def require_free(addresses: Addresses) -> None:
    """Raise AddressError when somebody listens on one of our ports already."""
    wanted = [("PORT", "the web server", addresses.host, addresses.port)]
    if addresses.valkey_port is not None:
        wanted.append(("VALKEY_PORT", "the bundled Valkey", "127.0.0.1", addresses.valkey_port))
    for name, user, host, port in wanted:
        reason = _why_taken(host, port)
        if reason:
            raise AddressError(
                f"Port {port}, for {user}, cannot be used on {host}: {reason}. Stop the program that has it "
                f"(perhaps another scripts/run), or choose another port: {name}={port + 1} scripts/run"
            )


def _why_taken(host: str, port: int) -> str:
    """Return why nothing can listen there, or nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last run may linger
        try:
            probe.bind((host, port))
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return ""


def _port(settings: dict[str, str], name: str, default: int) -> int:
    text = settings.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise AddressError(f"{name}={text} is not a port; use a number from 1 to 65535.")
    return int(text)


def _dotenv(path: Path) -> dict[str, str]:
    """Read KEY=value lines; settings.py reads the same file, more strictly. Raises AddressError."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError) as error:
        raise AddressError(f"{path} cannot be read: {error}") from error
    pairs = (line.removeprefix("export ").partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, equals, value in pairs if equals}


if __name__ == "__main__":
    try:
        require_free(read_addresses())
    except AddressError as error:
        sys.exit(str(error))
