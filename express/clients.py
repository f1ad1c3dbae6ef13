"""Who asks: a key's holder, somebody who is logged in, or an address."""

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from express.models import ApiKey, Priority


@dataclass(frozen=True, slots=True)
class Client:
    """Whose turn it is, by `id`; `key` is what it came with, if it has one. Staff may see everything."""

    id: str = ""
    key: ApiKey | None = None
    is_staff: bool = False

    @property
    def max_running(self) -> int:
        """How many of its videos may wait or be rendered at once; 0: any number."""
        own = self.key.max_running if self.key else None
        return settings.CLIENT_MAX_RUNNING if own is None else own

    @property
    def max_priority(self) -> int:
        """The highest priority that its videos may have: a key's own; without one, only staff get past the others."""
        return self.key.max_priority if self.key else Priority.HIGH if self.is_staff else Priority.NORMAL

    @property
    def max_per_minute(self) -> int:
        """How many videos it may create in a minute; 0: any number."""
        own = self.key.max_per_minute if self.key else None
        return settings.CLIENT_MAX_PER_MINUTE if own is None else own


SERVICE = Client("service", is_staff=True)  # the command line of the machine itself


def key_client(key: ApiKey) -> Client:
    """Return the client that a key stands for."""
    return Client(f"key:{key.pk}", key=key)


def address_client(request: HttpRequest) -> Client:
    """Return the client that an address stands for: good enough to take turns, and no more.

    What is kept is a keyed hash: nobody who reads the database learns the address.
    """
    return Client(f"address:{salted_hmac('express.clients', _network(_address(request))).hexdigest()[:32]}")


def _address(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw; what stands before it in the header may be made up."""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if settings.PROXY_COUNT and len(forwarded) >= settings.PROXY_COUNT:
        return str(forwarded[-settings.PROXY_COUNT])
    return str(request.META.get("REMOTE_ADDR", ""))


def _network(address: str) -> str:
    """An IPv6 client has 2^64 addresses to choose from: its network counts."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
