"""A disk that is full while a video is made: it waits for room, or fails and says why, and leaves no half file."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.faults.conftest import SETTINGS
from tests.end_to_end.faults.rig import ASYNC, Asking, accepted, expect_all_well, small, until_stage
from tests.live import LiveService

LONG = "This goes on for a while, and meanwhile the disk fills up. " * 4
PATIENCE_S = 8
DISK_MB, MUST_BE_FREE_MB = 24, 2


def can_mount(folder: Path) -> bool:
    """Whether we may have a small disk of our own."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "talkingphotos", str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LiveService]:
    """A service on SQLite whose files lie on a small disk."""
    patience = {"OUTAGE_PATIENCE_S": str(PATIENCE_S), "MIN_FREE_DISK_MB": str(MUST_BE_FREE_MB)}
    service = LiveService(tmp_path, None, None, 0, SETTINGS | patience)
    service.media.mkdir()
    if not can_mount(service.media):
        pytest.skip("a small disk cannot be mounted here: that takes root")
    try:
        service.start()
        yield service
    finally:
        service.stop()
        subprocess.run(["umount", "--lazy", str(service.media)], check=True)


def fill(service: LiveService) -> Path:
    """Take every byte that is left."""
    filler = service.media / "filler"
    disk = os.statvfs(service.media)
    filler.write_bytes(bytes(disk.f_bavail * disk.f_frsize))
    return filler


pytestmark = pytest.mark.faults


def test_a_full_disk_refuses_what_is_new_and_keeps_what_was_taken(service: LiveService) -> None:
    (waits,) = accepted(service, 1, text=LONG, resolution=512)
    until_stage(service, waits)
    filler = fill(service)
    with Asking(service, waits):
        refused = service.create(headers=ASYNC, **small())
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "storage_full")
        time.sleep(3.0)
        filler.unlink()
        expect_all_well(service, [waits])

        (fails,) = accepted(service, 1, text=LONG, resolution=512)
        until_stage(service, fails)
        filler = fill(service)
        video = service.wait_for(fails)
        assert (video["status"], video["error"]["code"]) == ("failed", "storage_unavailable")
        assert video["error"]["retryable"]
        filler.unlink()
        expect_all_well(service, [waits, fails], all_completed=False)
