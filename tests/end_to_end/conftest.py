"""A browser for the tests of the page."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from tests.end_to_end.browser import CHROMEDRIVER, CHROMIUM, FLAGS, Studio


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
