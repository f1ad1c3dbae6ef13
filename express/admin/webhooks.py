"""Webhooks in the admin: what was told to whom, what they answered, and the secrets that sign it."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.shown import badge
from express import webhooks
from express.admin.readonly import ReadOnlyAdmin
from express.admin.shown import NOTHING, pretty_json, when
from express.models import DeliveryStatus, WebhookDelivery, WebhookSecret

COLOURS = {DeliveryStatus.WAITING: "amber", DeliveryStatus.DELIVERED: "green", DeliveryStatus.GIVEN_UP: "red"}


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """The deliveries, newest first; those that ended can be sent again. They go after WEBHOOK_KEEP_DAYS."""

    list_title, page_title = "Webhook deliveries", "Webhook delivery"

    list_display = ("event", "state", "answered", "tries", "next_try", "video_link", "created", "url")
    list_filter = ("status", "event", "answer_status", "created_at")
    list_select_related = ("video",)
    list_per_page = 50
    search_fields = ("=video__id", "url", "video__callback_id")
    date_hierarchy = "created_at"
    actions = ("replay",)
    fields = (
        *("event", "state", "url", "video_link", "answered", "answer", "took", "tries", "next_try", "give_up_at"),
        *("created_at", "ended_at", "webhook_id", "body_shown"),
    )
    readonly_fields = fields

    @admin.action(description="Send again", permissions=["change"])
    def replay(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        """Send the chosen ones once more, under their old ids."""
        for delivery in deliveries:
            webhooks.replay(delivery)
        self.message_user(request, f"{len(deliveries)} on their way again.", messages.SUCCESS)

    @admin.display(description="Status", ordering="status")
    def state(self, delivery: WebhookDelivery) -> SafeString:
        """How far it is."""
        return badge(delivery.get_status_display(), COLOURS[DeliveryStatus(delivery.status)])

    @admin.display(description="Answered", ordering="answer_status")
    def answered(self, delivery: WebhookDelivery) -> str:
        """The HTTP status of the last try."""
        if delivery.answer_status is None:
            return NOTHING if not delivery.tries else "nobody"
        return str(delivery.answer_status)

    @admin.display(description="Next try", ordering="next_at")
    def next_try(self, delivery: WebhookDelivery) -> str:
        """When it is tried again."""
        return when(delivery.next_at) if delivery.status == DeliveryStatus.WAITING else NOTHING

    @admin.display(description="Video")
    def video_link(self, delivery: WebhookDelivery) -> SafeString:
        """The video that it tells of."""
        url = reverse("admin:express_video_change", args=[delivery.video_id])
        return format_html('<a href="{}">{}</a>', url, str(delivery.video_id)[:8])

    @admin.display(description="Took")
    def took(self, delivery: WebhookDelivery) -> str:
        """Seconds of the last try."""
        return NOTHING if delivery.took_s is None else f"{delivery.took_s:.2f} s"

    @admin.display(description="Created", ordering="created_at")
    def created(self, delivery: WebhookDelivery) -> str:
        """When it happened."""
        return when(delivery.created_at)

    @admin.display(description="webhook-id")
    def webhook_id(self, delivery: WebhookDelivery) -> str:
        """As the receiver sees it."""
        return f"msg_{delivery.pk.hex}"

    @admin.display(description="Body")
    def body_shown(self, delivery: WebhookDelivery) -> SafeString | str:
        """What is sent, set out for reading."""
        return pretty_json(json.loads(delivery.body))


@admin.register(WebhookSecret)
class WebhookSecretAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument
    """The secrets. A new one makes those before it retire in a day."""

    list_display = ("__str__", "owner", "created_at", "retires_at")
    list_select_related = ("owner",)
    fields = ("owner", "secret", "created_at", "retires_at")

    def get_readonly_fields(self, request: HttpRequest, obj: WebhookSecret | None = None) -> tuple[str, ...]:
        """Only a new one is asked whose it is."""
        return ("secret", "created_at", "retires_at") + (("owner",) if obj else ())

    def get_fields(self, request: HttpRequest, obj: WebhookSecret | None = None) -> tuple[str, ...]:
        """A new one has no secret yet."""
        return self.fields if obj else ("owner",)

    def has_delete_permission(self, request: HttpRequest, obj: WebhookSecret | None = None) -> bool:
        """They retire."""
        return False

    def save_model(self, request: HttpRequest, obj: WebhookSecret, form: Any, change: bool) -> None:
        """Add by rotation: never two that are both meant to stay."""
        if not change:
            WebhookSecret.retire(obj.owner)
        super().save_model(request, obj, form, change)
