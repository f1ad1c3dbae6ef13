"""Which addresses may be asked: the public internet, and what the operator allows."""

import socket
from collections.abc import Sequence
from typing import Any

import pytest

from outbound import AddressRefused, Policy, Unreachable, UrlRefused


def leading_to(*addresses: str, allow: Sequence[str] = ()) -> Policy:
    """A policy under which every name leads to these addresses."""

    def resolve(host: str, port: int, **kwargs: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return Policy.allowing(allow, resolve)


INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep their secrets
    "100.64.0.1",
    "198.18.0.1",
    "192.0.0.192",
    "192.88.99.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "3fff::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        leading_to(address).addresses("innocent.example", 80)


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_a_name_that_leads_outside_is_asked(address: str) -> None:
    assert leading_to(address).addresses("example.org", 80)


def test_one_address_inside_is_enough_to_refuse_a_name() -> None:
    with pytest.raises(AddressRefused):
        leading_to("93.184.216.34", "10.0.0.1").addresses("half.example", 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::1]"])
def test_every_way_to_write_loopback_is_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(AddressRefused):
        Policy.allowing([]).check_host(f"http://{host}:8000/", within_s=5.0)


@pytest.mark.parametrize(
    ("allow", "address"),
    [
        (["10.0.0.0/8"], "10.1.2.3"),
        (["10.1.2.3"], "10.1.2.3"),
        (["fd00::/8"], "fd12::1"),
        (["[::1]"], "::1"),
        (["hooks.internal"], "192.168.0.7"),
        ([".internal"], "192.168.0.7"),
    ],
)
def test_the_operator_s_allowance_opens_what_it_names(allow: list[str], address: str) -> None:
    assert leading_to(address, allow=allow).addresses("hooks.internal", 80)


@pytest.mark.parametrize("allow", [["10.0.0.0/9"], ["internal"], ["hooks.example"], [".hooks.internal"]])
def test_the_operator_s_allowance_opens_nothing_else(allow: list[str]) -> None:
    with pytest.raises(AddressRefused):
        leading_to("10.200.0.1", allow=allow).addresses("hooks.internal", 80)


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "http://host", "a/b"])
def test_an_allowance_that_makes_no_sense_is_told(entry: str) -> None:
    with pytest.raises(ValueError, match="no network"):
        Policy.allowing([entry])


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/",
        "//example.org/",
        "example.org",
        "",
        "http://",
        "http:///path",
        "https://user:secret@example.org/",
        "https://example.org/\r\nHost: other",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://" + "a" * 3000,
    ],
)
def test_what_is_no_url_for_us_is_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        leading_to("93.184.216.34").check_url(url)


def test_a_name_that_cannot_be_looked_up_is_not_refused_at_once_but_not_reached_either() -> None:
    def resolve(*args: Any, **kwargs: Any) -> list[Any]:
        raise socket.gaierror("no such host")

    policy = Policy.allowing([], resolve)
    policy.check_host("https://gone.example/", within_s=1.0)
    with pytest.raises(Unreachable):
        policy.addresses("gone.example", 443)
