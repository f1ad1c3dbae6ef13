"""Files in an S3 bucket: django-storages' backend, read as a stream from any byte on, with faults told as OSError.

Its own files are downloaded whole to a temporary file before the first byte is read, also for a range of ten bytes.
"""

import contextlib
import errno
import io
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import IO, Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

BUFFER_BYTES = 256 * 1024
GO_ON_TIMES = 3  # how often a broken download is taken up again where it broke


class BucketStorage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """The bucket of the STORAGE_… settings.

    Raises FileNotFoundError for an object that is not there, and any other OSError when the bucket does not answer.
    public_endpoint_url: under which address clients reach the bucket, where it is not the one that we use.
    redirect_s: for how many seconds a signed address is good; 0: none is given out.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        checksums = "when_required" if self.endpoint_url else "when_supported"  # not every maker's bucket takes them
        self.client_config = Config(
            connect_timeout=3,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=64,  # threads of one web process
            s3={"addressing_style": self.addressing_style},
            request_checksum_calculation=checksums,
            response_checksum_validation=checksums,
        )

    def get_default_settings(self) -> dict[str, Any]:
        """Add our own settings to those of django-storages."""
        return {**super().get_default_settings(), "public_endpoint_url": "", "redirect_s": 0}

    def address(self, name: str, *, content_type: str, filename: str) -> str | None:
        """Return a signed, short-lived address from which anybody may GET the object; None when we give out none."""
        if not self.redirect_s:
            return None
        with _told_as_os_error():
            wanted = {
                "Bucket": self.bucket_name,
                "Key": self._normalize_name(name),
                "ResponseContentType": content_type,
                "ResponseContentDisposition": f'inline; filename="{filename}"',
            }
            url: str = self._signer.generate_presigned_url("get_object", Params=wanted, ExpiresIn=self.redirect_s)
            return url

    def url(self, name: str, *rest: Any, **options: Any) -> str:
        """Return the address at which our service shows the file: the bucket may be out of a browser's reach."""
        return settings.MEDIA_URL + filepath_to_uri(name)

    def delete(self, name: str) -> None:
        """Delete the object; one that is not there is no fault."""
        with _told_as_os_error():
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Whether the object is there."""
        with _told_as_os_error():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        """Bytes of the object."""
        with _told_as_os_error():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        """When the object was stored."""
        with _told_as_os_error():
            stored: datetime = super().get_modified_time(name)
            return stored

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """Folders and objects."""
        with _told_as_os_error():
            found: tuple[list[str], list[str]] = super().listdir(name)
            return found

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        if mode != "rb":
            raise ValueError(f"objects are written by save(), not opened with {mode!r}")
        with _told_as_os_error():
            return BucketFile(self.bucket.Object(self._normalize_name(name)), name)

    def _save(self, name: str, content: "File[Any]") -> str:
        with _told_as_os_error():
            return str(super()._save(name, content))

    @cached_property
    def _signer(self) -> Any:
        """A client that signs for the address under which clients know the bucket; botocore's are safe in threads."""
        if not self.public_endpoint_url:
            return self.connection.meta.client
        return self._create_session().client(  # nothing is sent through it
            "s3", region_name=self.region_name, endpoint_url=self.public_endpoint_url, config=self.client_config
        )


class BucketFile(File):  # type: ignore[type-arg]
    """An object that was opened for reading. size: bytes, without reading any."""

    def __init__(self, found: Any, name: str) -> None:
        raw = _Stream(found)
        super().__init__(io.BufferedReader(raw, BUFFER_BYTES), name)
        self.size = raw.size


class _Stream(io.RawIOBase):
    """The bytes of an object, from wherever the reader is; a download that breaks off is taken up again there."""

    def __init__(self, found: Any) -> None:
        self._object = found
        self.size = int(found.content_length)  # asks the bucket
        self._at = 0
        self._body: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if origin + offset != self._at:
            self._hang_up()
            self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self.size - self._at)
        if wanted <= 0:
            return 0
        data = self._read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _read(self, wanted: int) -> bytes:
        for left in reversed(range(GO_ON_TIMES)):
            with _told_as_os_error():
                try:
                    if self._body is None:
                        self._body = self._object.get(Range=f"bytes={self._at}-", **self._same())["Body"]
                    return self._body.read(wanted)
                except BotoCoreError:
                    self._hang_up()
                    if not left:
                        raise
        raise AssertionError("unreachable")

    def _same(self) -> dict[str, str]:
        """Only the object that we told the size of: never the rest of another one under its name."""
        return {"IfMatch": self._object.e_tag} if self._object.e_tag else {}

    def _hang_up(self) -> None:
        if self._body is not None:
            with contextlib.suppress(Exception):  # a connection that is broken already
                self._body.close()
            self._body = None


@contextlib.contextmanager
def _told_as_os_error() -> Iterator[None]:
    """Say what the bucket's client raises in words that local files have as well."""
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise FileNotFoundError(errno.ENOENT, str(error)) from error
        raise OSError(errno.EIO, str(error)) from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(errno.EIO, str(error)) from error
