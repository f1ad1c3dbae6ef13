"""Files without rows, rows without files: found, and put right; nothing else is touched."""

import errno
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from express import chores
from express.models import Chore, Video
from express.sweeping import SUSPICIOUS_FROM, sweep
from tests import factories

pytestmark = pytest.mark.django_db


def orphan(media_root: Path, name: str = "videos/2026/01/01/lost.mp4", age_s: float = 7200.0) -> Path:
    path = media_root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"lost")
    os.utime(path, (time.time() - age_s, time.time() - age_s))
    return path


def aged(video: Video) -> Video:
    for file in video.files():
        os.utime(file.path, (time.time() - 7200, time.time() - 7200))
    return video


def test_a_file_without_a_row_is_deleted_when_it_is_old_enough(media_root: Path) -> None:
    kept = aged(factories.completed_video())
    old, young = orphan(media_root), orphan(media_root, "photos/2026/01/01/new", age_s=60)
    swept = sweep(delete=True)
    assert (swept.orphans, swept.deleted, swept.missing) == (["videos/2026/01/01/lost.mp4"], 1, [])
    assert not old.exists() and young.exists()
    assert all(file.storage.exists(file.name) for file in kept.files())


def test_the_catalog_s_and_other_people_s_files_stay(media_root: Path) -> None:
    files = [orphan(media_root, name) for name in ("catalog/a.jpg", "stock/b.mp4", "catalog-private/c", "notes.txt")]
    assert sweep(delete=True).orphans == []
    assert all(path.exists() for path in files)


def test_without_delete_it_only_tells(media_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = orphan(media_root)
    call_command("sweep")
    assert "videos/2026/01/01/lost.mp4" in capsys.readouterr().out
    assert path.exists()
    call_command("sweep", "--delete")
    assert not path.exists()


def test_a_video_whose_file_is_gone_is_marked_until_it_is_back(client: Client) -> None:
    video = factories.completed_video()
    path = Path(video.result.path)
    path.rename(path.with_suffix(".away"))
    unmarked = client.get(f"/api/express/video/{video.pk}")
    assert (unmarked.status_code, unmarked.json()["error"]["code"]) == (410, "video_lost")
    assert sweep(delete=False).missing == [str(video.pk)]
    answer = client.get(f"/api/express/video/{video.pk}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "video_lost")
    path.with_suffix(".away").rename(path)
    assert sweep(delete=False).missing == []
    assert client.get(f"/api/express/video/{video.pk}").status_code == 200


def test_a_removed_video_has_no_files_to_miss() -> None:
    video = factories.completed_video(removed_at=timezone.now())
    video.result.storage.delete(video.result.name)
    assert sweep(delete=False).missing == []


def test_one_file_that_cannot_be_deleted_holds_up_no_other(media_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"videos/2026/01/01/{name}.mp4" for name in "abc"]
    files = [orphan(media_root, name) for name in names]
    unlink = os.remove

    def remove(path: str) -> None:
        if path == str(files[1]):
            raise PermissionError(errno.EACCES, "no", path)
        unlink(path)

    monkeypatch.setattr(os, "remove", remove)
    assert sweep(delete=True).deleted == 2
    assert [path.exists() for path in files] == [False, True, False]


def test_the_wrong_database_does_not_empty_the_storage(media_root: Path) -> None:
    for number in range(SUSPICIOUS_FROM):
        orphan(media_root, f"videos/{number}.mp4")
    swept = sweep(delete=True)
    assert (swept.deleted, len(swept.orphans)) == (0, SUSPICIOUS_FROM)
    with pytest.raises(CommandError, match="right database"):
        call_command("sweep", "--delete")
    call_command("sweep", "--delete", "--force")
    assert sweep(delete=False).files == 0


def test_one_worker_alone_sweeps_and_only_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr("express.chores.current_app.send_task", sent.append)
    chores.do_chores()
    chores.do_chores()
    assert sent == ["express.tasks.sweep"]
    Chore.objects.update(begun_at=timezone.now() - timedelta(hours=25))
    chores.do_chores()
    assert len(sent) == 2


def test_a_broker_that_is_away_puts_the_sweep_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> Any:
        raise ConnectionError("nobody there")

    monkeypatch.setattr("express.chores.current_app.send_task", refuse)
    chores.do_chores()
    assert Chore.is_due("sweep", timedelta(days=1))
