"""Videos in the admin: how they are doing, what they show, why they failed. Nothing can be edited."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.shown import badge
from express import services
from express.admin.filters import AttentionFilter, MadeFilter, SourceFilter, WhyFilter
from express.admin.readonly import ReadOnlyAdmin
from express.admin.shown import NOTHING, pretty_json, when
from express.models import Part, Status, Video
from express.streaming import file_response

COLOURS = {
    Status.QUEUED: "amber",
    Status.PROCESSING: "blue",
    Status.COMPLETED: "green",
    Status.FAILED: "red",
    Status.REJECTED: "red",
    Status.CANCELED: "grey",
}

FIELDS: tuple[tuple[str | None, tuple[str, ...]], ...] = (
    (None, ("player", "state", "stage_now", "done", "error_told")),
    ("The video", ("id", "size", "length", "speed_of_it", "provider", "timings_told")),
    ("What was asked for", ("photo_shown", "avatar", "audio_player", "text", "voice", "model_id", "options_told")),
    (
        "On its way",
        ("owner", "client", "request_id", "user_data", "callback_id", "worker", "attempt", "crashes", "parts_told"),
    ),
    ("Its turn", ("priority", "queue", "turn", "effort_s", "speech_s", "enqueued_at", "heartbeat_at")),
    ("Times", ("created_at", "started_at", "completed_at", "expires_at", "removed_at")),
)


@admin.register(Video)
class VideoAdmin(ReadOnlyAdmin):
    """The list for who runs the service, and one page a video.

    Rows stay, so that their addresses answer 410; the action `remove` takes everything out of them.
    """

    list_title, page_title = "Videos", "Video"

    list_display = ("picture", "short_id", "state_now", "length", "speed_short", "created")
    list_display_links = ("picture", "short_id")
    list_filter = (
        *("status", MadeFilter, WhyFilter, AttentionFilter, SourceFilter),
        *("owner", "priority", "provider", "avatar", "voice", "model_id"),
    )
    list_select_related = ("avatar", "voice", "owner")
    list_per_page = 50
    search_fields = ("=id", "=request_id", "user_data", "callback_id", "worker")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    actions = ("cancel", "retry", "remove")
    fieldsets = tuple((title, {"fields": names}) for title, names in FIELDS)
    readonly_fields = tuple(name for _, names in FIELDS for name in names)

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of what was uploaded, for the admin alone."""
        view = self.admin_site.admin_view(self.upload)
        return [path("<uuid:video_id>/<str:field>", view, name="express_video_upload"), *super().get_urls()]

    def upload(self, request: HttpRequest, video_id: str, field: str) -> HttpResponseBase:
        """The photo or the recording that was sent."""
        video = Video.objects.filter(pk=video_id).first()
        file = (
            getattr(video, field, None) if field in ("photo", "audio") and self.has_view_permission(request) else None
        )
        if not file:
            raise Http404
        etag = f'"{file.name.rsplit("/", 1)[-1]}"'
        kind = "image/jpeg" if field == "photo" else "audio/mpeg"  # browsers look at the bytes for the rest
        return file_response(
            request, file.open("rb"), content_type=kind, etag=etag, filename=field, cache_control="private, no-store"
        )

    @admin.action(description="Cancel the videos that wait or are being rendered", permissions=["change"])
    def cancel(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        """Cancel the chosen ones that have not ended."""
        count = sum(services.cancel_video(video) for video in videos)
        self.message_user(request, f"{count} canceled.", messages.SUCCESS if count else messages.WARNING)

    @admin.action(description="Try again the videos that failed or were canceled", permissions=["change"])
    def retry(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        """Put the chosen ones back into the queue whose photo and speech are still there."""
        count = sum(services.retry_video(video) for video in videos)
        self.message_user(request, f"{count} queued again.", messages.SUCCESS if count else messages.WARNING)

    @admin.action(description="Remove photo, speech and video for good", permissions=["change"])
    def remove(self, request: HttpRequest, videos: QuerySet[Video]) -> None:
        """Take everything out of the chosen ones; running ones are canceled."""
        chosen = [video for video in videos if video.removed_at is None]
        for video in chosen:
            services.delete_video(video)
        self.message_user(request, f"{len(chosen)} removed.", messages.SUCCESS)

    @admin.display(description="")
    def picture(self, video: Video) -> SafeString | str:
        """The poster."""
        if not video.poster:
            return NOTHING
        return format_html(
            '<img src="{}" alt="" height="56" loading="lazy">', reverse("video-thumbnail", args=[video.pk])
        )

    @admin.display(description="Video", ordering="id")
    def short_id(self, video: Video) -> str:
        """Enough of the id to tell videos apart."""
        return str(video.pk)[:8]

    @admin.display(description="Status", ordering="status")
    def state(self, video: Video) -> SafeString:
        """The status in its colour, whether the files are gone, and its flags."""
        remarks = ["removed"] * (video.removed_at is not None) + [flag.replace("_", " ") for flag in video.flags]
        told = "".join(f" ({remark})" for remark in remarks)
        return badge(f"{video.get_status_display()}{told}", COLOURS[Status(video.status)])

    @admin.display(description="Status", ordering="status")
    def state_now(self, video: Video) -> SafeString:
        """The status, with how far it is while it is being rendered, or with what went wrong."""
        if video.status == Status.PROCESSING:
            return format_html("{}<br>{} {}", self.state(video), self.done(video), video.stage)
        if video.error:
            return format_html("{}<br>{}", self.state(video), video.error["code"])
        return self.state(video)

    @admin.display(description="Stage", ordering="stage")
    def stage_now(self, video: Video) -> str:
        """What the worker is at."""
        return video.stage if video.status == Status.PROCESSING else NOTHING

    @admin.display(description="Progress", ordering="progress")
    def done(self, video: Video) -> SafeString:
        """The progress as a bar."""
        percent = round(video.progress * 100)
        bar = (
            '<span style="white-space: nowrap"><progress value="{}" max="100" style="width: 5em"></progress> {}%</span>'
        )
        return format_html(bar, percent, percent)

    @admin.display(description="Duration", ordering="duration_s")
    def length(self, video: Video) -> str:
        """Seconds of video."""
        return NOTHING if video.duration_s is None else f"{video.duration_s:.1f} s"

    @admin.display(description="× real time")
    def speed_short(self, video: Video) -> str:
        """Seconds of video a second of work."""
        return NOTHING if video.speed is None else f"{video.speed:.1f} ×"

    @admin.display(description="Speed")
    def speed_of_it(self, video: Video) -> str:
        """How many times faster than real time it was made, synthesis and storage included."""
        return NOTHING if video.speed is None else f"{video.speed:.1f} × real time in {video.render_s:.1f} s"

    @admin.display(description="Created", ordering="created_at")
    def created(self, video: Video) -> str:
        """When it was asked for."""
        return when(video.created_at)

    @admin.display(description="Error")
    def error_told(self, video: Video) -> SafeString | str:
        """The whole error, with its hint."""
        if not video.error:
            return NOTHING
        error = video.error
        return format_html(
            "<b>{}</b>: {}<br><em>{}</em>{}",
            error["code"],
            error["message"],
            error["hint"],
            pretty_json(error["details"]),
        )

    @admin.display(description="Video")
    def player(self, video: Video) -> SafeString | str:
        """The video, to be played here."""
        if not video.result:
            return NOTHING
        return format_html(
            '<video src="{}" poster="{}" controls preload="metadata" style="max-width: 100%; max-height: 480px">'
            "{}</video>",
            reverse("video-file", args=[video.pk]),
            reverse("video-thumbnail", args=[video.pk]),
            self._track(video),
        )

    @admin.display(description="Size")
    def size(self, video: Video) -> str:
        """Pixels and frame rate."""
        return NOTHING if video.width is None else f"{video.width} × {video.height} px, {video.fps:g} frames/s"

    @admin.display(description="Photo")
    def photo_shown(self, video: Video) -> SafeString | str:
        """The photo that was sent, or the avatar's."""
        if video.photo:
            return format_html('<img src="{}" alt="" height="240">', self._upload_url(video, "photo"))
        if video.avatar:
            return format_html('<img src="{}" alt="" height="240">', video.avatar.image.url)
        return NOTHING

    @admin.display(description="Recording")
    def audio_player(self, video: Video) -> SafeString | str:
        """The recording that was sent."""
        if video.audio:
            return format_html('<audio src="{}" controls preload="none"></audio>', self._upload_url(video, "audio"))
        return NOTHING

    @admin.display(description="Options")
    def options_told(self, video: Video) -> SafeString | str:
        """The options that were given."""
        return pretty_json(video.options)

    @admin.display(description="Parts")
    def parts_told(self, video: Video) -> str:
        """How far the parts are that several workers make of a long video; they go when it is done."""
        parts = Part.objects.filter(video=video, video_attempt=video.attempt).order_by("number")
        told = [f"{part.kind} {part.number}: {part.progress:.0%} {part.worker}".rstrip() for part in parts]
        return ", ".join(told) or NOTHING

    @admin.display(description="Seconds a stage")
    def timings_told(self, video: Video) -> SafeString | str:
        """How long each stage took."""
        return pretty_json(video.timings)

    def _track(self, video: Video) -> SafeString | str:
        """The captions, shown where they are not in the picture already."""
        if not video.cues:
            return ""
        shown = SafeString("" if video.options.get("captions") == "burned" else " default")
        url = reverse("video-captions", args=[video.pk, "vtt"])
        return format_html('<track kind="captions" src="{}" label="Captions"{}>', url, shown)

    def _upload_url(self, video: Video, field: str) -> str:
        return reverse("admin:express_video_upload", args=[video.pk, field])
