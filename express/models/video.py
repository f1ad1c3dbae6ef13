"""Video: one request for a talking video, from the queue to the file.

    queued -> processing -> completed
                         -> rejected    the input cannot be used
                         -> failed      our side failed
                         -> queued      its worker died (services.requeue_lost), or was told to end
    queued, processing   -> canceled
    failed, canceled     -> queued      somebody wants it tried again

Each arrow is one conditional update (express/transitions.py), so that exactly one process can take it.
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import Avatar, Voice
from engine.captions import Cue
from engine.convert import FORMATS
from engine.options import Options


class Status(models.TextChoices):
    """Where a video is on its way."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELED = "canceled"


class Priority(models.IntegerChoices):
    """Who is served first, whoever else waits."""

    LOW = -1
    NORMAL = 0
    HIGH = 1


RENDER_QUEUE = "render"
RUNNING = (Status.QUEUED, Status.PROCESSING)


def _storage_name(folder: str, suffix: str) -> str:
    return f"{folder}/{timezone.now():%Y/%m/%d}/{uuid.uuid4().hex}{suffix}"


def photo_name(video: "Video", filename: str) -> str:
    """Storage name of an uploaded photo. The client's file name stays outside: it may be private or hostile."""
    return _storage_name("photos", "")


def audio_name(video: "Video", filename: str) -> str:
    """Storage name of uploaded speech."""
    return _storage_name("speech", "")


def result_name(video: "Video", filename: str) -> str:
    """Storage name of the finished video."""
    return _storage_name("videos", f".{video.output_format}")


def poster_name(video: "Video", filename: str) -> str:
    """Storage name of the video's first picture."""
    return _storage_name("posters", ".jpg")


class VideoQuerySet(models.QuerySet["Video"]):
    """Videos."""

    def running(self) -> "VideoQuerySet":
        """Those that wait or are being rendered."""
        return self.filter(status__in=RUNNING)

    def like(self, video: "Video") -> "VideoQuerySet":
        """Those of the same client that ask for the same."""
        same = self.filter(fingerprint=video.fingerprint, client=video.client, owner=video.owner_id)
        return same.exclude(fingerprint="").exclude(pk=video.pk)

    def reusable(self) -> "VideoQuerySet":
        """Completed ones that have their files, as far as the rows know."""
        kept = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(kept, status=Status.COMPLETED, removed_at=None, files_missing=False).exclude(result="")

    def retryable(self) -> "VideoQuerySet":
        """Those that ended without a video, for no fault of their input, and still have it."""
        there = ~Q(photo="") | Q(avatar__isnull=False)
        kept = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(there, kept, status__in=(Status.FAILED, Status.CANCELED), removed_at=None)

    def waiting(self) -> "VideoQuerySet":
        """Those that wait, in the order in which workers take them (express/turns.py)."""
        return self.filter(status=Status.QUEUED).order_by("-priority", "turn", "created_at", "pk")

    def waiting_before(self, video: "Video") -> "VideoQuerySet":
        """Those that a worker will take before this one."""
        same = Q(priority=video.priority)
        earlier = Q(turn__lt=video.turn) | Q(turn=video.turn, created_at__lt=video.created_at)
        tied = Q(turn=video.turn, created_at=video.created_at, pk__lt=video.pk)
        first = Q(priority__gt=video.priority) | (same & (earlier | tied))
        return self.waiting().filter(first, queue=video.queue)


class Video(models.Model):
    """A talking video. Its id is its secret: who knows it may watch it, unless it belongs to a key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    # Who asked.
    owner = models.ForeignKey("express.ApiKey", on_delete=models.PROTECT, null=True, blank=True, related_name="videos")
    client = models.CharField(max_length=64, blank=True)  # as express.clients.Client names it; keys' or addresses'

    # What was asked for: a photo or an avatar; speech as audio or as text with a voice.
    photo = models.FileField(upload_to=photo_name, blank=True)
    avatar = models.ForeignKey(Avatar, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    audio = models.FileField(upload_to=audio_name, blank=True)
    text = models.TextField(blank=True)
    voice = models.ForeignKey(Voice, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    model_id = models.CharField("lip-sync model", max_length=64, blank=True)  # kept when the catalog's row is deleted
    options = models.JSONField(default=dict, blank=True)  # fields of engine.Options; those left out have its defaults
    user_data = models.CharField(max_length=1000, blank=True)
    callback_url = models.CharField(max_length=2000, blank=True)  # told of the end; express/webhooks.py
    callback_id = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)  # of the request that created it, for the logs
    public_url = models.CharField(max_length=300, blank=True)  # scheme and host by which the client knows us

    # What others that ask for the same have in common with it (express/fingerprints.py); empty: nothing is shared.
    fingerprint = models.CharField(max_length=64, blank=True)
    reused = models.BooleanField(default=False)  # it shares the files of an earlier one, and was not rendered
    analyses = models.JSONField(default=list, blank=True)  # ids of the Analysis rows of its photo

    # When it is its turn (express/turns.py).
    queue = models.CharField(max_length=32, default=RENDER_QUEUE)  # of Celery: whose workers may take it
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    turn = models.FloatField(default=0.0)  # the smallest is next
    effort_s = models.FloatField(default=1.0)  # how much work it is (express/effort.py)
    speech_s = models.FloatField(default=0.0)  # about how long its speech will be

    # Where it is.
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(max_length=16, blank=True)  # the engine's stage, while processing
    progress = models.FloatField(default=0.0)  # 0..1
    attempt = models.PositiveSmallIntegerField(default=0)  # how often a worker has begun; names the claim's owner
    crashes = models.PositiveSmallIntegerField(default=0)  # how many of them died over it
    worker = models.CharField(max_length=128, blank=True)  # who has it, as host:process
    enqueued_at = models.DateTimeField(null=True, blank=True)  # when the broker last took its message
    heartbeat_at = models.DateTimeField(null=True, blank=True)

    # What became of it.
    error = models.JSONField(null=True, blank=True)  # code, message, hint, details, retryable
    result = models.FileField(upload_to=result_name, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    poster = models.FileField(upload_to=poster_name, blank=True)
    cues = models.JSONField(default=list, blank=True)  # captions: start_s, end_s and text of each
    duration_s = models.FloatField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    fps = models.FloatField(null=True, blank=True)
    provider = models.CharField(max_length=64, blank=True)  # what ran the networks, as ONNX Runtime names it
    timings = models.JSONField(default=dict, blank=True)  # seconds a stage

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)  # when it reached a final status, whichever
    expires_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # its files are gone: expired or deleted
    files_missing = models.BooleanField(default=False)  # its files are gone, and nobody told us: services/sweep.py
    flags = models.JSONField(default=list, blank=True)  # codes of what its user must know: services.consents.FLAG

    objects = VideoQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["status", "queue", "-priority", "turn", "created_at", "id"], name="video_turns"),
            models.Index(fields=["-created_at"], name="video_newest"),
            models.Index(fields=["status", "-completed_at"], name="video_last_ended"),
            models.Index(fields=["fingerprint"], name="video_fingerprint"),
            models.Index(fields=["owner", "-created_at"], name="video_owner_newest"),
            models.Index(fields=["client", "created_at"], name="video_client"),
            models.Index(fields=["client", "status"], name="video_client_status"),
            models.Index(fields=["expires_at"], name="video_expiry", condition=Q(removed_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(name="video_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="video_priority_known", condition=Q(priority__in=Priority.values)),
            models.CheckConstraint(name="video_progress_range", condition=Q(progress__gte=0.0) & Q(progress__lte=1.0)),
            models.CheckConstraint(
                name="video_processing_has_owner",
                condition=~Q(status=Status.PROCESSING)
                | (Q(started_at__isnull=False, heartbeat_at__isnull=False, attempt__gt=0) & ~Q(worker="")),
            ),
            models.CheckConstraint(
                name="video_completed_has_result",
                condition=~Q(status=Status.COMPLETED)
                | Q(removed_at__isnull=False)
                | (Q(duration_s__gt=0, width__gt=0, height__gt=0) & ~Q(result="") & ~Q(poster="")),
            ),
            models.CheckConstraint(
                name="video_final_has_end",
                condition=Q(status__in=RUNNING, completed_at__isnull=True)
                | (~Q(status__in=RUNNING) & Q(completed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="video_error_says_why",
                condition=Q(status__in=(Status.FAILED, Status.REJECTED), error__isnull=False)
                | (~Q(status__in=(Status.FAILED, Status.REJECTED)) & Q(error__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def output_format(self) -> str:
        """The kind of file that was asked for, a key of engine.convert.FORMATS."""
        return str(self.options.get("output_format", Options().output_format))

    @property
    def media_type(self) -> str:
        """The result's media type."""
        return FORMATS[self.output_format].media_type

    def captions(self) -> list[Cue]:
        """The captions, in order; none where none were asked for, or nothing was understood."""
        return [Cue(**cue) for cue in self.cues]

    @property
    def is_running(self) -> bool:
        """Whether it still waits or is being rendered."""
        return self.status in RUNNING

    @property
    def is_gone(self) -> bool:
        """Whether it expired or was deleted."""
        return self.removed_at is not None or (self.expires_at is not None and self.expires_at <= timezone.now())

    @property
    def render_s(self) -> float | None:
        """Seconds from a worker's claim to the end; None before that."""
        if self.started_at is None or self.completed_at is None:
            return None
        return (self.completed_at - self.started_at).total_seconds()

    @property
    def speed(self) -> float | None:
        """Seconds of video a second of rendering; None before it is completed."""
        if self.status != Status.COMPLETED or not self.render_s or not self.duration_s:
            return None
        return self.duration_s / self.render_s

    def files(self) -> list[Any]:
        """Every file that the row has in storage."""
        return [file for file in (self.photo, self.audio, self.result, self.poster) if file]
