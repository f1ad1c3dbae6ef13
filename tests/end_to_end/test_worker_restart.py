"""A worker that dies in mid-job: the job is finished, once, by the next one."""

import os
import signal
import time

import pytest

from tests.live import LiveService


def wait_until_rendering(service: LiveService, video_id: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        video = service.client.get(f"/api/express/videos/{video_id}").json()
        assert video["status"] in ("queued", "processing"), video
        if video["stage"] == "frames":
            return
        time.sleep(0.05)
    raise AssertionError(f"never rendered: {video}\n{service.log('worker')}")


def test_a_killed_worker_s_video_is_finished_once_by_the_next_one(live_service: LiveService, photo: bytes) -> None:
    text = "This takes a while, and somebody pulls the plug while the worker is at it. " * 3
    video_id = live_service.create(image=photo, text=text, headers={"Prefer": "respond-async"}).json()["id"]
    wait_until_rendering(live_service, video_id)
    before = live_service.files()
    live_service.kill_worker()
    live_service.start_worker()
    video = live_service.wait_for(video_id)
    assert video["status"] == "completed"
    row = live_service.rows(f"SELECT attempt FROM express_video WHERE id = '{video_id.replace('-', '')}'")
    assert row == [(2,)]
    time.sleep(1.0)  # a second worker, had one been told, would have begun by now
    assert len(live_service.files() - before) == 2  # one video, one poster
    assert live_service.client.get(f"/api/express/video/{video_id}").status_code == 200


def test_a_worker_is_seen_while_it_lives(live_service: LiveService) -> None:
    query = "SELECT id, device, queues, slots FROM express_worker WHERE seen_at > datetime('now', '-20 seconds')"
    (worker,) = live_service.rows(query + " AND device != '' ORDER BY started_at DESC LIMIT 1")
    assert worker[1:] == ("cpu", '["render", "default"]', 1)
    assert worker[0].endswith(f":{live_service.processes['worker'].pid}")


def test_a_worker_that_is_told_to_end_hands_its_video_back(live_service: LiveService, photo: bytes) -> None:
    text = "This takes a while, and somebody deploys a new version while the worker is at it. " * 12
    video_id = live_service.create(image=photo, text=text, headers={"Prefer": "respond-async"}).json()["id"]
    wait_until_rendering(live_service, video_id)
    took_s = live_service.end_worker()
    row = live_service.rows(
        f"SELECT status, attempt, crashes FROM express_video WHERE id = '{video_id.replace('-', '')}'"
    )
    assert row == [("queued", 1, 0)]
    assert took_s < 10
    live_service.start_worker()
    wait_until_rendering(live_service, video_id)
    assert live_service.client.post(f"/api/express/videos/{video_id}/cancel").status_code == 200
    canceled_at = time.monotonic()
    assert live_service.create(image=photo, text="Next.", fps=10, resolution=256).status_code == 200
    assert time.monotonic() - canceled_at < 15


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGQUIT])
def test_a_worker_whose_processes_are_all_told_to_end_hands_its_video_back(
    live_service: LiveService, photo: bytes, how: signal.Signals
) -> None:
    """As systemd does without KillMode=mixed. SIGQUIT asks Celery for a cold shutdown."""
    text = f"This takes a while, and somebody ends all that runs by {how.name}. " * 12
    video_id = live_service.create(image=photo, text=text, headers={"Prefer": "respond-async"}).json()["id"]
    wait_until_rendering(live_service, video_id)
    worker = live_service.processes.pop("worker")
    if how == signal.SIGTERM:
        os.killpg(worker.pid, how)
    else:
        worker.send_signal(how)
    worker.wait(30)
    row = live_service.rows(
        f"SELECT status, attempt, crashes FROM express_video WHERE id = '{video_id.replace('-', '')}'"
    )
    assert row == [("queued", 1, 0)]
    live_service.start_worker()
    wait_until_rendering(live_service, video_id)
    live_service.client.post(f"/api/express/videos/{video_id}/cancel")
