"""One long video, two workers: they share it, one may die over it, and both stop when it is canceled."""

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import av
import pytest

from tests.live import LiveService

TEXT = "Somebody tells a long story, sentence by sentence, and two workers listen to it. " * 5  # some 20 s
SETTINGS = {"SPLIT_ABOVE_S": "5", "RENDER_THREADS": "1"}
UNFINISHED = "SELECT worker, number FROM express_part WHERE kind = 'frames' AND status = 'processing'"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    service = LiveService(tmp_path_factory.mktemp("workers"), avatars=0, settings=SETTINGS)
    try:
        service.start()
        service.start_worker("second")
        until(lambda: len(service.rows("SELECT id FROM express_worker WHERE device != ''")) == 2, service)
        yield service
    finally:
        service.stop()


def until(is_so: Callable[[], Any], service: LiveService, within_s: float = 60.0) -> Any:
    deadline = time.monotonic() + within_s
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"{service.log('worker')[-1500:]}\n{service.log('second')[-1500:]}"
        time.sleep(0.05)
    return found


def create(service: LiveService, photo: bytes) -> str:
    """The id of a video on which both workers are at work."""
    form = {"image": photo, "text": TEXT, "resolution": 256, "seed": time.time_ns() % 1000}
    video_id: str = service.create(**form, headers={"Prefer": "respond-async"}).json()["id"]
    until(lambda: len(service.rows(UNFINISHED)) == 2, service)
    return video_id


def left_over(service: LiveService) -> list[str]:
    return [str(path) for path in (service.media / "parts").rglob("*") if path.is_file()]


def test_a_killed_worker_s_part_is_done_again_and_the_others_are_kept(service: LiveService, photo: bytes) -> None:
    video_id = create(service, photo)
    killed = service.processes["second"].pid
    lost = [number for worker, number in service.rows(UNFINISHED) if f":{killed}" in worker]
    service.kill_worker("second")
    crashed = "SELECT number FROM express_part WHERE crashes = 1"
    again = until(lambda: service.rows(crashed), service)
    assert [number for (number,) in again] == lost
    video = service.wait_for(video_id)
    assert video["status"] == "completed", video
    row = service.rows(f"SELECT attempt, crashes FROM express_video WHERE id = '{video_id.replace('-', '')}'")
    assert row == [(1, 0)]
    with av.open(io.BytesIO(service.client.get(f"/api/express/video/{video_id}").content)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames / 25 == pytest.approx(video["duration"], abs=0.05)
    until(lambda: not left_over(service), service, 10)
    assert service.rows("SELECT count(*) FROM express_part") == [(0,)]
    service.start_worker("second")
    until(lambda: len(service.rows("SELECT id FROM express_worker WHERE device != ''")) == 3, service)  # and the dead


def test_both_workers_stop_soon_after_a_cancel(service: LiveService, photo: bytes) -> None:
    video_id = create(service, photo)
    assert service.client.post(f"/api/express/videos/{video_id}/cancel").status_code == 200
    told = f"video {video_id}: stopped"
    until(lambda: all(told in service.log(name) for name in ("worker", "second")), service, 4)
    until(lambda: not left_over(service), service, 10)
    assert service.client.get(f"/api/express/videos/{video_id}").json()["status"] == "canceled"
