"""A browser for the tests of the page."""

from collections.abc import Iterator

import httpx
import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from tests.end_to_end.browser import CHROMEDRIVER, CHROMIUM, FLAGS, Studio
from tests.end_to_end.curator import MAKE_CURATOR, post
from tests.live import LiveService


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=ChromeService(CHROMEDRIVER))
    yield chrome
    chrome.quit()


@pytest.fixture
def studio(driver: Chrome, live_service) -> Studio:
    driver.get_log("browser")  # forget what the last test's page said
    return Studio(driver, live_service.url)


@pytest.fixture(scope="module")
def curator(live_service: LiveService) -> Iterator[httpx.Client]:
    """Somebody who is logged in to the admin."""
    live_service.manage("shell", "-c", MAKE_CURATOR)
    with httpx.Client(base_url=live_service.url, follow_redirects=True, timeout=60) as client:
        post(client, "/admin/login/", {"username": "curator", "password": "curates", "next": "/admin/"})
        yield client
