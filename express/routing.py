"""Which workers a video is for. One queue is for all; another one for those with a GPU, who serve both."""

from django.conf import settings

from catalog.models import LipSyncModel
from express.models import RENDER_QUEUE, Video, VideoQuerySet, Worker

GPU_QUEUE = "render-gpu"
QUEUES = (RENDER_QUEUE, GPU_QUEUE)


def queue_of(video: Video) -> str:
    """Return the queue for a video that waits: that of the GPUs if it is worth one, and one is there."""
    return GPU_QUEUE if is_worth_a_gpu(video) and Worker.objects.for_queue(GPU_QUEUE) else RENDER_QUEUE


def stranded() -> VideoQuerySet:
    """Videos that wait for workers of whom none is left."""
    waiting = Video.objects.waiting().filter(queue=GPU_QUEUE)
    return waiting.none() if Worker.objects.for_queue(GPU_QUEUE) else waiting


def is_stranded(video: Video) -> bool:
    """Whether none is left of the workers that its parts are for."""
    return video.queue == GPU_QUEUE and not Worker.objects.for_queue(GPU_QUEUE)


def is_worth_a_gpu(video: Video) -> bool:
    """Whether a network draws its mouth, or it is long and large (its effort, in seconds of a machine of two cores)."""
    if 0 < settings.GPU_FROM_EFFORT_S <= video.effort_s:
        return True
    return bool(video.model_id) and LipSyncModel.objects.filter(pk=video.model_id).exclude(file="").exists()
