"""Probes, metrics and log lines tell the truth, to whom it is meant for."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from express import disk, logs, webhooks, workers
from express.models import Status, Video, Worker, WorkerQuerySet
from talkingphotos import health
from talkingphotos.celery import app, receive_ids, send_ids
from tests import factories

pytestmark = pytest.mark.django_db
MIB = 1024 * 1024


@pytest.fixture
def worker() -> WorkerQuerySet:
    """A live worker with its models loaded."""
    workers._present.clear()
    workers.arrive("celery@here", ["render", "default"], 2)
    workers.tell_device()
    return Worker.objects.all()


@pytest.fixture
def scraper(client: Client, settings: Any) -> Client:
    settings.METRICS_TOKEN = "letmein"
    client.defaults["HTTP_AUTHORIZATION"] = "Bearer letmein"
    return client


def scraped(client: Client) -> dict[str, float]:
    """Each sample as name{label=value}."""
    text = client.get("/metrics").content.decode()
    return {
        sample.name.removeprefix("talkingphotos_")
        + "".join(f" {k}={v}" for k, v in sorted(sample.labels.items())): value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for value in [sample.value]
    }


def test_readyz_wants_a_worker_with_its_models(client: Client, worker: WorkerQuerySet, settings: Any) -> None:
    state = client.get("/readyz").json()
    assert {name: state[name] for name in ("worker", "models", "disk")} == {
        "worker": "ok",
        "models": "ok",
        "disk": "ok",
    }
    worker.update(device="")
    assert client.get("/readyz").json()["models"] == "not loaded"
    worker.update(seen_at=timezone.now() - timedelta(minutes=5))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (503, "none")


def test_readyz_does_without_workers_where_they_come_with_the_queue(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(health.CHECKS, "broker", lambda: "ok")
    assert client.get("/readyz").status_code == 503
    settings.READY_NEEDS_WORKER = False
    assert client.get("/readyz").status_code == 200


def test_readyz_tells_of_a_disk_that_is_full(client: Client, settings: Any) -> None:
    settings.MIN_FREE_DISK_MB = 10**9
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "MB are free for storage" in answer.json()["disk"]


def test_metrics_are_not_for_everybody(client: Client, admin_client: Client, settings: Any) -> None:
    refused = client.get("/metrics")
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_authenticated")
    assert admin_client.get("/metrics").status_code == 200
    settings.METRICS_TOKEN = "letmein"
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer letmein"}).status_code == 200


def test_metrics_count_what_is_there(scraper: Client, worker: WorkerQuerySet) -> None:
    now = timezone.now()
    factories.queued_video(created_at=now - timedelta(seconds=90), photo="")
    factories.queued_video(photo="")
    factories.completed_video(
        created_at=now - timedelta(seconds=8),
        started_at=now - timedelta(seconds=5),
        completed_at=now,
        duration_s=10.0,
        timings={"frames": 2.0, "photo": 0.05},
    )
    factories.completed_video(completed_at=now, timings={"frames": 2.0}, reused=True)  # nobody made this one again
    factories.ended_video(Status.FAILED, photo="")
    found = scraped(scraper)
    assert found["queue_depth queue=render"] == 2
    assert found["queue_oldest_seconds queue=render"] == pytest.approx(90, abs=5)
    assert found["videos status=completed"] == 2
    assert found["videos_failed code=some_fault status=failed"] == 1
    assert found["stage_seconds_bucket le=1 stage=frames"] == 0
    assert found["stage_seconds_bucket le=2.5 stage=frames"] == 1
    assert found["stage_seconds_gsum stage=frames"] == 2.0
    assert found["wait_seconds_gsum"] == pytest.approx(3.0, abs=0.1)
    assert found["realtime_factor_gsum"] == pytest.approx(2.0, abs=0.1)
    assert found["worker_slots device=cpu queue=render"] == 2
    assert found["disk_free_bytes use=storage"] > 0


def test_metrics_show_each_gpu_once_however_many_workers_it_has(scraper: Client) -> None:
    gpu = {"id": "GPU-1", "name": "H200", "used_mb": 1000, "total_mb": 140_000}
    for number in (1, 2):
        row = {"name": "w", "queues": ["render"], "device": "cuda:0", "gpus": [gpu], "seen_at": timezone.now()}
        Worker.objects.create(id=f"host:{number}", **row)
    found = scraped(scraper)
    assert found["gpu_memory_used_bytes gpu=GPU-1 host=host name=H200"] == 1000 * MIB
    assert found["workers device=cuda:0 queue=render"] == 2


def test_a_scrape_asks_as_often_for_many_videos_as_for_one(scraper: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        factories.completed_video(completed_at=timezone.now())
    with django_assert_max_num_queries(9):
        scraper.get("/metrics")


def test_a_disk_is_looked_at_where_the_folder_will_be(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "not" / "yet"
    assert {room.use for room in disk.rooms()} == {"storage", "temporary files"}
    assert disk.shortage() == ""


def test_the_request_s_id_comes_back_and_is_made_where_it_is_none(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "order-17"}).headers["X-Request-ID"] == "order-17"
    for hostile in ("", "a b", "x" * 65, "<script>"):
        made = client.get("/healthz", headers={"X-Request-ID": hostile}).headers["X-Request-ID"]
        assert len(made) == 32


def test_lines_carry_request_and_video_from_the_web_to_the_worker(
    client: Client, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    from django.core.files.base import ContentFile

    caplog.handler.addFilter(logs.AboutFilter())
    form = {"image": ContentFile(photo, "a.jpg"), "text": "Hi."}
    client.post("/api/express/create", form, headers={"Prefer": "respond-async", "X-Request-ID": "order-17"})
    video = Video.objects.get()
    assert video.request_id == "order-17"
    (queued,) = (record for record in caplog.records if "queued" in record.getMessage())
    assert (queued.request_id, queued.video_id, queued.about) == ("order-17", str(video.pk), " request=order-17")
    with logs.about(request="order-18"):
        headers: dict[str, Any] = {}
        send_ids(headers)

    class Task:
        request = headers

    receive_ids(Task())
    assert logs.ids() == {"request": "order-18"}
    logs.begin({})


def test_json_lines_hold_one_object_each(settings: Any) -> None:
    formatter = logging.config.DictConfigurator({}).configure_formatter(dict(settings.LOGGING["formatters"]["json"]))  # type: ignore[attr-defined]
    record = logging.makeLogRecord({"name": "express", "levelname": "INFO", "msg": "video %s:\nqueued", "args": ("7",)})
    with logs.about(request="order-17", video="7"):
        logs.AboutFilter().filter(record)
    line = formatter.format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("timestamp")
    assert told == {
        "service": "talkingphotos",
        "level": "INFO",
        "logger": "express",
        "message": "video 7:\nqueued",
        "request_id": "order-17",
        "video_id": "7",
    }


def test_the_project_s_tasks_are_known_by_the_names_that_they_are_sent_by() -> None:
    from express import chores

    app.loader.import_default_modules()
    assert {webhooks.TASK, chores.SWEEP} <= set(app.tasks)


def test_a_service_that_starts_does_not_fill_the_log_with_failed_probes(client: Client, caplog: Any) -> None:
    with caplog.at_level(logging.INFO, "talkingphotos"):
        assert client.get("/readyz").status_code == 503
    assert not [record for record in caplog.records if record.name.startswith("talkingphotos")]
