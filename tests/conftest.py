"""Fixtures that every kind of test may use. `live_service` starts once a session, when a test first asks for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases, factories
from tests.live import LiveService


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what the tests that need a database run on; postgresql: a server of their own",
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Choose the database before pytest-django makes it."""
    folder = tmp_path_factory.mktemp("database")
    if request.config.getoption("database") == "postgresql":
        with databases.postgresql(folder):
            yield
    else:
        databases.sqlite_file(folder)
        yield


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
