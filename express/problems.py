"""Errors over HTTP: {"error": {"code", "message", "hint", "details", "retryable"}}."""

import logging
import sys
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from engine.errors import EngineError, InputError
from express.errors import DatabaseUnavailable, ServiceUnavailable, engine_problem, problem
from express.patience import DATABASE_AWAY

logger = logging.getLogger(__name__)

# DRF's own codes are about its classes; ours name what happened, as the engine's do.
CODES: dict[int, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: ("malformed_request", "Send the form as multipart/form-data, as `curl -F` does."),
    HTTPStatus.UNAUTHORIZED: (
        "not_authenticated",
        "Send an API key as `Authorization: Bearer <key>` or `X-Api-Key: <key>`. `manage.py create_api_key NAME` "
        "makes one, and so does the admin.",
    ),
    HTTPStatus.FORBIDDEN: ("permission_denied", ""),
    HTTPStatus.NOT_FOUND: ("not_found", "See /api/docs for the addresses of this service."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "See the `Allow` header for the methods of this address."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "unsupported_media_type",
        "Send multipart/form-data with the photo in the field `image`, as `curl -F image=@photo.jpg` does.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: ("too_many_requests", "Wait as long as `Retry-After` says."),
}


class Problem(Exception):
    """Raised by a view to answer with an error; takes what `problem_response` takes."""

    def __init__(self, status: int, code: str, message: str, **rest: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = problem(code, message, **rest)


def problem_response(
    status: int,
    code: str,
    message: str,
    *,
    hint: str = "",
    details: dict[str, Any] | None = None,
    retryable: bool = False,
) -> JsonResponse:
    """Return an error answer with the given HTTP status."""
    body = problem(code, message, hint=hint, details=details, retryable=retryable)
    return JsonResponse({"error": body}, status=status, headers={"Cache-Control": "no-store"})


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer what a view raised. None leaves it to `server_error`, which also gets it logged."""
    if (answer := unavailable(context["request"], error)) is not None:
        return answer
    if isinstance(error, EngineError):
        status = HTTPStatus.BAD_REQUEST if isinstance(error, InputError) else HTTPStatus.INTERNAL_SERVER_ERROR
        return _response(status, engine_problem(error))
    if isinstance(error, Problem):
        return _response(error.status, error.body)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        return _response(HTTPStatus.BAD_REQUEST, _validation_problem(error))
    if not isinstance(error, exceptions.APIException):
        return None
    code, hint = CODES.get(error.status_code, (str(error.default_code), ""))
    response = _response(error.status_code, problem(code, str(error.detail), hint=hint))
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that does not exist."""
    if not _wants_json(request):
        return defaults.page_not_found(request, exception)
    code, hint = CODES[HTTPStatus.NOT_FOUND]
    return problem_response(HTTPStatus.NOT_FOUND, code, f"Nothing lives at {request.path}.", hint=hint)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refused, such as one with a forged Host."""
    if not _wants_json(request):
        return defaults.bad_request(request, exception)
    return problem_response(HTTPStatus.BAD_REQUEST, "malformed_request", "The request cannot be understood.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that may not do what it wants."""
    if not _wants_json(request):
        return defaults.permission_denied(request, exception)
    return problem_response(HTTPStatus.FORBIDDEN, "permission_denied", "This is not allowed.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when our side failed; Django has logged the traceback."""
    if (answer := unavailable(request, sys.exception())) is not None:
        return answer
    if not _wants_json(request):
        return defaults.server_error(request)
    return problem_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "The service failed.",
        hint="Try again; if it fails again, tell whoever runs this service when it happened.",
        retryable=True,
    )


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Answer 503 when `error` is about something that is away; None for every other error."""
    if isinstance(error, DATABASE_AWAY):
        error = _database_unavailable(error)
    if not isinstance(error, ServiceUnavailable):
        return None
    answer: HttpResponse
    if _wants_json(request):
        answer = JsonResponse({"error": engine_problem(error)}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        answer = HttpResponse(error.message, "text/plain", status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _database_unavailable(error: Exception) -> DatabaseUnavailable:
    logger.error("the database does not answer: %s", str(error).split("\n")[0])
    return DatabaseUnavailable("the database does not answer")


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _response(status: int, body: dict[str, Any]) -> Response:
    return Response({"error": body}, status=status, headers={"Cache-Control": "no-store"})


def _validation_problem(error: exceptions.ValidationError) -> dict[str, Any]:
    """One problem for all fields that are wrong: the first one in words, every one in details."""
    detail = error.detail if isinstance(error.detail, dict) else {"request": error.detail}
    field, faults = next(iter(detail.items()))
    first = faults[0] if isinstance(faults, list) else faults
    return problem(
        "invalid_option",
        f"{field}: {first}",
        hint="See `details` for each field and what is wrong with it.",
        details={"option": field, "fields": detail},
    )
