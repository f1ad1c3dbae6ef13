"""200 creates at once from 20 clients."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.end_to_end.faults.rig import ASYNC, FINAL, Asking, accepted, expect_all_well, small
from tests.live import LiveService

pytestmark = pytest.mark.faults

CLIENTS, EACH = 20, 10
RENDERED = 30  # the others are canceled while they wait: what is shown here is that none gets lost


def crowd(service: LiveService, number: int) -> list[httpx.Response]:
    """One client with a connection of its own."""
    with httpx.Client(base_url=service.url, timeout=120.0) as client:
        return [_post(client) for _ in range(EACH)]


def _post(client: httpx.Client) -> httpx.Response:
    form = small()
    image = form.pop("image")
    return client.post("/api/express/create", data=form, files={"image": ("a.jpg", image)}, headers=ASYNC)


@pytest.mark.timeout(300)
def test_two_hundred_creates_at_once_are_all_kept(service: LiveService) -> None:
    (first,) = accepted(service, 1)
    with Asking(service, first), ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for found in pool.map(lambda n: crowd(service, n), range(CLIENTS)) for answer in found]
        assert Counter(answer.status_code for answer in answers) == {202: CLIENTS * EACH}
        ids = [answer.json()["id"] for answer in answers]
        assert len(set(ids)) == CLIENTS * EACH
        for video_id in ids[RENDERED:]:
            assert service.client.post(f"/api/express/videos/{video_id}/cancel").status_code in (200, 409)
        expect_all_well(service, [first, *ids], all_completed=False)
    ours = ", ".join(f"'{one}'" for one in ids)
    counts = dict(service.rows(f"SELECT status, count(*) FROM express_video WHERE id IN ({ours}) GROUP BY status"))
    assert set(counts) <= FINAL - {"failed"}
    assert counts["completed"] >= RENDERED
