"""Part: a piece of work on a long video that several workers make together.

    queued -> processing -> completed
                         -> queued      its worker died (services.recover_parts)

The video itself stays `processing` meanwhile. A part counts only as long as its video is in the attempt in which it
was cut: what is canceled, failed or started over takes its parts along, without a word to them.
"""

from django.db import models
from django.db.models import F, OuterRef, Q

from engine.parts import Part as Frames
from express.models.video import Status, Video, VideoQuerySet

PART_STATUSES = (Status.QUEUED, Status.PROCESSING, Status.COMPLETED)


class Kind(models.TextChoices):
    """What is to be done."""

    SPEECH = "speech"  # completed from the start: what the others have to know of the speech
    FRAMES = "frames"  # draw and encode frames `first` to `last`, without `last`
    SOUND = "sound"  # encode the speech as a whole
    JOIN = "join"  # put it all together, once all others are completed


class PartQuerySet(models.QuerySet["Part"]):
    """Parts."""

    def alive(self) -> "PartQuerySet":
        """Those that their videos still wait for."""
        return self.filter(video__status=Status.PROCESSING, video__attempt=F("video_attempt"))

    def needless(self) -> "PartQuerySet":
        """The others."""
        return self.exclude(pk__in=self.model.objects.alive().values("pk"))

    def unfinished(self) -> "PartQuerySet":
        """Those that are not completed, without the joining."""
        return self.exclude(status=Status.COMPLETED).exclude(kind=Kind.JOIN)


class Part(models.Model):
    """A piece of work on a video."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="parts")
    video_attempt = models.PositiveSmallIntegerField()  # of the claim that cut the video
    number = models.PositiveSmallIntegerField()  # within the video, from 0
    kind = models.CharField(max_length=8, choices=Kind.choices)
    first = models.PositiveIntegerField(default=0)
    last = models.PositiveIntegerField(default=0)

    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    progress = models.FloatField(default=0.0)  # 0..1
    attempt = models.PositiveSmallIntegerField(default=0)  # names the claim's owner, as in Video
    crashes = models.PositiveSmallIntegerField(default=0)  # how often a worker died over it
    worker = models.CharField(max_length=128, blank=True)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    # Named by the row (express/parts/files.py), and written here once the part is completed.
    file = models.FileField(blank=True)
    poster = models.FileField(blank=True)  # of the first frames
    figures = models.JSONField(default=dict, blank=True)  # width, height, provider, timings of the engine

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["video", "number"]
        constraints = [
            models.UniqueConstraint(fields=["video", "video_attempt", "number"], name="part_once"),
            models.CheckConstraint(name="part_status_known", condition=Q(status__in=PART_STATUSES)),
            models.CheckConstraint(
                name="part_processing_has_owner",
                condition=~Q(status=Status.PROCESSING)
                | (Q(started_at__isnull=False, heartbeat_at__isnull=False, attempt__gt=0) & ~Q(worker="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} {self.kind} {self.number}"

    def frames(self) -> Frames:
        """The frames that it draws, and what is written on them."""
        return Frames(self.first, self.last, tuple(self.video.captions()))


def without_parts(videos: VideoQuerySet) -> VideoQuerySet:
    """Those of `videos` that one worker renders alone."""
    cut = Part.objects.filter(video=OuterRef("pk"), video_attempt=OuterRef("attempt"))
    return videos.filter(~models.Exists(cut))
