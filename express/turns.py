"""Whose turn it is: start-time fair queueing (Goyal, Vin and Cheng 1996), one number a video.

A client's videos are laid end to end, each as long as it is work, from where the queue stands now: that is their
`turn`, and the smallest goes first. A client with a thousand videos waits behind its own; another one's first video
starts where the queue stands, before nearly all of the thousand. Order and place in the queue are one index scan.
"""

from django.db.models import F, Max, Min

from express.models import Status, Video, VideoQuerySet


def next_turn(video: Video) -> float:
    """Return the turn of a video that joins the queue now. Two that join at once may get the same one: a tie."""
    peers = Video.objects.filter(queue=video.queue, priority=video.priority).exclude(pk=video.pk)
    theirs = peers.running().filter(client=video.client).aggregate(end=Max(F("turn") + F("effort_s")))["end"]
    now = _now(peers)
    return now if theirs is None else max(now, theirs)


def _now(peers: VideoQuerySet) -> float:
    """Where the queue stands: the turn of what was begun last, else of what is next; an empty queue starts at 0."""
    begun = peers.filter(status=Status.PROCESSING).aggregate(turn=Max("turn"))["turn"]
    if begun is None:
        begun = peers.filter(status=Status.QUEUED).aggregate(turn=Min("turn"))["turn"]
    return begun or 0.0
