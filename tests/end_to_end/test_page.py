"""The studio page in a real browser, with the whole service behind it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests import factories
from tests.engine.pictures import all_face, encoded, portrait

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMEDRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and CHROMEDRIVER), reason="no Chromium with chromedriver on this machine (Debian: chromium-driver)"
)

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
        self.wait_for(lambda: self.driver.find_elements(By.NAME, "avatar") and self.get("hear").is_enabled())

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
        self.wait_for(lambda: self.state() != "working", RENDERS_WITHIN_S)
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

    def overflows(self) -> bool:
        return bool(self.js("return document.documentElement.scrollWidth > innerWidth"))


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


def test_a_stock_face_says_typed_words(studio):
    studio.open()
    studio.choose_face("maya")
    studio.get("text").send_keys("Good morning.")
    studio.create()
    assert 0.5 < studio.wait_for_video() < 5
    assert studio.get("download").get_attribute("href") == studio.get("video").get_attribute("src")
    assert studio.get("download").get_attribute("download").endswith(".mp4")
    assert " s · " in studio.get("facts").text
    assert studio.driver.title == "Ready · Talking Photos"
    assert studio.js("return document.activeElement.id") == "video", "the keyboard's focus is not lost"
    assert studio.errors() == []
    assert studio.complaints() == []

    link = studio.js("return location.hash")
    assert link.startswith("#v=")
    studio.open(f"/{link}")
    assert studio.wait_for_video() > 0.5, "the link shows the video again"


def test_an_own_photo_says_a_recording(studio, tmp_path: Path, photo):
    (tmp_path / "me.jpg").write_bytes(photo)
    (tmp_path / "me.wav").write_bytes(factories.spoken_wav("My own words."))
    studio.open()
    studio.get("photo-file").send_keys(str(tmp_path / "me.jpg"))
    studio.choose_speech("audio")
    studio.get("audio-file").send_keys(str(tmp_path / "me.wav"))
    assert studio.get("audio-name").text == "me.wav"
    studio.create()
    assert 1 < studio.wait_for_video() < 6

    studio.create()
    studio.wait_for(lambda: studio.state() == "working")
    assert studio.wait_for_video() > 1, "another one with the same choices"


def test_the_work_goes_on_after_a_reload_and_can_be_stopped(studio, live_service):
    studio.open()
    studio.choose_face("maya")
    studio.get("text").send_keys("This is going to take a while, unless somebody stops me. " * 5)
    studio.create()
    studio.wait_for(lambda: studio.get("stop").is_displayed())
    video_id = studio.js("return location.hash").removeprefix("#v=")
    studio.driver.refresh()
    studio.wait_for(lambda: studio.get("stop").is_displayed())
    assert studio.state() == "working"
    studio.get("stop").click()
    studio.wait_for(lambda: studio.state() == "editing")
    assert live_service.client.get(f"/api/express/videos/{video_id}").json()["status"] == "canceled"
    assert studio.errors() == []


def test_what_the_microphone_heard_is_said(studio):
    studio.open()
    studio.choose_speech("audio")
    studio.click("#record")
    studio.wait_for(lambda: studio.get("record-text").text == "Stop, 0:02")
    studio.click("#record")
    studio.wait_for(lambda: studio.get("audio-name").text.startswith("Recording."))
    studio.create()
    assert 1 < studio.wait_for_video() < 6


def test_a_file_that_is_no_photo_gets_its_hint_beside_the_faces(studio, tmp_path: Path):
    (tmp_path / "holiday.jpg").write_text("Dear diary")
    studio.open()
    studio.get("photo-file").send_keys(str(tmp_path / "holiday.jpg"))
    studio.wait_for(lambda: "holiday.jpg" in studio.get("nameless").text)
    studio.create()
    error = studio.wait_for(lambda: studio.get("photo-error").text)
    assert "Send a whole JPEG" in error
    assert studio.errors() == [error]
    assert studio.state() == "editing"

    studio.choose_face("maya")
    assert studio.errors() == [], "the error goes when another face is chosen"


def test_one_of_several_faces_is_chosen_in_the_picture(studio, tmp_path: Path):
    (tmp_path / "two.jpg").write_bytes(factories.two_portraits_jpeg())
    studio.open()
    studio.get("photo-file").send_keys(str(tmp_path / "two.jpg"))
    studio.get("text").send_keys("Me?")
    studio.create()
    studio.wait_for(lambda: len(studio.driver.find_elements(By.CSS_SELECTOR, ".face-box")) == 2)
    assert "Choose in the picture who speaks." in studio.get("photo-error").text
    photo, boxes = (
        studio.get("photo").rect,
        [box.rect for box in studio.driver.find_elements(By.CSS_SELECTOR, ".face-box")],
    )
    centers = sorted((box["x"] + box["width"] / 2 - photo["x"]) / photo["width"] for box in boxes)
    assert centers == pytest.approx([0.22, 0.72], abs=0.02), "framed where the faces are"
    studio.click(".face-box")
    assert studio.wait_for_video() > 0.2
    assert studio.errors() == []


def test_a_connection_that_is_lost_is_told_and_tried_again(studio):
    studio.open()
    studio.get("text").send_keys("Again.")
    studio.block("*/api/express/create")
    studio.create()
    studio.wait_for(lambda: studio.get("retry").is_displayed())
    assert "cannot be reached" in studio.get("failed-message").text
    studio.block()
    studio.click("#retry")
    assert studio.wait_for_video() > 0.2


def test_without_the_catalog_an_own_photo_still_works(studio):
    studio.block("*/api/avatars")
    try:
        studio.driver.get(studio.url)
        studio.wait_for(lambda: "could not be loaded" in studio.get("faces").text)
        assert studio.driver.find_elements(By.CSS_SELECTOR, ".skeleton") == []
        studio.create()
        assert "There is no face yet." in studio.get("photo-error").text
    finally:
        studio.block()


def test_words_that_cannot_be_spoken_get_their_hint_beside_the_words(studio):
    studio.open()
    studio.js("document.getElementById('text').value = '🙂🙂'")
    studio.create()
    error = studio.wait_for(lambda: studio.get("speech-error").text)
    assert "emoji" in error
    assert studio.errors() == [error]


def test_files_can_be_dropped_anywhere(studio):
    studio.open()
    drop = (
        "const files = new DataTransfer();"
        "files.items.add(new File(['x'], arguments[0], {type: arguments[1]}));"
        "document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true}));"
    )
    studio.driver.execute_script(drop, "granny.png", "image/png")
    assert studio.get("own-name").text == "granny.png"
    assert studio.driver.find_elements(By.CSS_SELECTOR, "[name=avatar]:checked") == []
    studio.driver.execute_script(drop, "song.mp3", "audio/mpeg")
    assert studio.get("audio-name").text == "song.mp3"
    assert studio.get("panel-audio").is_displayed()
    studio.click("#audio-remove")
    assert studio.get("audio-name").text == "Choose a recording"


def test_a_shape_and_a_background_can_be_chosen(studio, tmp_path: Path):
    (tmp_path / "me.jpg").write_bytes(encoded(portrait(256)))
    studio.open()
    studio.get("photo-file").send_keys(str(tmp_path / "me.jpg"))
    studio.get("text").send_keys("Hi.")
    studio.js("document.getElementById('step-more').open = true")
    Select(studio.get("aspect_ratio")).select_by_value("4:5")
    Select(studio.get("background")).select_by_visible_text("Blurred")
    studio.create()
    assert studio.wait_for_video() > 0.2
    assert studio.js("const v = document.getElementById('video'); return [v.videoWidth, v.videoHeight]") == [204, 256]


def test_a_background_that_cannot_be_replaced_is_told_beside_the_options(studio, tmp_path: Path):
    (tmp_path / "close.png").write_bytes(encoded(all_face(), "PNG"))
    studio.open()
    studio.get("photo-file").send_keys(str(tmp_path / "close.png"))
    studio.js("document.getElementById('step-more').open = true")
    Select(studio.get("background")).select_by_value("#ffffff")
    studio.create()
    hint = studio.wait_for(lambda: studio.get("more-error").text)
    assert "stands out" in hint
    assert studio.state() != "done"


def test_a_missing_recording_is_asked_for_without_asking_the_service(studio):
    studio.open()
    studio.choose_speech("audio")
    studio.create()
    assert "Choose a file" in studio.get("speech-error").text


def test_a_link_to_a_video_that_does_not_exist_says_so(studio):
    studio.open("/#v=00000000-0000-4000-8000-000000000000")
    studio.wait_for(lambda: studio.get("failed-message").is_displayed())
    assert studio.get("failed-message").text
    studio.get("back").click()
    assert studio.state() == "editing"
    assert studio.js("return location.hash") == ""
    assert studio.get("photo").is_displayed()


def test_a_voice_can_be_heard(studio):
    studio.open()
    studio.get("hear").click()
    studio.wait_for(lambda: studio.get("hear").get_attribute("aria-label") == "Stop the voice")
    studio.get("hear").click()
    studio.wait_for(lambda: studio.get("hear").get_attribute("aria-label") == "Hear the voice")
    assert studio.complaints() == []


def test_the_keyboard_is_enough(studio):
    studio.open()
    body = studio.driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert studio.js("return document.activeElement.className") == "skip"
    studio.js("document.querySelector('[name=avatar]:checked').focus()")
    studio.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    second = studio.js("return document.querySelectorAll('[name=avatar]')[1].value")
    assert studio.js("return document.querySelector('[name=avatar]:checked').value") == second
    names = studio.js(
        "return [...document.querySelectorAll('input, select, textarea, button')]"
        ".filter(field => field.checkVisibility())"
        ".filter(field => !(field.labels?.length || field.ariaLabel || field.innerText.trim()))"
        ".map(field => field.outerHTML)"
    )
    assert names == [], "every field has a name"


def test_a_phone_shows_all_of_it_without_scrolling_sideways(studio, tmp_path: Path):
    studio.open(size=PHONE)
    assert not studio.overflows()
    studio.js("document.getElementById('step-more').open = true")
    assert not studio.overflows()
    studio.choose_speech("audio")
    name = "a-recording-with-a-very-long-name-that-never-ends-" * 3 + ".wav"
    (tmp_path / name).write_bytes(b"noise")
    studio.get("audio-file").send_keys(str(tmp_path / name))
    assert not studio.overflows()
    studio.create()
    studio.wait_for(lambda: studio.get("speech-error").text)
    assert not studio.overflows()


def test_everything_comes_from_this_service(studio):
    studio.open()
    hosts = studio.js("return [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).origin))]")
    assert hosts == [studio.url]
    assert studio.complaints() == []
