"""API keys in the admin: make one, see whether it is used, revoke it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from express.models import ApiKey
from express.models.keys import MARK


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument
    """The keys by name. A secret is shown once, when its key is made."""

    list_display = ("name", "shown_prefix", "state", "last_used_at", "created_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("name", "prefix")
    fields = (
        "name",
        "max_running",
        "max_per_minute",
        "max_priority",
        "shown_prefix",
        "state",
        "last_used_at",
        "created_at",
    )
    readonly_fields = ("shown_prefix", "state", "last_used_at", "created_at")
    actions = ("revoke",)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked: their videos stay theirs."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Save; show a new key's secret, this once."""
        secret = "" if change else obj.renew()
        super().save_model(request, obj, form, change)
        if secret:
            told = format_html("The key, shown this once: <code>{}</code>", secret)
            self.message_user(request, told, messages.WARNING)

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Let nobody in with them any more."""
        count = keys.filter(revoked_at=None).update(revoked_at=timezone.now())
        self.message_user(request, f"Revoked: {count}.", messages.SUCCESS)

    @admin.display(description="Begins with", ordering="prefix")
    def shown_prefix(self, key: ApiKey) -> str:
        """What of the secret may be seen."""
        return f"{MARK}_{key.prefix}_…" if key.prefix else "–"

    @admin.display(description="State", ordering="revoked_at")
    def state(self, key: ApiKey) -> str:
        """Whether it opens anything."""
        return f"revoked {timezone.localtime(key.revoked_at):%d %b %Y, %H:%M}" if key.revoked_at else "valid"
