"""Workers that are killed, stopped, doubled, or whose clock jumps: each job still ends once."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.end_to_end.faults import doomed
from tests.end_to_end.faults.rig import ENDS_WITHIN_S, Asking, accepted, expect_all_well, until_stage
from tests.live import LiveService
from tests.servers import wait_until

pytestmark = pytest.mark.faults

STAGES = ["speech", "photo", "face", "rig", "motion", "frames"]
MOMENTS = [*STAGES, doomed.STORING, doomed.HALF_STORED, doomed.COMPLETING, doomed.COMPLETED]
LONG = "This takes a while, and somebody pulls the plug while the worker is at it. " * 4
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


@pytest.mark.timeout(600)  # the process that renders starts ten times over, and loads its models each time
def test_a_worker_that_is_killed_at_each_moment_of_a_job_loses_none(service: LiveService, tmp_path: Path) -> None:
    orders = tmp_path / "moments"
    service.kill_worker()
    ids = accepted(service, len(MOMENTS))
    orders.write_text("\n".join(f"{video_id} {moment}" for video_id, moment in zip(ids, MOMENTS, strict=True)))
    service.start_worker("worker", "tests.end_to_end.faults.doomed", DOOM=str(orders))
    with Asking(service, ids[0]):
        wait_until(lambda: not orders.read_text(), "all moments have come", 400)
        # Two files were in the bucket when the plug was pulled after HALF_STORED's first, and before COMPLETING.
        expect_all_well(service, ids, orphans=3)


def test_a_job_that_kills_every_worker_fails_and_says_so(service: LiveService, tmp_path: Path) -> None:
    orders = tmp_path / "moments"
    service.kill_worker()
    (video_id,) = accepted(service, 1)
    orders.write_text(f"{video_id} frames\n" * 10)
    service.start_worker("worker", "tests.end_to_end.faults.doomed", DOOM=str(orders))
    video = service.wait_for(video_id, ENDS_WITHIN_S)
    assert (video["status"], video["error"]["code"]) == ("failed", "worker_crashed")
    assert orders.read_text().count("frames") == 7
    expect_all_well(service, [video_id], all_completed=False)


def test_sigterm_during_a_render_loses_nothing(service: LiveService) -> None:
    ids = accepted(service, 1, text=LONG, resolution=512) + accepted(service, 2)
    until_stage(service, ids[0])
    worker = service.processes.pop("worker")
    worker.send_signal(signal.SIGTERM)
    service.start_worker("successor")
    expect_all_well(service, ids)
    worker.wait(60)


def test_two_workers_with_the_same_message_make_one_video(service: LiveService) -> None:
    service.start_worker("second")
    ids = accepted(service, 3)
    publish = "from express.tasks import render_video; [render_video.delay(one) for one in %r for _ in range(5)]"
    service.manage("shell", "--verbosity=0", "-c", publish % ids)
    expect_all_well(service, ids)
    time.sleep(1.0)  # for the messages that are left
    expect_all_well(service, ids)
    some = ", ".join(f"'{one}'" for one in ids)
    assert service.rows(f"SELECT DISTINCT attempt FROM express_video WHERE id IN ({some})") == [(1,)]


def test_a_frozen_worker_that_comes_back_does_not_spoil_its_successor_s_work(service: LiveService) -> None:
    (video_id,) = accepted(service, 1, text=LONG, resolution=512)
    until_stage(service, video_id)
    frozen = service.processes.pop("worker")
    os.killpg(frozen.pid, signal.SIGSTOP)
    service.start_worker("successor")
    video = service.wait_for(video_id, ENDS_WITHIN_S)
    os.killpg(frozen.pid, signal.SIGCONT)
    time.sleep(3.0)  # it goes on where it was, and finds that the video is another's
    assert video["status"] == "completed"
    expect_all_well(service, [video_id])
    os.killpg(frozen.pid, signal.SIGKILL)
    frozen.wait()


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed (Debian: apt install faketime)")
def test_a_clock_that_jumps_takes_no_job_from_who_works_on_it(service: LiveService, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    faked = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    service.kill_worker()
    service.start_worker("jumper", **faked)
    service.start_worker("steady")
    ids = accepted(service, 2, text=LONG * 4, resolution=384)  # the first still runs when the second has begun
    for video_id in ids:
        until_stage(service, video_id)
    for jump in ("+2h", "-1d", "+0"):
        clock.write_text(f"{jump}\n")
        time.sleep(2.5)
    expect_all_well(service, ids)
    some = ", ".join(f"'{one}'" for one in ids)
    assert service.rows(f"SELECT max(attempt), max(crashes) FROM express_video WHERE id IN ({some})") == [(1, 0)]
