"""How long a video still takes, from what the last ones took."""

from datetime import datetime

from django.utils import timezone

from express.models import Status, Video

LAST = 20  # videos that the mean is taken of; None is told while there are none
SURE_FROM = 0.05  # share of the job before which its own speed says nothing


def queue_position(video: Video) -> int | None:
    """Return 1 for the next video that a worker takes; None when it does not wait."""
    if video.status != Status.QUEUED:
        return None
    return Video.objects.waiting_before(video).count() + 1


def eta_s(video: Video, position: int | None) -> float | None:
    """Return the seconds until the video is completed; None when there is nothing to judge by.

    position: what `queue_position` says.
    """
    now = timezone.now()
    if video.status == Status.PROCESSING:
        return _left_s(video, now)
    usual_s = _usual_s()
    if position is None or usual_s is None:
        return None
    busy = Video.objects.filter(status=Status.PROCESSING)
    left_s = [usual_s / 2 if (left := _left_s(one, now)) is None else left for one in busy]
    workers = max(1, len(left_s))  # those that are seen at work: a promise that is kept, or beaten
    return (sum(left_s) + usual_s * position) / workers


def _left_s(video: Video, now: datetime) -> float | None:
    if video.started_at is None or video.progress < SURE_FROM:
        return None
    elapsed_s = (now - video.started_at).total_seconds()
    return elapsed_s * (1 - video.progress) / video.progress


def _usual_s() -> float | None:
    ended = Video.objects.filter(status=Status.COMPLETED).order_by("-created_at")
    seconds = [video.render_s for video in ended.only("started_at", "completed_at")[:LAST]]
    known = [one for one in seconds if one is not None]
    return sum(known) / len(known) if known else None
