"""GET /metrics: how the service does, for Prometheus. Counted from rows, so any web process tells the same."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, exposition
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from express import disk, stats
from express.models import Worker
from express.problems import problem_response

WITHIN = timedelta(hours=1)  # of the histograms: how it goes now
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
SPEEDS = (0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16)
MIB = 1024 * 1024


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics: for METRICS_TOKEN as a bearer, or who is logged in to the admin."""
    if not _may_see(request):
        answer = problem_response(
            401,
            "not_authenticated",
            "Metrics are for whoever runs this service.",
            hint="Send METRICS_TOKEN as `Authorization: Bearer …`, or log in to the admin.",
        )
        answer.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return answer
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServiceCollector())
    encode, content_type = exposition.choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type, headers={"Cache-Control": "no-store"})


class ServiceCollector(Collector):
    """Asks the database at each scrape."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        yield InfoMetricFamily("talkingphotos", "The service.", value={"version": settings.VERSION})
        yield from _queues()
        yield from _videos()
        yield from _recent()
        yield from _workers()
        free = _gauge("disk_free_bytes", "Free space where videos are stored and made.", ["use"])
        for room in disk.rooms():
            free.add_metric([room.use], room.free_mb * MIB)
        yield free


def _queues() -> Iterator[Metric]:
    depth = _gauge("queue_depth", "Jobs that wait, by queue.", ["queue"])
    oldest = _gauge("queue_oldest_seconds", "How long the first one has waited.", ["queue"])
    for queue in stats.queues():
        depth.add_metric([queue.name], queue.depth)
        oldest.add_metric([queue.name], queue.oldest_s)
    yield from (depth, oldest)
    webhooks = _gauge("webhooks", "Webhooks that are kept, by status.", ["status"])
    for status, count in stats.webhooks_by_status().items():
        webhooks.add_metric([status], count)
    yield webhooks


def _videos() -> Iterator[Metric]:
    videos = _gauge("videos", "Videos since the beginning, by status.", ["status"])
    for status, count in stats.by_status().items():
        videos.add_metric([status], count)
    failed = _gauge(
        "videos_failed", "Videos that ended badly since the beginning, by status and code.", ["status", "code"]
    )
    for status, code, count in stats.failures():
        failed.add_metric([status, code or ""], count)
    yield from (videos, failed)


def _recent() -> Iterator[Metric]:
    found = stats.recent(WITHIN)
    yield _histogram("wait_seconds", "From a request to its worker, in the last hour.", {"": found.waits_s}, SECONDS)
    yield _histogram("stage_seconds", "What each stage took, in the last hour.", found.stages_s, SECONDS, "stage")
    yield _histogram(
        "realtime_factor", "Seconds of video a second of work, in the last hour.", {"": found.speeds}, SPEEDS
    )


def _workers() -> Iterator[Metric]:
    alive = list(Worker.objects.alive())
    workers = _gauge("workers", "Workers that live, by device and queue.", ["device", "queue"])
    slots = _gauge("worker_slots", "Jobs that they can do at once.", ["device", "queue"])
    found: dict[tuple[str, str], list[int]] = {}
    for worker in alive:
        for queue in worker.queues:
            found.setdefault((worker.device_told, queue), []).append(worker.slots)
    for labels, counts in found.items():
        workers.add_metric(labels, len(counts))
        slots.add_metric(labels, sum(counts))
    used = _gauge("gpu_memory_used_bytes", "Memory of a GPU in use, by whomever.", ["host", "gpu", "name"])
    total = _gauge("gpu_memory_total_bytes", "Memory of a GPU.", ["host", "gpu", "name"])
    for (host, gpu_id), gpu in stats.gpus(alive).items():
        used.add_metric([host, gpu_id, gpu["name"]], gpu["used_mb"] * MIB)
        total.add_metric([host, gpu_id, gpu["name"]], gpu["total_mb"] * MIB)
    yield from (workers, slots, used, total)


def _gauge(name: str, text: str, labels: list[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"talkingphotos_{name}", text, labels=labels)


def _histogram(
    name: str, text: str, values: dict[str, list[float]], bounds: Iterable[float], label: str = ""
) -> GaugeHistogramMetricFamily:
    """A histogram that also shrinks: of what lies in a window of time. values: by label."""
    family = GaugeHistogramMetricFamily(f"talkingphotos_{name}", text, labels=[label] if label else [])
    for key, found in sorted(values.items()):
        buckets = [(f"{bound:g}", sum(value <= bound for value in found)) for bound in bounds]
        family.add_metric([key] if label else [], [*buckets, ("+Inf", len(found))], sum(found))
    return family


def _may_see(request: HttpRequest) -> bool:
    if request.user.is_active and request.user.is_staff:
        return True
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return (
        bool(settings.METRICS_TOKEN)
        and scheme.lower() == "bearer"
        and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    )
