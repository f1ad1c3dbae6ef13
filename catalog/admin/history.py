"""Who changed what: Django's own log of the admin, with the old and the new values."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest

LONGEST = 80  # characters of a value that are told


def told(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, UploadedFile):
        return "a new file"
    if isinstance(value, models.fields.files.FieldFile):
        return "a file" if value else "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    if value in (None, ""):
        return "nothing"
    text = str(value)
    return f"“{text if len(text) <= LONGEST else text[:LONGEST] + '…'}”"


def changes(form: Any) -> list[dict[str, Any]]:
    """The fields of a form that changed, each with its old and its new value, as a LogEntry keeps them."""
    fields = []
    for name in form.changed_data:
        label = form.fields[name].label or name.replace("_", " ").capitalize()
        old, new = form.initial.get(name), form.cleaned_data.get(name)
        if isinstance(new, models.Model) and old is not None:
            old = type(new)._default_manager.filter(pk=old).first()
        old_told = told(old if not isinstance(new, UploadedFile) else (old or ""))
        fields.append(f"{label}: {old_told} → {told(new)}" if old_told != told(new) else str(label))
    return [{"changed": {"fields": fields}}] if fields else []


def note(request: HttpRequest, rows: Iterable[models.Model], what: str) -> None:
    """Write one line into the history of each row, in the name of who asks."""
    who = request.user.pk
    assert who is not None  # the admin lets nobody in without a log-in
    for row in rows:
        LogEntry.objects.log_actions(who, [row], CHANGE, what, single_object=True)
