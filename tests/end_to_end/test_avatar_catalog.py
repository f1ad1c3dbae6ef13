"""A curator adds an avatar of a living person, sees it talk, and revokes the consent: nothing of it is left."""

import re
from datetime import date

import httpx

from tests.end_to_end.curator import post
from tests.live import LiveService
from tests.servers import wait_until

ADMIN = "/admin/catalog/"


def listed(client: httpx.Client) -> set[str]:
    answer = client.get("/api/avatars", headers={"Cache-Control": "no-cache"})
    return {avatar["id"] for avatar in answer.json()}


def test_an_avatar_is_looked_at_talks_and_goes_with_its_consent(
    curator: httpx.Client, live_service: LiveService, photo: bytes
) -> None:
    terms = {"person": "Eileen", "granted_on": date.today().isoformat(), "scope": "Tests", "notes": ""}
    post(curator, f"{ADMIN}consent/add/", terms, {"evidence": ("signed.txt", b"I agree. Eileen")})
    consents = curator.get(f"{ADMIN}consent/").text
    consent = max(int(number) for number in re.findall(r"/consent/([0-9]+)/change/", consents))

    form = {"id": "eileen", "name": "Eileen", "style": "photo", "gender": "female", "tags": "tests", "licence": "PD"}
    form |= {"depicts_living_person": "on", "consent": str(consent)}
    page = post(curator, f"{ADMIN}avatar/add/", form, {"photo": ("photo.jpg", photo)})
    assert "Being looked at" in page
    panel = f"{ADMIN}avatar/eileen/analysis"
    wait_until(lambda: "This photo can talk" in curator.get(panel).text, "the verdict", within_s=60)
    assert curator.get(panel).text.count("<circle") == 478
    change = f"{ADMIN}avatar/eileen/change/"
    wait_until(lambda: "<video" in curator.get(change).text, "the clip", within_s=90)
    post(curator, change, form | {"is_published": "on"})
    assert "eileen" in listed(curator)
    image = next(one for one in curator.get("/api/avatars").json() if one["id"] == "eileen")["image_url"]
    assert curator.get(image).status_code == 200

    video = live_service.create(avatar_id="eileen", text="Hi.", resolution="256").headers["X-Video-Id"]
    live_service.wait_for(video)
    receipt = post(curator, f"{ADMIN}consent/{consent}/revoke", {"reason": "asked by mail"})
    assert video in receipt
    assert "eileen" not in listed(curator)
    assert curator.get(image).status_code == 404
    assert live_service.client.get(f"/api/express/video/{video}").status_code == 410
    assert live_service.create(avatar_id="eileen", text="Hi.").json()["error"]["code"] == "unknown_avatar"
