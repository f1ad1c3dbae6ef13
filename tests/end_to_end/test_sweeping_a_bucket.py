"""The sweep over an S3 bucket: a server that speaks the real protocol."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from express import disk, sweeping
from express.sweeping import sweep
from talkingphotos.doctor import Level, surroundings
from tests import factories
from tests.servers import Bucket

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(settings: Any, tmp_path: Path) -> Iterator[Bucket]:
    server = Bucket(tmp_path)
    server.start()
    options = {
        "bucket_name": server.bucket,
        "endpoint_url": server.endpoint,
        "public_endpoint_url": server.endpoint,
        "region_name": "eu-central-1",
        "access_key": server.access_key,
        "secret_key": server.secret_key,
        "file_overwrite": True,
        "addressing_style": "path",
    }
    settings.STORAGE_BUCKET = server.bucket
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "express.bucket.BucketStorage", "OPTIONS": options}}
    try:
        yield server
    finally:
        server.remove()


def test_orphans_go_and_lost_files_are_marked(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, lost = factories.completed_video(), factories.completed_video()
    default_storage.save("videos/2026/01/01/orphan.mp4", ContentFile(b"lost"))
    default_storage.save("catalog/avatars/a.jpg", ContentFile(b"theirs"))
    assert sweep(delete=True).orphans == []  # too young to tell
    monkeypatch.setattr(sweeping, "YOUNG", timedelta(seconds=-5))
    default_storage.delete(lost.result.name)
    swept = sweep(delete=True)
    assert (swept.orphans, swept.deleted) == (["videos/2026/01/01/orphan.mp4"], 1)
    assert swept.missing == [str(lost.pk)]
    assert {kept.result.name, kept.poster.name, "catalog/avatars/a.jpg"} <= bucket.names()


def test_a_bucket_has_no_end_and_the_doctor_finds_it_well(bucket: Bucket) -> None:
    assert [room.use for room in disk.rooms()] == ["temporary files"]
    (finding,) = surroundings.storage()
    assert (finding.level, bucket.bucket in finding.told) == (Level.OK, True)
    assert bucket.names() == set()
