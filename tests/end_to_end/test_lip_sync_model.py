"""A curator brings a lip-sync model; a worker tries it; a request names it; the page offers it."""

import httpx
import pytest

from tests.end_to_end.browser import CHROMEDRIVER, CHROMIUM
from tests.end_to_end.curator import post
from tests.engine.mouths import network
from tests.live import LiveService
from tests.servers import wait_until

ADMIN = "/admin/catalog/lipsyncmodel/"
FORGET = "from catalog.models import LipSyncModel; LipSyncModel.objects.exclude(pk='layered').delete()"


def registered(client: httpx.Client, id: str, content: bytes) -> str:
    form = {"id": id, "name": id.title(), "licence": "MIT", "commercial_use": "on", "is_published": "on"}
    return post(client, f"{ADMIN}add/", form, {"file": (f"{id}.onnx", content)})


def page_of(client: httpx.Client, id: str) -> str:
    return client.get(f"{ADMIN}{id}/change/").text


def test_a_model_is_tried_listed_and_draws(curator: httpx.Client, live_service: LiveService, photo: bytes) -> None:
    assert "It is being tried" in registered(curator, "lips", network())
    wait_until(lambda: "tp-green" in page_of(curator, "lips"), "the verdict", within_s=90)
    listed = {model["id"]: model for model in curator.get("/api/models").json()}
    assert listed["lips"]["contract"] == "wav2lip"
    assert listed["layered"]["is_default"]
    wait_until(lambda: "<video" in page_of(curator, "lips"), "the preview", within_s=120)

    answer = live_service.create(image=photo, text="Hi.", resolution="256", model_id="lips")
    assert answer.status_code == 200, answer.text
    assert live_service.wait_for(answer.headers["X-Video-Id"])["model_id"] == "lips"


def test_what_is_no_model_is_refused_with_the_reason(curator: httpx.Client) -> None:
    registered(curator, "letter", b"Dear Sir or Madam")
    wait_until(lambda: "does not fit" in page_of(curator, "letter"), "the verdict", within_s=90)
    assert "ONNX Runtime cannot open it" in page_of(curator, "letter")
    assert "letter" not in {model["id"] for model in curator.get("/api/models").json()}


@pytest.mark.skipif(not (CHROMIUM and CHROMEDRIVER), reason="no Chromium with chromedriver on this machine")
def test_the_page_offers_the_models_once_there_are_several(curator, studio, live_service) -> None:
    live_service.manage("shell", "-c", FORGET)
    studio.open()
    studio.click("#step-more summary")
    assert not studio.get("model_id").is_displayed()

    registered(curator, "mouth", network())
    wait_until(lambda: "tp-green" in page_of(curator, "mouth"), "the verdict", within_s=90)
    studio.driver.execute_cdp_cmd("Network.enable", {})
    studio.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})  # lists may be a minute old
    studio.open()
    studio.click("#step-more summary")
    studio.wait_for(lambda: studio.get("model_id").is_displayed())
    assert studio.get("model_id").get_attribute("value") == "layered"
