"""Public media: what the catalog shows to everybody."""

import mimetypes

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from express.files import told_as_unavailable
from express.streaming import file_response

NAME_MAX_BYTES = 255  # no row names a longer one; disks and buckets answer such a name with an error of their own


@require_safe
def public_media(request: HttpRequest, name: str) -> HttpResponseBase:
    """GET /media/...: a file of the catalog. Its name changes with its content, so clients may keep it."""
    if not name.startswith(settings.PUBLIC_MEDIA_FOLDERS) or ".." in name.split("/"):
        raise Http404
    if "\0" in name or len(name.encode()) > NAME_MAX_BYTES:
        raise Http404
    try:
        with told_as_unavailable():
            file = default_storage.open(name)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    return file_response(
        request,
        file,
        content_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        etag=f'"{name.rsplit("/", 1)[-1]}"',
        filename=name.rsplit("/", 1)[-1],
        cache_control="public, max-age=604800",
    )
