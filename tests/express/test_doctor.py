"""The doctor finds what is broken, says what to do, and passes what is well."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from catalog.models import Voice
from express import workers
from express.models import Chore, Status, WebhookDelivery, Worker
from talkingphotos.celery import app
from talkingphotos.doctor import Level, content, examination, machine, surroundings
from talkingphotos.doctor.finding import Finding
from tests import factories
from tests.servers import Valkey, free_port

pytestmark = pytest.mark.django_db


def levels(findings: Iterator[Finding]) -> list[Level]:
    return [finding.level for finding in findings]


def bad(findings: Iterator[Finding]) -> list[Finding]:
    """What is not well; all of it says what to do."""
    found = [finding for finding in findings if finding.level != Level.OK]
    assert all(finding.todo for finding in found)
    return found


@pytest.fixture
def alive() -> Worker:
    """A worker that takes everything."""
    workers._present.clear()
    workers.arrive("celery@here", ["render", "default"], 1)
    workers.tell_device()
    return Worker.objects.get()


def test_this_machine_is_well(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    for check in (machine.packages, machine.provider, machine.weights, machine.codecs, machine.ports, machine.times):
        assert bad(check()) == []


def test_times_that_would_render_twice_or_kill_the_living_fail(settings: Any) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60}
    settings.HEARTBEAT_LOST_AFTER_S = 3.0
    settings.CREATE_WAIT_S = settings.CREATE_WAIT_MAX_S + 1
    assert levels(machine.times()) == [Level.FAIL, Level.FAIL, Level.WARN]


def test_an_allowance_that_cannot_be_read_fails(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["10.0.0.0/99"]
    (finding,) = bad(machine.outbound_hosts())
    assert "10.0.0.0/99" in finding.told


def test_a_gpu_that_was_asked_for_and_not_got_fails(settings: Any) -> None:
    from engine.sessions import choose_device

    settings.RENDER_DEVICE = "cuda:0"
    try:
        (finding,) = bad(machine.provider())
    finally:
        choose_device("auto")
    assert "cuda:0" in finding.told
    settings.RENDER_DEVICE = "toaster"
    assert levels(machine.provider()) == [Level.FAIL]


def test_a_gpu_that_is_there_and_not_used_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = {"id": "GPU-1", "name": "NVIDIA H200", "used_mb": 1, "total_mb": 143_771}
    monkeypatch.setattr("express.gpu.memory", lambda: [gpu])
    (finding,) = bad(machine.provider())
    assert (finding.level, "NVIDIA H200" in finding.told) == (Level.WARN, True)


def test_a_disk_without_room_fails(settings: Any) -> None:
    settings.MIN_FREE_DISK_MB = 10**9
    assert set(levels(machine.disks())) == {Level.FAIL}


def test_a_port_that_somebody_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        monkeypatch.setattr(machine, "ANSWERS_WITHIN_S", 0.2)
        assert levels(machine.ports()) == [Level.WARN]


def test_the_database_is_well_when_it_is_migrated() -> None:
    assert bad(surroundings.database()) == []


def test_clocks_that_go_apart_are_told() -> None:
    import time

    assert levels(surroundings._skew("broker", time.time())) == []
    assert levels(surroundings._skew("broker", time.time() - 5)) == [Level.WARN]
    assert levels(surroundings._skew("broker", time.time() + 60)) == [Level.FAIL]


def test_storage_that_cannot_be_written_fails_and_leaves_nothing(settings: Any, tmp_path: Any) -> None:
    assert levels(surroundings.storage()) == [Level.OK]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    settings.MEDIA_ROOT = blocked
    assert levels(surroundings.storage()) == [Level.FAIL]


def test_work_that_nobody_does_fails(alive: Worker) -> None:
    assert bad(surroundings.workers()) == []
    Worker.objects.update(queues=["render"])
    (finding,) = bad(surroundings.workers())
    assert "webhooks" in finding.told
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    assert levels(surroundings.workers()) == [Level.FAIL, Level.FAIL, Level.WARN]


def test_a_queue_that_stands_still_is_told() -> None:
    assert bad(surroundings.queue()) == []
    factories.queued_video(photo="", created_at=timezone.now() - timedelta(minutes=10))
    assert levels(surroundings.queue()) == [Level.OK, Level.WARN] or levels(surroundings.queue()) == [
        Level.WARN,
        Level.OK,
    ]


def test_a_catalog_without_a_voice_fails(voice: Voice) -> None:
    Voice.objects.update(is_published=False)
    assert levels(content.voices()) == [Level.FAIL]
    Voice.objects.update(is_published=True)
    assert bad(content.voices()) == []


def test_an_avatar_without_its_picture_fails(avatar: Any) -> None:
    assert bad(content.avatars()) == []
    avatar.image.storage.delete(avatar.image.name)
    (finding,) = bad(content.avatars())
    assert avatar.pk in finding.told


def test_what_went_wrong_lately_is_told() -> None:
    assert bad(content.videos()) == bad(content.webhooks()) == []
    factories.ended_video(Status.FAILED, photo="")
    lost = factories.completed_video(files_missing=True)
    Chore.objects.create(pk="sweep", told={"refused": "most files have no row"})
    now = timezone.now()
    end = {"status": "given up", "ended_at": now, "give_up_at": now}
    WebhookDelivery.objects.create(video=lost, event="video.failed", url="https://a.example", body="{}", **end)
    assert len(bad(content.videos())) == 3
    assert len(bad(content.webhooks())) == 1


def test_what_breaks_a_check_is_a_finding_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Iterator[Finding]:
        raise RuntimeError("out of\norder")
        yield

    monkeypatch.setattr(examination, "CHECKS", (("first", broken), ("video", machine.codecs)))
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", stdout=out)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert ended.value.code == 1
    assert (first["level"], first["told"]) == ("fail", "RuntimeError: out of order")
    assert second["level"] == "ok"


def test_without_a_database_it_is_one_finding_and_not_one_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    checks = (("database", surroundings.database), ("workers", surroundings.workers), ("voices", content.voices))
    monkeypatch.setattr(examination, "CHECKS", (*checks, ("video", machine.codecs)))
    with connection.execute_wrapper(away):
        database, video, left_out = examination.examine()
    assert (database.level, video.level) == (Level.FAIL, Level.OK)
    assert "workers, voices" in left_out.told


def test_workers_on_several_machines_may_share_a_server_and_no_file(alive: Worker) -> None:
    theirs = {"queues": ["render"], "device": "cpu", "version": alive.version, "seen_at": timezone.now()}
    Worker.objects.create(id="elsewhere:1", name="celery@elsewhere", **theirs)
    assert levels(surroundings.workers()).count(Level.FAIL) == (connection.vendor == "sqlite")


def test_a_broker_that_is_away_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(examination, "CHECKS", (("broker", surroundings.broker),))
    (finding,) = examination.examine()
    assert (finding.level, finding.about) == (Level.FAIL, "broker")


def test_a_broker_that_celery_cannot_use_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cluster = Valkey(tmp_path)
    cluster.options += ("--cluster-enabled", "yes")
    cluster.start()
    try:
        monkeypatch.setattr(app.conf, "broker_url", cluster.url)
        monkeypatch.setattr(examination, "CHECKS", (("broker", surroundings.broker),))
        told = [finding for finding in examination.examine() if finding.level == Level.FAIL]
    finally:
        cluster.remove()
    assert ["cluster" in finding.told for finding in told] == [True]


def test_a_doctor_who_finds_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "CHECKS", (("video", machine.codecs),))
    out = StringIO()
    call_command("doctor", stdout=out, no_color=True)
    assert out.getvalue().splitlines()[-1] == "1 ok, 0 warn, 0 fail"
