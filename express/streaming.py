"""Files over HTTP with Range, ETag and HEAD: neither Django's FileResponse nor its static serving honours Range."""

import re
from typing import Any

from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

from express.files import opened
from express.problems import problem_response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class FileSlice:
    """`length` bytes of an open file from `start` on, for FileResponse to read and close."""

    def __init__(self, file: "File[Any]", start: int, length: int) -> None:
        self._file, self._left = file, length
        file.seek(start)

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; b"" at the slice's end."""
        chunk: bytes = self._file.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def file_response(
    request: HttpRequest, file: "File[Any]", *, content_type: str, etag: str, filename: str, cache_control: str
) -> HttpResponseBase:
    """Answer GET or HEAD with the file, a part of it (206), 304, 412 or 416. Closes the file.

    etag: with its double quotes. One range is served; several at once get the whole file, as RFC 9110 allows.
    """
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": cache_control}
    size = file.size
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    span = (0, size)
    if answer is None and (wanted := _wanted_range(request, etag)):
        found = _span(wanted, size)
        if found is None:
            answer = _unsatisfiable(wanted.group(), size)
        else:
            span = found
            headers["Content-Range"] = f"bytes {span[0]}-{span[0] + span[1] - 1}/{size}"
    if answer is None:
        answer = _body(request, file, span, content_type, filename)
        answer.status_code = 206 if "Content-Range" in headers else 200
    else:
        file.close()
    for name, value in headers.items():
        answer.headers.setdefault(name, value)
    return answer


def stored_response(
    request: HttpRequest,
    stored: FieldFile,
    *,
    content_type: str,
    etag: str,
    filename: str,
    cache_control: str,
    may_redirect: bool = True,
) -> HttpResponseBase:
    """Answer with a row's file as `file_response` does, or send the client to the bucket that has it.

    HEAD and conditional requests are answered here: a signed address is good for GET alone, and knows another ETag.
    Raises StorageUnavailable; FileNotFoundError.
    """
    if may_redirect and request.method == "GET" and get_conditional_response(request, etag=etag) is None:
        signed = getattr(stored.storage, "address", None)
        if signed and (url := signed(str(stored.name), content_type=content_type, filename=filename)):
            headers = {"Cache-Control": "private, no-store", "ETag": etag, "Accept-Ranges": "bytes"}
            return HttpResponse(status=302, headers={"Location": url, **headers})
    return file_response(
        request, opened(stored), content_type=content_type, etag=etag, filename=filename, cache_control=cache_control
    )


def _body(
    request: HttpRequest, file: "File[Any]", span: tuple[int, int], content_type: str, filename: str
) -> HttpResponseBase:
    start, length = span
    response: HttpResponseBase
    if request.method == "HEAD":
        file.close()
        response = HttpResponse(content_type=content_type)
        response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    else:
        response = FileResponse(FileSlice(file, start, length), content_type=content_type, filename=filename)
    response.headers["Content-Length"] = str(length)
    return response


def _wanted_range(request: HttpRequest, etag: str) -> re.Match[str] | None:
    """The Range header when it counts: one range in bytes, and If-Range (when sent) names this very file."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    return None if first and last and int(last) < int(first) else match


def _span(wanted: re.Match[str], size: int) -> tuple[int, int] | None:
    """(start, length) of the range in a file of `size` bytes; None when no byte of it exists."""
    first, last = wanted.groups()
    if not first:  # the last N bytes
        length = min(int(last), size)
        return (size - length, length) if length else None
    start, end = int(first), min(int(last) if last else size - 1, size - 1)
    return (start, end - start + 1) if start < size else None


def _unsatisfiable(wanted: str, size: int) -> HttpResponseBase:
    response = problem_response(
        416,
        "range_not_satisfiable",
        f"The file has {size} bytes; {wanted} lies outside.",
        hint="Ask for a range inside the file, or leave `Range` out.",
        details={"bytes": size},
    )
    response.headers["Content-Range"] = f"bytes */{size}"
    return response
