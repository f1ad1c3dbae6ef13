"""One service on servers that can be hurt; after each test all of them run again."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.faults.rig import RUNNING, sweep
from tests.live import LiveService
from tests.servers import Bucket, Postgres, wait_until

# Short, so that what gets lost is found in seconds.
SETTINGS = {"HEARTBEAT_LOST_AFTER_S": "4", "JANITOR_INTERVAL_S": "1", "OUTAGE_PATIENCE_S": "60", "LOG_LEVEL": "INFO"}


@pytest.fixture(scope="session")
def one_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    folder = tmp_path_factory.mktemp("faults")
    database, bucket = Postgres(folder), Bucket(folder)
    service = LiveService(folder, database, bucket, 0, SETTINGS)
    try:
        database.start()
        bucket.start()
        service.start()
        yield service
    finally:
        service.stop()
        bucket.remove()
        database.remove()


@pytest.fixture
def service(one_service: LiveService) -> Iterator[LiveService]:
    """A service on PostgreSQL, Valkey and a bucket, with one worker, all well."""
    yield one_service
    for server in (one_service.database_server, one_service.valkey, one_service.bucket):
        assert server is not None
        server.start()  # does nothing when it runs
    for name in [name for name in one_service.processes if name != "web"]:
        one_service.kill_worker(name)
    one_service.start_worker()
    clear(one_service)


def clear(service: LiveService) -> None:
    """End what a test that failed has left, lest the next one fails over it too."""
    left = [video_id for (video_id,) in service.rows(f"SELECT id FROM express_video WHERE {RUNNING}")]
    for video_id in left:
        service.client.post(f"/api/express/videos/{video_id}/cancel")
    if left:
        wait_until(lambda: not service.rows(f"SELECT id FROM express_video WHERE {RUNNING}"), "all have ended")
        sweep(service)
