"""Probes: does the process live, and can it do its work."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from talkingphotos.celery import app


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """GET /healthz: 200 while the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """GET /readyz: 200 when database and broker answer, else 503; each one's state is in the body."""
    checks = {"database": _database(), "broker": _broker()}
    ready = all(state == "ok" for state in checks.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", **checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM express_video LIMIT 1")
    except Exception as error:  # drivers differ in what they raise; a probe tells, it does not fail
        return type(error).__name__
    return "ok"


def _broker() -> str:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
    except Exception as error:
        return type(error).__name__
    return "ok"
