"""Probes: does the process live, and can the service do its work."""

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from express import disk
from express.models import Worker
from talkingphotos.celery import app

OK = "ok"
BROKER_ANSWERS_WITHIN_S = 2


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """GET /healthz: 200 while the process answers."""
    return JsonResponse({"status": OK})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """GET /readyz: 200 when a video that is asked for now can be made, else 503; each part's state is in the body."""
    checks = {name: _told(check) for name, check in CHECKS.items()}
    needed = [name for name in checks if settings.READY_NEEDS_WORKER or name not in ("worker", "models")]
    ready = all(checks[name] == OK for name in needed)
    return JsonResponse({"status": OK if ready else "unavailable", **checks}, status=200 if ready else 503)


def database() -> str:
    """Whether the database answers, migrated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM express_video LIMIT 1")
    return OK


def broker() -> str:
    """Whether the broker answers."""
    with app.connection_for_write() as found:
        found.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_ANSWERS_WITHIN_S)
    return OK


def worker() -> str:
    """Whether a worker that renders was heard of lately."""
    return OK if Worker.objects.for_queue("render") else "none"


def models() -> str:
    """Whether such a worker has its models loaded."""
    return OK if any(found.device for found in Worker.objects.for_queue("render")) else "not loaded"


def room() -> str:
    """Whether there is room for another video."""
    return disk.shortage() or OK


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "broker": broker,
    "worker": worker,
    "models": models,
    "disk": room,
}


def _told(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # drivers differ in what they raise; a probe tells, it does not fail
        return type(error).__name__
