"""What a service must still be after something broke, and somebody who asks it all the while."""

import threading
import time
from collections import Counter
from types import TracebackType
from typing import Any, Self

import httpx

from tests import factories
from tests.live import LiveService
from tests.servers import wait_until

ASYNC = {"Prefer": "respond-async"}
ENDS_WITHIN_S = 180.0
FOLDERS = ("photos", "speech", "videos", "posters", "parts")
FINAL = {"completed", "failed", "canceled", "rejected"}
RUNNING = "status IN ('queued', 'processing')"
SWEEP = "from datetime import timedelta; from express import sweeping; sweeping.YOUNG = timedelta(0); "
_number = iter(range(1_000_000))


def small(text: str = "Hi.") -> dict[str, Any]:
    """A form for a video that takes little time; no two are alike, so that none is answered by another."""
    return {"image": factories.portrait_jpeg(), "text": text, "resolution": 256, "fps": 10, "seed": next(_number)}


def accepted(service: LiveService, count: int, **more: Any) -> list[str]:
    """Create videos without waiting; return their ids."""
    answers = [service.create(headers=ASYNC, **small() | more) for _ in range(count)]
    assert [answer.status_code for answer in answers] == [202] * count, answers[-1].text
    return [answer.json()["id"] for answer in answers]


def expect_all_well(service: LiveService, ids: list[str], *, orphans: int = 0, all_completed: bool = True) -> None:
    """Every accepted job has ended, once; nothing is stuck; storage holds what the rows name and nothing else.

    orphans: how many files may be left for the sweep.
    """
    for video_id in ids:
        expect_ended(service.wait_for(video_id, ENDS_WITHIN_S), all_completed)
    assert service.rows(f"SELECT count(*) FROM express_video WHERE {RUNNING}") == [(0,)]
    named, stored = names_in_rows(service), names_in_storage(service)
    assert named <= stored, f"rows without files: {named - stored}"
    assert len(stored - named) <= orphans, f"files without rows: {stored - named}"
    if stored != named:
        sweep(service)
        assert names_in_storage(service) == named
    for video_id in ids:
        answer = service.client.get(f"/api/express/video/{video_id}")
        assert answer.status_code in (200, 404), answer.text
        assert answer.status_code == 404 or answer.content[4:8] == b"ftyp"


def sweep(service: LiveService) -> None:
    """Delete every file that no row names, however young."""
    service.manage("shell", "--verbosity=0", "-c", SWEEP + "sweeping.sweep(delete=True)")


def expect_ended(video: dict[str, Any], all_completed: bool) -> None:
    """Completed with its result, or failed with a code that says why."""
    assert video["status"] in FINAL, video
    assert not all_completed or video["status"] == "completed", video
    assert video["status"] != "failed" or video["error"]["code"] != "internal_error", video


def names_in_rows(service: LiveService) -> set[str]:
    """Every file that a row names."""
    columns = ("photo", "audio", "result", "poster")
    rows = service.rows(f"SELECT {', '.join(columns)} FROM express_video")
    return {name for row in rows for name in row if name}


def names_in_storage(service: LiveService) -> set[str]:
    """Every file of requests, in bucket or folder."""
    if service.bucket:
        return {name for name in service.bucket.names() if name.startswith(FOLDERS)}
    return {str(path.relative_to(service.media)) for path in service.files()}


def until_stage(service: LiveService, video_id: str, stage: str = "frames") -> None:
    """Wait until a worker is at `stage` of the video."""

    def is_there() -> bool:
        video = service.client.get(f"/api/express/videos/{video_id}").json()
        assert video["status"] in ("queued", "processing"), video
        return bool(video["stage"] == stage)

    wait_until(is_there, f"the video is at {stage}", 60)


class Asking:
    """Asks for everything over and over in a thread of its own; `answers` counts (path, status)."""

    def __init__(self, service: LiveService, video_id: str) -> None:
        self._paths = (f"/api/express/videos/{video_id}", f"/api/express/video/{video_id}", "/healthz", "/api/voices")
        self._url = service.url
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answers: Counter[tuple[str, int]] = Counter()
        self.longest_s = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join()
        if kind is None:
            odd = {one: count for one, count in self.answers.items() if one[1] not in (200, 202, 404, 503)}
            assert self.answers, "nobody asked anything"
            assert not odd, f"neither an answer nor 503: {odd}"

    @property
    def statuses(self) -> set[int]:
        """Every status that was answered."""
        return {status for _, status in self.answers}

    def _run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=60.0) as client:
            while not self._is_over.wait(0.1):
                for path in self._paths:
                    began = time.monotonic()
                    try:
                        status = client.get(path).status_code
                    except httpx.TransportError:
                        status = 0
                    self.longest_s = max(self.longest_s, time.monotonic() - began)
                    self.answers[path, status] += 1
