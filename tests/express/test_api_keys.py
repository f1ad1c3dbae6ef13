"""Who may use the API, what each key sees, and how much it may ask for."""

import io
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from express import tasks
from express.models import ApiKey, Video
from express.services import create as create_service
from tests import factories

pytestmark = pytest.mark.django_db
CREATE = "/api/express/create"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody renders here."""
    monkeypatch.setattr(tasks.render_video, "delay", lambda video_id: None)


@pytest.fixture
def owner() -> dict[str, str]:
    """A key's header."""
    return bearer(ApiKey.issue(name="Owner")[1])


@pytest.fixture
def stranger() -> dict[str, str]:
    """Another key's."""
    return bearer(ApiKey.issue(name="Stranger")[1])


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def create(client: Client, photo: bytes, headers: dict[str, str], text: str = "Hello.") -> Any:
    form = {"image": SimpleUploadedFile("a.jpg", photo), "text": text}
    return client.post(CREATE, form, headers={"Prefer": "respond-async", **headers})


def test_nobody_needs_a_key_until_the_server_says_so(client: Client, photo: bytes, settings: Any) -> None:
    assert create(client, photo, {}).status_code == 202
    settings.API_KEYS_REQUIRED = True
    refused = create(client, photo, {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_authenticated")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert "create_api_key" in refused.json()["error"]["hint"]
    assert client.get("/api/voices").status_code == 200  # the catalog is everybody's


def test_a_key_opens_by_either_header(client: Client, photo: bytes, settings: Any) -> None:
    settings.API_KEYS_REQUIRED = True
    key, secret = ApiKey.issue(name="Shop")
    assert create(client, photo, bearer(secret)).status_code == 202
    assert create(client, photo, {"X-Api-Key": secret}).status_code == 202
    key.refresh_from_db()
    assert key.last_used_at
    assert set(Video.objects.values_list("owner", flat=True)) == {key.pk}


def test_a_secret_is_kept_nowhere() -> None:
    key, secret = ApiKey.issue(name="Shop")
    assert secret.startswith(f"tp_{key.prefix}_")
    assert secret not in str(list(ApiKey.objects.values()))
    assert ApiKey.find(secret) == key


@pytest.mark.parametrize(
    "change", [lambda secret: secret + "x", lambda secret: secret[:12], lambda secret: "tp__", str]
)
def test_a_wrong_key_is_refused_even_where_none_is_needed(client: Client, photo: bytes, change: Any) -> None:
    key, secret = ApiKey.issue(name="Shop")
    if change is str:
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    assert create(client, photo, bearer(change(secret))).status_code == 401
    assert not Video.objects.exists()


@pytest.mark.parametrize("address", ["video/{}", "videos/{}", "videos/{}/thumbnail", "videos/{}/captions.vtt"])
def test_a_key_s_videos_are_unknown_to_everybody_else(
    client: Client, owner: dict[str, str], stranger: dict[str, str], address: str
) -> None:
    video = factories.completed_video(owner=ApiKey.objects.get(name="Owner"))
    url = "/api/express/" + address.format(video.pk)
    for headers in (stranger, {}):
        answer = client.get(url, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "video_not_found")
    assert client.get(url, headers=owner).status_code == 200 or "captions" in url


def test_nobody_else_can_stop_or_delete_them(client: Client, owner: dict[str, str], stranger: dict[str, str]) -> None:
    video = factories.queued_video(owner=ApiKey.objects.get(name="Owner"))
    url = f"/api/express/videos/{video.pk}"
    for headers in (stranger, {}):
        assert client.delete(url, headers=headers).status_code == 404
        assert client.post(f"{url}/cancel", headers=headers).status_code == 404
    assert client.post(f"{url}/cancel", headers=owner).status_code == 200


def test_who_is_logged_in_to_the_admin_sees_every_video(admin_client: Client, settings: Any) -> None:
    settings.API_KEYS_REQUIRED = True
    ApiKey.issue(name="Owner")
    video = factories.completed_video(b"film", owner=ApiKey.objects.get())
    assert admin_client.get(f"/api/express/video/{video.pk}").getvalue() == b"film"
    assert admin_client.delete(f"/api/express/videos/{video.pk}").status_code == 401  # no token: it may be forged


def test_the_studio_works_for_who_is_logged_in(admin_user: Any, photo: bytes, settings: Any) -> None:
    settings.API_KEYS_REQUIRED = True
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    page = client.get("/").content.decode()
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    assert create(client, photo, {"X-CSRFToken": token}).status_code == 202
    assert create(client, photo, {"X-CSRFToken": "forged"}).status_code == 403
    assert "csrf-token" not in Client().get("/").content.decode()


def test_a_client_has_so_many_videos_at_once(client: Client, photo: bytes, settings: Any) -> None:
    settings.CLIENT_MAX_RUNNING = 2
    assert [create(client, photo, {}, text).status_code for text in ("One.", "Two.", "Three.")] == [202, 202, 429]
    refused = create(client, photo, {})
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) >= 1
    generous = bearer(ApiKey.issue(name="Shop", max_running=0)[1])
    assert create(client, photo, generous).status_code == 202


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limits", [{"max_running": 2}, {"max_per_minute": 2}])
def test_no_more_get_in_when_all_come_at_once(
    photo: bytes, limits: dict[str, int], media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = ApiKey.issue(name="Shop", **limits)
    real, all_are_in = create_service.checked, threading.Barrier(6)

    def checked(request: Any) -> Video:
        video = real(request)
        all_are_in.wait()
        return video

    monkeypatch.setattr(create_service, "checked", checked)
    statuses: list[int] = []

    def send(number: int) -> None:
        statuses.append(create(Client(), photo, bearer(secret), f"Number {number}.").status_code)
        connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] * 2 + [429] * 4
    assert len(set(Video.objects.values_list("turn", flat=True))) == Video.objects.filter(owner=key).count() == 2
    assert sum(path.is_file() for path in media_root.rglob("*")) == 2  # what was refused leaves no file


def test_a_client_creates_so_many_a_minute(client: Client, photo: bytes) -> None:
    _, secret = ApiKey.issue(name="Shop", max_per_minute=1)
    create(client, photo, bearer(secret))
    Video.objects.update(created_at=timezone.now() - timedelta(seconds=50))
    refused = create(client, photo, bearer(secret))
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) in (10, 11)
    Video.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    assert create(client, photo, bearer(secret)).status_code == 202


def test_only_our_own_proxies_are_believed(client: Client, photo: bytes, settings: Any) -> None:
    settings.PROXY_COUNT = 1
    for forwarded in ("203.0.113.9, 198.51.100.1", "made, up, 198.51.100.1"):
        create(client, photo, {"X-Forwarded-For": forwarded})
    assert len(set(Video.objects.values_list("client", flat=True))) == 1
    assert "198.51.100.1" not in str(list(Video.objects.values()))


def test_the_command_prints_the_key_alone() -> None:
    out = io.StringIO()
    call_command("create_api_key", "Shop, staging", "--max-running", "3", stdout=out, stderr=io.StringIO())
    key = ApiKey.find(out.getvalue().strip())
    assert key is not None
    assert (key.name, key.max_running) == ("Shop, staging", 3)


def test_the_admin_shows_a_new_key_once_and_revokes_it(admin_client: Client) -> None:
    page = admin_client.post(
        "/admin/express/apikey/add/", {"name": "Shop", "max_priority": "0"}, follow=True
    ).content.decode()
    secret = page.split("<code>")[1].split("</code>")[0]
    key = ApiKey.find(secret)
    assert key is not None
    assert secret not in admin_client.get(f"/admin/express/apikey/{key.pk}/change/").content.decode()
    admin_client.post("/admin/express/apikey/", {"action": "revoke", "_selected_action": [str(key.pk)]})
    assert ApiKey.find(secret) is None
