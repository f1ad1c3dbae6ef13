"""What the service stands on: database, broker, storage, workers."""

import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from express import stats
from express.models import Worker
from talkingphotos.celery import app
from talkingphotos.doctor.finding import Finding, fail, ok, warn

SKEW_WARN_S, SKEW_FAIL_S = 2.0, 30.0
WAITS_LONG_S = 300.0
START_ONE = "Start one: scripts/run, or scripts/worker beside it."


def database() -> Iterator[Finding]:
    """Whether it answers, is migrated, and its clock goes as ours."""
    plan = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    if plan:
        yield fail("database", f"{len(plan)} migrations are not applied", "python manage.py migrate")
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            yield from _skew("database", float(cursor.fetchone()[0]))
    version = ".".join(str(part) for part in connection.get_database_version())
    yield ok("database", f"{connection.display_name} {version}, migrated")


def broker() -> Iterator[Finding]:
    """Whether it answers, keeps what it is given, and its clock goes as ours."""
    with app.connection_for_write() as found:
        found.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
        client = getattr(found.default_channel, "client", None)
        where = found.as_uri()
    if client is None:
        yield ok("broker", where)
        return
    yield from _skew("broker", client.time()[0])
    info = client.info()
    version = info.get("valkey_version") or info.get("redis_version")
    yield ok("broker", f"{info.get('server_name', 'redis')} {version} at {where}")
    if info.get("cluster_enabled"):
        yield fail("broker", "it is a cluster, which Celery cannot use", "A single server, or Sentinel.")
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        yield fail(
            "broker", f"it drops jobs when its memory is full (maxmemory-policy {policy})", "noeviction instead."
        )
    if not info.get("aof_enabled"):
        yield warn(
            "broker",
            "it keeps no append-only file: after a restart the workers send again what waits, within a minute or so",
            "appendonly yes",
        )


def storage() -> Iterator[Finding]:
    """Whether a file can be written, read and deleted."""
    began, name = time.monotonic(), f"parts/doctor-{uuid.uuid4().hex}"  # in a folder that the sweep looks after
    content = uuid.uuid4().bytes
    try:
        name = default_storage.save(name, ContentFile(content))
        with default_storage.open(name) as stream:
            same = stream.read() == content
    except Exception as error:
        todo = "Give the service's user the right to write there, or mend STORAGE_…; then run this again."
        yield fail("storage", f"{type(error).__name__}: {str(error)[:200]}", todo)
        return
    finally:
        with suppress(Exception):
            default_storage.delete(name)
    kind = f"bucket {settings.STORAGE_BUCKET}" if settings.STORAGE_BUCKET else default_storage.path("")
    if same:
        yield ok("storage", f"{kind}: written, read, deleted in {1000 * (time.monotonic() - began):.0f} ms")
    else:
        yield fail("storage", f"{kind} does not give back what was written", "Look for a cache in between.")


def workers() -> Iterator[Finding]:
    """Whether somebody does the work, with what was asked for."""
    alive = list(Worker.objects.alive())
    for queue, work in (("render", "renders"), ("default", "does the small things, such as webhooks")):
        able = [worker for worker in alive if queue in worker.queues]
        if not able:
            yield fail("workers", f"none {work} (queue {queue})", START_ONE)
        elif queue == "render" and not any(worker.device for worker in able):
            yield warn("workers", "none that renders has loaded its models yet", "Wait a minute; else see its log.")
    for worker in alive:
        yield ok("workers", f"{worker.name}: {worker.device_told}, {worker.slots} at once, {worker.version}")
    hosts = {worker.id.rpartition(":")[0] for worker in alive}
    if connection.vendor == "sqlite" and len(hosts) > 1:
        yield fail(
            "workers",
            f"those on {len(hosts)} machines share SQLite, whose locks a network file system does not keep",
            "Move to PostgreSQL: DATABASE_URL (docs/operations.md).",
        )
    lost = [worker.name for worker in Worker.objects.lost()]
    if lost:
        yield warn("workers", f"not heard of lately: {', '.join(lost[:5])}", "See their logs, or leave them be: a day.")
    if len({worker.version for worker in alive}) > 1:
        yield warn("workers", "they run different versions", "Bring all machines to the same one.")


def queue() -> Iterator[Finding]:
    """Whether what waits gets its turn."""
    for found in stats.queues():
        told = f"{found.name}: {found.depth} wait"
        if found.oldest_s > WAITS_LONG_S:
            yield warn("queue", f"{told}, the first one for {found.oldest_s:.0f} s", "More workers, or see their logs.")
        else:
            yield ok("queue", told)


def _skew(about: str, their_time: Any) -> Iterator[Finding]:
    skew_s = float(their_time) - time.time()
    told = f"its clock is {abs(skew_s):.0f} s {'ahead' if skew_s > 0 else 'behind'}"
    todo = "Let the machines keep time by NTP (chrony, systemd-timesyncd)."
    if abs(skew_s) > SKEW_FAIL_S:
        yield fail(about, told, todo)
    elif abs(skew_s) > SKEW_WARN_S:
        yield warn(about, told, todo)
