"""Which database the tests of this process run on."""

import os
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.db import connections

from tests.servers import Postgres

SETTINGS = Path(__file__).resolve().parent.parent / "talkingphotos" / "settings.py"


@contextmanager
def postgresql(folder: Path) -> Iterator[None]:
    """Let Django use a PostgreSQL server of our own, with what settings.py makes of such an address."""
    server = Postgres(folder)
    try:
        server.start()
        with mock.patch.dict(os.environ, DATABASE_URL=server.url):
            settings.DATABASES = runpy.run_path(str(SETTINGS))["DATABASES"]
        connections.close_all()
        connections.settings = connections.configure_settings(settings.DATABASES)
        del connections["default"]  # what was made for the database before
        yield
    finally:
        server.remove()


def sqlite_file(folder: Path) -> None:
    """Let SQLite use a file, where its default for tests is memory: a rendering's threads need the same database."""
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")
