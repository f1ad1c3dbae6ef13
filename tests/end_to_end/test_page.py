"""The studio page in a real browser, with the whole service behind it."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests import factories
from tests.end_to_end.browser import CHROMEDRIVER, CHROMIUM, PHONE
from tests.engine.pictures import all_face, encoded, portrait

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and CHROMEDRIVER), reason="no Chromium with chromedriver on this machine (Debian: chromium-driver)"
)


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


def test_a_link_shows_its_video_also_where_the_faces_come_late(studio, live_service, photo):
    made = live_service.create(image=photo, text="Good morning.", resolution=208, fps=10)
    with studio.slow("/api/avatars"):
        studio.open(f"/#v={made.headers['X-Video-Id']}")
        assert studio.state() == "done"
        assert studio.wait_for_video() > 0.5
        studio.open("/#v=00000000-0000-4000-8000-000000000000")
        assert len(studio.errors()) == 1
    studio.get("back").click()
    assert studio.errors() == []
    assert studio.get("photo").is_displayed()


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

    first = studio.driver.current_url
    studio.create()
    studio.wait_for(lambda: studio.driver.current_url != first)
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
    choose = "const voice = document.getElementById('voice'); voice.value = 'hibari-us'; "

    def has_sample() -> bool:  # a worker makes it after the first start
        studio.open()
        studio.js(f"{choose} voice.dispatchEvent(new Event('change'))")
        return studio.get("hear").is_enabled()

    studio.wait_for(has_sample, within_s=60)
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
