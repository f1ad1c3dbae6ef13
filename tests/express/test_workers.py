"""Workers tell that they live, and are told from those that do not."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from express import workers
from express.models import Worker
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_is_left() -> None:
    workers._present.clear()


def test_a_worker_that_arrives_is_alive_with_what_it_can_do() -> None:
    workers.arrive("celery@here", ["render", "default"], 3)
    workers.tell_device()
    (worker,) = Worker.objects.alive()
    assert (worker.name, worker.slots, worker.queues) == ("celery@here", 3, ["render", "default"])
    assert (worker.provider, worker.device) == ("CPUExecutionProvider", "cpu")
    assert worker.is_alive
    assert Worker.objects.for_queue("render") == [worker]
    assert Worker.objects.for_queue("other") == []


def test_a_worker_that_ends_in_peace_takes_its_row_along() -> None:
    workers.arrive("celery@here", ["render"], 1)
    workers.leave()
    workers.beat()
    assert not Worker.objects.exists()


def test_a_worker_that_is_silent_is_lost_and_forgotten_after_a_day() -> None:
    workers.arrive("celery@here", ["render"], 1)
    row = Worker.objects.filter(pk=workers.owner())
    row.update(seen_at=timezone.now() - timedelta(minutes=5))
    assert not Worker.objects.alive()
    assert not Worker.objects.get().is_alive
    assert workers.forget_lost() == 0
    row.update(seen_at=timezone.now() - timedelta(days=2))
    assert workers.forget_lost() == 1


def test_a_worker_whose_row_was_lost_tells_again() -> None:
    workers.arrive("celery@here", ["render"], 1)
    Worker.objects.all().delete()
    workers.beat()
    assert Worker.objects.alive().count() == 1


def test_a_worker_knows_its_videos_also_those_of_its_processes() -> None:
    workers.arrive("celery@here", ["render"], 2)
    worker = Worker.objects.get()
    assert workers.owner() == worker.pk
    mine = factories.processing_video(worker=workers.owner())
    child = factories.processing_video(worker=f"{worker.pk}/{os.getpid() + 1}")
    factories.processing_video(worker=f"{worker.pk}1")
    assert set(worker.videos()) == {mine, child}
