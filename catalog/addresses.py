"""Addresses of the catalog's files."""

import time
from dataclasses import dataclass
from functools import lru_cache

from django.core.files.storage import default_storage
from rest_framework.request import Request

KEPT_S = 300  # an object store signs addresses, which takes time, changes them each time, and holds for an hour


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where one client finds files. root: the service's address as it reached us, without a slash at the end."""

    root: str
    period: int  # of KEPT_S

    def of(self, name: str) -> str | None:
        """Return the absolute address of a stored file; None for an empty name."""
        return _address(name, self.root, self.period) if name else None


def addresses_for(request: Request) -> Addresses:
    """Return the addresses as this request's client can use them."""
    return Addresses(request.build_absolute_uri("/").rstrip("/"), int(time.monotonic() / KEPT_S))


@lru_cache(maxsize=10_000)
def _address(name: str, root: str, period: int) -> str:
    address = default_storage.url(name)
    return f"{root}{address}" if address.startswith("/") else address
