"""Lists and pages of rows that the service writes by itself: to be read, not edited."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument
    """A list under `list_title`, and pages under `page_title`, without the buttons of a form."""

    list_title: ClassVar[str]
    page_title: ClassVar[str]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come by themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """And go by themselves."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under a name that does not promise that it can be changed."""
        return super().changelist_view(request, {"title": self.list_title, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One row."""
        buttons = {"show_save": False, "show_save_and_continue": False, "title": self.page_title}
        return super().change_view(request, object_id, form_url, {**buttons, **(extra_context or {})})
