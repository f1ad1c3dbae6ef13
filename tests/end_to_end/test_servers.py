"""The service with PostgreSQL, Valkey behind a Sentinel and an S3 bucket, named by the environment alone.

Web server and worker share no folder.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.end_to_end.faults.rig import names_in_storage
from tests.live import LiveService
from tests.servers import Bucket, Postgres, Replica, Sentinel, wait_until

REDIRECT_S = 60


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    folder = tmp_path_factory.mktemp("servers")
    database, bucket = Postgres(folder), Bucket(folder)
    service = LiveService(folder, database, bucket, 1, {"STORAGE_REDIRECT_S": str(REDIRECT_S)})
    replica = Replica(folder, service.valkey)
    sentinel = Sentinel(folder, service.valkey)
    service.environment |= {"CELERY_BROKER_URL": sentinel.url, "SENTINEL_MASTER": sentinel.master}
    servers = (database, bucket, service.valkey, replica, sentinel)
    try:
        for server in servers:
            server.start()
        service.start()
        service.replica = replica  # type: ignore[attr-defined]
        service.sentinel = sentinel  # type: ignore[attr-defined]
        yield service
    finally:
        service.stop()
        for server in servers:
            server.remove()


@pytest.fixture(scope="module")
def made(service: LiveService, photo: bytes) -> httpx.Response:
    """The answer to a creation that waited."""
    return service.create(image=photo, text="Hi.", resolution=256)


def test_a_video_is_made_and_comes_back_at_once(service: LiveService, made: httpx.Response) -> None:
    assert made.status_code == 200, made.text
    assert made.headers["Content-Type"] == "video/mp4"
    row = service.rows(f"SELECT status FROM express_video WHERE id = '{made.headers['X-Video-Id']}'")
    assert row == [("completed",)]
    assert not service.media.exists() or not any(path.is_file() for path in service.media.rglob("*"))


def test_its_address_leads_to_the_bucket_for_a_while(service: LiveService, made: httpx.Response) -> None:
    answer = service.client.get(made.headers["Content-Location"])
    assert answer.status_code == 302
    signed = answer.headers["Location"]
    assert f"X-Amz-Expires={REDIRECT_S}" in signed
    whole = httpx.get(signed)
    assert whole.content == made.content
    assert whole.headers["Content-Type"] == "video/mp4"
    assert made.headers["X-Video-Id"] in whole.headers["Content-Disposition"]
    part = httpx.get(signed, headers={"Range": "bytes=10-19"})
    assert part.content == made.content[10:20]
    forged = httpx.get(signed.replace("X-Amz-Signature=", "X-Amz-Signature=0"))
    assert forged.status_code == 403


def test_who_has_it_already_or_asks_for_its_head_is_not_sent_away(service: LiveService, made: httpx.Response) -> None:
    address, etag = made.headers["Content-Location"], made.headers["ETag"]
    assert service.client.get(address, headers={"If-None-Match": etag}).status_code == 304
    head = service.client.head(address)
    assert (head.status_code, int(head.headers["Content-Length"])) == (200, len(made.content))


def test_the_catalog_s_pictures_come_out_of_the_bucket(service: LiveService) -> None:
    avatar = service.client.get("/api/avatars").json()[0]
    picture = service.client.get(avatar["image_url"])
    assert picture.status_code == 200
    assert picture.headers["Content-Type"].startswith("image/")
    part = service.client.get(avatar["image_url"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, picture.content[100:200])


def test_a_video_is_made_of_an_avatar_and_deleted_with_all_its_objects(service: LiveService) -> None:
    before = names_in_storage(service)
    avatar = service.client.get("/api/avatars").json()[0]["id"]
    answer = service.create(avatar_id=avatar, text="Hi.", resolution=256)
    assert answer.status_code == 200, answer.text
    assert len(names_in_storage(service) - before) == 2  # video and poster
    assert service.client.delete(f"/api/express/videos/{answer.headers['X-Video-Id']}").status_code == 204
    assert names_in_storage(service) == before


def test_when_the_broker_dies_the_sentinel_s_choice_takes_over(service: LiveService, photo: bytes) -> None:
    sentinel, replica = service.sentinel, service.replica  # type: ignore[attr-defined]
    wait_until(lambda: b"num-slaves\r\n$1\r\n1" in sentinel.ask("SENTINEL MASTERS"), "the Sentinel knows the replica")
    service.valkey.kill()
    wait_until(
        lambda: str(replica.port).encode() in sentinel.ask(f"SENTINEL get-master-addr-by-name {sentinel.master}"),
        "the replica is promoted",
    )
    answer = service.create(image=photo, text="Still here.", resolution=256, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    assert service.wait_for(answer.json()["id"])["status"] == "completed"
