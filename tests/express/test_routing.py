"""Large videos go to workers with a GPU while there are any; all workers serve one queue."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from express import services, tasks
from express.models import Video, Worker
from express.routing import GPU_QUEUE
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def gpu() -> Worker:
    """A worker with a GPU, alive."""
    queues = [GPU_QUEUE, "render"]
    return Worker.objects.create(id="gpu:1", name="gpu", queues=queues, device="cuda:0", seen_at=timezone.now())


@pytest.fixture(autouse=True)
def tickets(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queues to which messages went."""
    queues: list[str] = []
    monkeypatch.setattr(tasks.render_video, "apply_async", lambda args, queue: queues.append(queue))
    monkeypatch.setattr(tasks.render_video, "delay", lambda video_id: queues.append("render"))
    return queues


def sent(**fields: Any) -> Video:
    video = factories.queued_video(**fields)
    assert services.send(video)
    video.refresh_from_db()
    return video


@pytest.mark.usefixtures("gpu")
def test_large_videos_are_for_workers_with_a_gpu_and_small_ones_for_all(tickets: list[str]) -> None:
    assert sent(effort_s=300).queue == GPU_QUEUE
    assert sent(effort_s=3).queue == "render"
    assert tickets == [GPU_QUEUE, "render"]


def test_without_such_workers_everything_is_for_all(tickets: list[str]) -> None:
    assert sent(effort_s=300).queue == "render"
    assert tickets == ["render"]


def test_when_they_are_gone_what_waits_for_them_goes_to_the_others(gpu: Worker, tickets: list[str]) -> None:
    video = sent(effort_s=300)
    services.requeue_lost()
    assert tickets == [GPU_QUEUE]
    Worker.objects.filter(pk=gpu.pk).update(seen_at=timezone.now() - timedelta(minutes=5))
    services.requeue_lost()
    video.refresh_from_db()
    assert (video.queue, tickets) == ("render", [GPU_QUEUE, "render"])


@pytest.mark.usefixtures("gpu")
def test_routing_by_size_can_be_switched_off(settings: Any) -> None:
    settings.GPU_FROM_EFFORT_S = 0.0
    assert sent(effort_s=300).queue == "render"
