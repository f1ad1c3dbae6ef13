"""How much one client may ask for. Counted from the rows: every web process sees the same."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from engine.errors import InvalidOption
from express.clients import SERVICE, Client
from express.models import Priority, Video

BUSY_RETRY_S = 5.0  # until one of the client's videos may have ended


class LimitReached(Exception):
    """The client has to wait. wait_s: how long."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.message = message
        self.wait_s = wait_s


def allowed(priority: Priority, client: Client) -> Priority:
    """Return the priority. Raises InvalidOption when it is more than the client may ask for."""
    if priority <= client.max_priority:
        return priority
    highest = Priority(client.max_priority).name.lower()
    raise InvalidOption(f"priority is above {highest}, this client's highest", option="priority", highest=highest)


def one_at_a_time(client_id: str) -> None:
    """Let nobody else give this client a video until the transaction ends, so that what was counted stays true.

    SQLite lets one transaction write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"express.client {client_id}"])


def require_room(client: Client) -> None:
    """Raise LimitReached when the client has as many videos under way, or made as many in a minute, as it may.

    Certain in a transaction that began with `one_at_a_time`; without, good for turning most away early.
    """
    if client == SERVICE:
        return
    theirs = Video.objects.filter(client=client.id)
    if client.max_running and theirs.running().count() >= client.max_running:
        raise LimitReached(f"{client.max_running} videos wait or are being rendered: no more at once", BUSY_RETRY_S)
    if not client.max_per_minute:
        return
    now = timezone.now()
    minute = timedelta(minutes=1)
    recent = theirs.filter(created_at__gt=now - minute).order_by("-created_at").values_list("created_at", flat=True)
    full = recent[client.max_per_minute - 1 : client.max_per_minute]
    for freeing in full:  # one, when the minute is full: there is room again a minute after it
        wait_s = (freeing + minute - now).total_seconds()
        raise LimitReached(f"{client.max_per_minute} videos were created within a minute: no more", wait_s)
