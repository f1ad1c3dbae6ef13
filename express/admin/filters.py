"""Questions that are asked of the list of videos."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest
from django.utils import timezone

from express.models import Status, Video

CODES_OF = timedelta(days=30)  # whose codes are offered
SLOW_WAIT = timedelta(minutes=1)


class WhyFilter(admin.SimpleListFilter):
    """Why did it fail?"""

    title = "why it failed"
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The codes of late, the most frequent first."""
        bad = Video.objects.filter(error__isnull=False, created_at__gte=timezone.now() - CODES_OF).order_by()
        rows = bad.annotate(code=KT("error__code")).values_list("code").annotate(count=Count("pk")).order_by("-count")
        return [(code, f"{code} ({count})") for code, count in rows[:15] if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        """Those with the code."""
        return queryset.filter(error__code=self.value()) if self.value() else queryset


class MadeFilter(admin.SimpleListFilter):
    """When was it asked for?"""

    title = "when"
    parameter_name = "made"
    SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Spans that end now."""
        return [("hour", "last hour"), ("today", "today"), ("day", "last 24 hours"), ("week", "last 7 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        """Those created in the span."""
        if self.value() == "today":
            return queryset.filter(created_at__gte=timezone.localtime().replace(hour=0, minute=0, second=0))
        span = self.SPANS.get(self.value() or "")
        return queryset.filter(created_at__gte=timezone.now() - span) if span else queryset


class SourceFilter(admin.SimpleListFilter):
    """What was it made from?"""

    title = "made from"
    parameter_name = "source"
    SOURCES = {
        "photo": Q(avatar=None),
        "avatar": Q(avatar__isnull=False),
        "text": ~Q(text=""),
        "recording": Q(text="", removed_at=None),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Whose face, and whose speech."""
        return [
            ("photo", "an uploaded photo"),
            ("avatar", "an avatar"),
            ("text", "text"),
            ("recording", "a recording"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        """Those made from it."""
        source = self.SOURCES.get(self.value() or "")
        return queryset if source is None else queryset.filter(source)


class AttentionFilter(admin.SimpleListFilter):
    """Is something odd about it?"""

    title = "worth a look"
    parameter_name = "odd"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What whoever runs the service should look into."""
        return [
            ("failed", "our side failed"),
            ("slow", "slower than real time"),
            ("waited", "waited over a minute"),
            ("again", "more than one attempt"),
            ("lost", "files are gone"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        """Those that are odd so."""
        took = ExpressionWrapper(F("completed_at") - F("started_at"), output_field=DurationField())
        length = ExpressionWrapper(F("duration_s") * timedelta(seconds=1), output_field=DurationField())
        begun = Q(started_at__gt=F("created_at") + SLOW_WAIT)
        waiting = Q(status=Status.QUEUED, created_at__lt=timezone.now() - SLOW_WAIT)
        match self.value():
            case "failed":
                return queryset.filter(status=Status.FAILED)
            case "slow":
                return (
                    queryset.filter(status=Status.COMPLETED)
                    .annotate(took=took, length=length)
                    .filter(took__gt=F("length"))
                )
            case "waited":
                return queryset.filter(begun | waiting)
            case "again":
                return queryset.filter(attempt__gt=1)
            case "lost":
                return queryset.filter(files_missing=True)
        return queryset
