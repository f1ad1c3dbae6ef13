"""The studio page as a visitor uses it, in headless Chromium."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMEDRIVER = shutil.which("chromedriver")

FLAGS = (
    "--headless",
    "--no-sandbox",  # root may not have one
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",  # and is allowed
)
DESKTOP, PHONE = (1280, 800), (360, 740)
ANSWERS_WITHIN_S = 10.0
RENDERS_WITHIN_S = 90.0


class Studio:
    """The page as a visitor uses it."""

    def __init__(self, driver: Chrome, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self, path: str = "/", size: tuple[int, int] = DESKTOP) -> None:
        """Load the page and wait until the stock faces and the voices are there."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get("about:blank")
        self.driver.get(self.url + path)
        self.wait_for(lambda: self.driver.find_elements(By.NAME, "avatar") and self._has_voices())

    def _has_voices(self) -> bool:
        return bool(self.driver.find_elements(By.CSS_SELECTOR, "#voice optgroup"))

    def get(self, id: str) -> WebElement:
        return self.driver.find_element(By.ID, id)

    def click(self, selector: str) -> None:
        """Click as a visitor does, who scrolls to where the create button of a phone covers nothing."""
        element = self.driver.find_element(By.CSS_SELECTOR, selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def choose_face(self, id: str) -> None:
        self.click(f"input[name=avatar][value={id}]")

    def choose_speech(self, kind: str) -> None:
        self.click(f"input[name=speech][value={kind}]")

    def create(self) -> None:
        self.click("#create")

    def state(self) -> str:
        return self.get("studio").get_attribute("data-state")

    def wait_for(self, condition, within_s: float = ANSWERS_WITHIN_S):
        return WebDriverWait(self.driver, within_s, poll_frequency=0.1).until(lambda _: condition())

    def wait_for_video(self) -> float:
        """Wait for the video on the stage; return its duration in seconds."""
        self.wait_for(lambda: self.state() == "done" or self.errors(), RENDERS_WITHIN_S)
        assert self.state() == "done", self.errors()
        return self.wait_for(lambda: self.js("return document.getElementById('video').duration || 0"))

    def errors(self) -> list[str]:
        """Every error that can be seen."""
        alerts = self.driver.find_elements(By.CSS_SELECTOR, "[role=alert]")
        return [alert.text for alert in alerts if alert.is_displayed()]

    def js(self, script: str):
        return self.driver.execute_script(script)

    def complaints(self) -> list[str]:
        """What the browser's console says of faults, blocked addresses included."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def block(self, *urls: str) -> None:
        """Let requests to these addresses fail, and all others pass."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": urls})

    @contextmanager
    def slow(self, path: str, by_s: float = 1.5) -> Iterator[None]:
        """Let the pages that are opened meanwhile wait longer for what they fetch from a path."""
        source = f"""
            const quick = window.fetch;
            window.fetch = async (address, ...more) => {{
                if (address === "{path}") await new Promise((done) => setTimeout(done, {1000 * by_s}));
                return quick(address, ...more);
            }};
        """
        script = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def overflows(self) -> bool:
        return bool(self.js("return document.documentElement.scrollWidth > innerWidth"))
