"""Database, broker and bucket that stop, freeze and come back: no job is lost, and the API answers all the while."""

import time

import httpx
import pytest

from tests.end_to_end.faults.rig import ASYNC, Asking, accepted, expect_all_well, small, until_stage
from tests.live import LiveService

pytestmark = pytest.mark.faults

AWAY_S = 10.0
LONG = "This goes on for a while, and meanwhile something else breaks. " * 4


def create(service: LiveService, **more: object) -> httpx.Response:
    return service.create(headers=ASYNC, **small() | more)


def test_the_broker_may_be_killed_with_jobs_queued_and_running(service: LiveService) -> None:
    ids = accepted(service, 1, text=LONG, resolution=512) + accepted(service, 3)
    until_stage(service, ids[0])
    with Asking(service, ids[0]) as asking:
        service.valkey.kill()
        ids += accepted(service, 2)  # taken all the same, and sent when the broker is back
        time.sleep(3.0)
        service.valkey.start()
        ids += accepted(service, 1)
        expect_all_well(service, ids)
    assert 503 not in asking.statuses


def test_a_broker_that_lost_everything_loses_no_job(service: LiveService) -> None:
    ids = accepted(service, 1, text=LONG, resolution=512) + accepted(service, 3)
    until_stage(service, ids[0])
    service.valkey.ask("FLUSHALL")
    service.manage("shell", "--verbosity=0", "-c", _LONG_AGO)  # the janitor waits a minute before it sends again
    expect_all_well(service, ids)


_LONG_AGO = (
    "from datetime import timedelta; from django.db.models import F; from express.models import Video; "
    "Video.objects.filter(status='queued').update(enqueued_at=F('enqueued_at') - timedelta(minutes=2))"
)


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_the_database_may_be_away_for_ten_seconds(service: LiveService, how: str) -> None:
    database = service.database_server
    assert database is not None
    ids = accepted(service, 1, text=LONG, resolution=512) + accepted(service, 2)
    until_stage(service, ids[0])
    with Asking(service, ids[0]) as asking:
        (database.stop if how == "stopped" else database.kill)()
        time.sleep(1.0)
        refused = create(service)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "database_unavailable")
        assert int(refused.headers["Retry-After"]) > 0
        time.sleep(AWAY_S - 1.0)
        database.start()
        expect_all_well(service, ids)
    assert {200, 503} <= asking.statuses


def test_a_database_that_freezes_delays_the_answers_and_no_more(service: LiveService) -> None:
    database = service.database_server
    assert database is not None
    ids = accepted(service, 2)
    with Asking(service, ids[0]):
        for process in _family(database.process.pid):  # type: ignore[union-attr]
            process.suspend()
        time.sleep(5.0)
        for process in _family(database.process.pid):  # type: ignore[union-attr]
            process.resume()
        expect_all_well(service, ids)


def test_a_bucket_that_dies_in_mid_upload_gets_the_video_when_it_is_back(service: LiveService) -> None:
    bucket = service.bucket
    assert bucket is not None
    (video_id,) = accepted(service, 1, text=LONG, resolution=512)
    until_stage(service, video_id)
    bucket.freeze()  # uploads begin, and get no answer
    with Asking(service, video_id):
        time.sleep(8.0)
        bucket.kill()
        refused = create(service)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "storage_unavailable")
        time.sleep(2.0)
        bucket.start()
        expect_all_well(service, [video_id], orphans=1)


def _family(pid: int) -> list:
    import psutil

    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]
