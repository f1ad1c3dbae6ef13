"""Workers in the admin: who is there, on which device, and what each is at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from catalog.admin.shown import badge
from express.admin.readonly import ReadOnlyAdmin
from express.admin.shown import NOTHING
from express.models import Worker


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    """The list for who wonders why nothing is made."""

    list_title, page_title = "Workers", "Worker"

    list_display = ("name", "state", "now", "device", "slots", "queues_told", "gpus_told", "version", "seen")
    list_filter = ("device", "version")
    search_fields = ("id", "name")
    fields = (
        *("name", "id", "state", "now", "device", "provider", "gpus_told", "slots", "queues_told", "version"),
        *("started_at", "seen_at"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        """With what each renders, in the same query."""
        return Worker.objects.with_video()

    @admin.display(description="State")
    def state(self, worker: Any) -> SafeString:
        """Whether it lives, and whether it works."""
        if not worker.is_alive:
            return badge("lost", "red")
        if worker.is_starting:
            return badge("starting", "amber")
        return badge("busy", "blue") if worker.now_id else badge("idle", "green")

    @admin.display(description="Renders")
    def now(self, worker: Any) -> SafeString | str:
        """The video that it is at, and how far."""
        if not worker.now_id:
            return NOTHING
        more = f" and {worker.now_count - 1} more" if worker.now_count > 1 else ""
        return format_html(
            '<a href="{}">{}</a> {} {}%{}',
            reverse("admin:express_video_change", args=[worker.now_id]),
            str(worker.now_id)[:8],
            worker.now_stage or "begins",
            round(100 * (worker.now_progress or 0)),
            more,
        )

    @admin.display(description="Queues")
    def queues_told(self, worker: Worker) -> str:
        """What it takes jobs from."""
        return ", ".join(worker.queues)

    @admin.display(description="GPU memory of its machine")
    def gpus_told(self, worker: Worker) -> SafeString | str:
        """Each GPU of its machine."""
        rows = ((gpu["name"], gpu["used_mb"] / 1024, gpu["total_mb"] / 1024) for gpu in worker.gpus)
        told = ((name, f"{used:.1f}", f"{total:.0f}") for name, used, total in rows)
        return format_html_join("", "{}: {} of {} GiB<br>", told) if worker.gpus else NOTHING

    @admin.display(description="Last heard of", ordering="seen_at")
    def seen(self, worker: Worker) -> str:
        """How long ago it told that it lives."""
        return f"{timesince(worker.seen_at)} ago" if not worker.is_alive else "just now"
