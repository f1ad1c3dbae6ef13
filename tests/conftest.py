"""Fixtures that every kind of test may use. `live_service` starts once a session, when a test first asks for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.live import LiveService


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file, where SQLite's default for tests is memory: the threads of a rendering need the same database."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    """Each test stores its files in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    root: Path = settings.MEDIA_ROOT
    return root


@pytest.fixture(scope="session")
def live_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """The whole service over HTTP, with a real broker and a real worker behind it; its address is `.url`."""
    service = LiveService(tmp_path_factory.mktemp("service"))
    try:
        service.start()
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG of one face from the front."""
    return factories.portrait_jpeg()
