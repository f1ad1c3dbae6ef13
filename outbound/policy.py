"""Which URLs and addresses may be asked."""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Self

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from outbound.errors import AddressRefused, Unreachable, UrlRefused

Resolver = Callable[..., Sequence[Any]]
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SCHEMES = {"http": 80, "https": 443}
MAX_URL_CHARS = 2000
TRIED = 4  # addresses of one host; each may take a timeout
# What `is_global` takes for public in some Python, or what hides an address of another network.
NOT_PUBLIC = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4-compatible
        "64:ff9b:1::/48",  # NAT64 of the local network
        "2002::/16",  # 6to4
        "2001::/32",  # Teredo
        "2001:20::/28",  # ORCHIDv2
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
)
NAT64 = IPv6Network("64:ff9b::/96")  # IPv6-only networks reach IPv4 hosts through it: the address inside decides


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be asked besides the public internet, and how names are looked up.

    networks: allowed whatever they are. hosts: allowed whatever they lead to; one that starts with a dot stands for
    every name that ends so. resolve: as socket.getaddrinfo.
    """

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    resolve: Resolver = socket.getaddrinfo

    @classmethod
    def allowing(cls, entries: Sequence[str], resolve: Resolver = socket.getaddrinfo) -> Self:
        """Make a policy of OUTBOUND_ALLOW: addresses, networks (10.0.0.0/8), host names, .suffixes of host names.

        Raises ValueError for an entry that is none of these.
        """
        networks, hosts = [], set()
        for entry in (entry.strip().lower() for entry in entries if entry.strip()):
            try:
                networks.append(ip_network(entry.strip("[]")))
            except ValueError:
                if "/" in entry or ":" in entry:
                    raise ValueError(f"{entry} is no network, address or host name") from None
                hosts.add(entry)
        return cls(tuple(networks), frozenset(hosts), resolve)

    def check_url(self, url: str) -> Url:
        """Return the URL in parts, without asking anybody. Raises UrlRefused; AddressRefused for a literal address."""
        if len(url) > MAX_URL_CHARS or any(ord(char) <= 32 or ord(char) == 127 for char in url):
            raise UrlRefused(f"the URL holds spaces or control characters, or more than {MAX_URL_CHARS} characters")
        try:
            parts = parse_url(url)
        except LocationParseError as error:
            raise UrlRefused("this is not a URL") from error
        if parts.scheme not in SCHEMES:
            raise UrlRefused(f"{parts.scheme or 'a URL without a scheme'} is not asked, only {' and '.join(SCHEMES)}")
        if not parts.host or parts.auth is not None:
            raise UrlRefused("the URL names no host" if not parts.host else "the URL holds a user name")
        address = _literal(parts.host.strip("[]"))
        if address is not None:
            self._require_allowed(address, parts.host)
        return parts

    def check_host(self, url: str, within_s: float) -> None:
        """Refuse a URL at once whose host leads inside already. What cannot be told within `within_s` is let through:
        the connection is checked again. Raises UrlRefused and AddressRefused.
        """
        parts = self.check_url(url)
        pool = ThreadPoolExecutor(1, thread_name_prefix="resolve")
        try:
            pool.submit(self.addresses, str(parts.host).strip("[]"), port_of(parts)).result(within_s)
        except (Unreachable, TimeoutError):
            return
        finally:
            pool.shutdown(wait=False)

    def addresses(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Return the host's addresses, as getaddrinfo gives them, all of them allowed.

        Raises AddressRefused when one of them is not, Unreachable when there is none.
        """
        try:
            found = list(self.resolve(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"the host {host} is not known") from error
        if not found:
            raise Unreachable(f"the host {host} has no address")
        if not self._is_allowed_host(host):
            for entry in found:
                self._require_allowed(ip_address(entry[4][0].partition("%")[0]), host)
        return found

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Connect to one of the host's checked addresses. Raises as `addresses` does."""
        reason: OSError | None = None
        for family, kind, protocol, _, address in self.addresses(host, port)[:TRIED]:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(timeout_s)
                connection.connect(address)
            except OSError as error:
                connection.close()
                reason = error
            else:
                return connection
        raise Unreachable(f"{host} does not answer on port {port}") from reason

    def _require_allowed(self, address: Address, host: str) -> None:
        if is_public(address) or any(address in network for network in self.networks if _same_kind(address, network)):
            return
        if self._is_allowed_host(host):
            return
        raise AddressRefused(f"{host} leads to an address that is not public")  # which one is nobody's business

    def _is_allowed_host(self, host: str) -> bool:
        name = host.lower().rstrip(".")
        return name in self.hosts or any(entry[0] == "." and name.endswith(entry) for entry in self.hosts)


def port_of(parts: Url) -> int:
    """Return the port of a checked URL."""
    return parts.port or SCHEMES[str(parts.scheme)]


def is_public(address: Address) -> bool:
    """Whether an address belongs to a host of the public internet, also when it is wrapped into another one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if any(address in network for network in NOT_PUBLIC if _same_kind(address, network)):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _same_kind(address: Address, network: Network) -> bool:
    return address.version == network.version


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None
