"""Bring a checkout to the state in which its processes can start; every step may be repeated.

    python -m scripts.prepare

Writes .env with a fresh secret key, migrates the database, loads the stock catalog, makes an administrator when there
is none, and says which ONNX Runtime providers are live.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Run every step, in one process since each start of Django takes a second."""
    write_dotenv(ROOT / ".env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talkingphotos.settings")
    import django
    from django.core.management import call_command

    django.setup()
    with ending_in_one_line():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_stock", verbosity=0)
        make_first_admin()
    report_providers()


@contextmanager
def ending_in_one_line() -> Iterator[None]:
    """End with one line where a database or a storage that is named in the settings cannot be used."""
    from django.db import OperationalError

    try:
        yield
    except OperationalError as error:
        sys.exit(f"The database of DATABASE_URL cannot be used: {' '.join(str(error).split())}")
    except OSError as error:
        sys.exit(f"Files cannot be stored where MEDIA_ROOT or STORAGE_BUCKET says: {error}")


def write_dotenv(path: Path) -> None:
    """Write a .env that only its owner can read, unless there is one."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(file, "w") as stream:
        stream.write(
            f"# Settings of this installation; README.md lists them all.\nSECRET_KEY={secrets.token_hex(32)}\n"
        )


def make_first_admin() -> None:
    """Make a superuser with a random password, printed this once, when there is no superuser."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return
    password = secrets.token_urlsafe(12)
    name = "admin"
    if users.filter(username=name).exists():
        name = f"admin-{secrets.token_hex(3)}"
    users.create_superuser(name, "", password)
    print(f"\n  Administrator: {name}\n  Password:      {password}   (shown this once)\n", flush=True)


def report_providers() -> None:
    """Say what the networks will run on, as found by loading a model, not by what is compiled in."""
    from engine.sessions import live_providers

    print(f"ONNX Runtime providers that load here: {', '.join(live_providers())}", flush=True)


if __name__ == "__main__":
    main()
