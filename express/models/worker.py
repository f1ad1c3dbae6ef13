"""Worker: a Celery worker that renders or does small things, as it tells of itself every few seconds."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Now
from django.utils import timezone

from express.models.part import Part
from express.models.video import Status, Video, VideoQuerySet


class WorkerQuerySet(models.QuerySet["Worker"]):
    """Workers."""

    def alive(self) -> "WorkerQuerySet":
        """Those that were heard of lately, by the database's clock: those of workers may differ."""
        return self.filter(seen_at__gte=Now() - timedelta(seconds=settings.WORKER_LOST_AFTER_S))

    def lost(self) -> "WorkerQuerySet":
        """The others: killed, cut off, or too busy to tell."""
        return self.filter(seen_at__lt=Now() - timedelta(seconds=settings.WORKER_LOST_AFTER_S))

    def with_video(self) -> "WorkerQuerySet":
        """With the video, or the part of one, that each renders: now_id, now_stage, now_progress; now_count of them."""
        theirs = Q(worker=OuterRef("id")) | Q(worker__startswith=Concat(OuterRef("id"), Value("/")))
        now = Video.objects.filter(theirs, status=Status.PROCESSING).order_by("started_at")
        parts = Part.objects.filter(theirs, status=Status.PROCESSING).order_by("started_at")
        return self.annotate(
            now_id=Coalesce(
                Subquery(now.values("pk")[:1]), Subquery(parts.values("video_id")[:1], output_field=models.UUIDField())
            ),
            now_stage=Coalesce(Subquery(now.values("stage")[:1]), Subquery(parts.values("kind")[:1])),
            now_progress=Coalesce(Subquery(now.values("progress")[:1]), Subquery(parts.values("progress")[:1])),
            now_count=_count(now) + _count(parts),
        )

    def for_queue(self, queue: str) -> list["Worker"]:
        """Those that are alive and take jobs from this queue."""
        return [worker for worker in self.alive() if queue in worker.queues]


class Worker(models.Model):
    """A worker that said it is there. One that ends in peace takes its row along."""

    id = models.CharField(primary_key=True, max_length=100)  # host:pid of its main process
    name = models.CharField(max_length=150)  # what Celery calls it
    queues = models.JSONField(default=list)
    slots = models.PositiveSmallIntegerField(default=1)  # jobs at once
    device = models.CharField(max_length=32, blank=True)  # "cpu" or "cuda:0"; unknown until its models are loaded
    provider = models.CharField(max_length=64, blank=True)  # what runs its networks, as ONNX Runtime names it
    gpus = models.JSONField(default=list, blank=True)  # id, name, used_mb, total_mb of each of its machine's
    version = models.CharField(max_length=32, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(db_index=True)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.id

    @property
    def is_alive(self) -> bool:
        """Whether it was heard of lately."""
        return bool(self.seen_at >= timezone.now() - timedelta(seconds=settings.WORKER_LOST_AFTER_S))

    @property
    def is_starting(self) -> bool:
        """Whether its models are still to be loaded; a worker for small things loads none."""
        return not self.device and set(self.queues) != {"default"}

    @property
    def device_told(self) -> str:
        """Its device, "starting", or "none" for small things."""
        return self.device or ("starting" if self.is_starting else "none")

    def videos(self) -> VideoQuerySet:
        """What it renders now."""
        mine = models.Q(worker=self.id) | models.Q(worker__startswith=f"{self.id}/")
        return Video.objects.filter(mine, status=Status.PROCESSING)


def _count(rows: models.QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("status").annotate(count=models.Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)
