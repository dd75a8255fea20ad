"""Which hosts count as this machine's, as the local network's, and as public."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.net.addresses import (
    HostNotFoundError,
    PrivateAddressError,
    is_local_network,
    is_loopback,
    resolve_public,
)

PUBLIC = ["142.250.1.1", "2607:f8b0::1", "142.250.1.2"]
Resolve = Callable[..., None]


@pytest.fixture
def resolve_to(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Let every name resolve to these addresses, or fail to."""

    def arrange(*addresses: str, error: Exception | None = None) -> None:
        async def look_up(_loop: object, host: str, port: int, **_: Any) -> list[tuple[object, ...]]:  # noqa: ANN401
            if error:
                raise error
            assert host == "drive.example"
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in addresses]

        monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", look_up)

    return arrange


def resolve(host: str = "drive.example", attempt: int = 1) -> str:
    return asyncio.run(resolve_public(host, 443, attempt))


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machines_own_names_are_loopback(host: str) -> None:
    assert is_loopback(host)
    assert is_local_network(host.lower())


@pytest.mark.parametrize(
    "host",
    ["localhost.evil.example", "127.0.0.1.evil.example", "127.1", "2130706433", "0", "", "192.168.1.1", "[::1]", "::"],
)
def test_only_this_machines_own_names_are_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        *("gpu", "gpu.lan", "gpu.local", "speech.localhost", "192.168.1.20", "10.0.0.5", "172.16.0.1", "169.254.1.1"),
        *("100.100.1.2", "fd00::5", "fe80::1", "::ffff:192.168.1.20"),
    ],
)
def test_bare_names_local_suffixes_and_private_addresses_are_the_local_network(host: str) -> None:
    assert is_local_network(host)


@pytest.mark.parametrize(
    "host",
    [
        *("speech.example.com", "gpu.lan.example", "gpu.notlan", "8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8"),
        *("134744072", "0x08080808", "010.010.010.010"),
    ],
)
def test_public_names_and_numbers_that_stand_for_public_addresses_are_not_local(host: str) -> None:
    assert not is_local_network(host)


@given(st.ip_addresses())
def test_only_public_addresses_pass(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    try:
        assert ipaddress.ip_address(resolve(str(address))) == address
    except PrivateAddressError:
        return
    assert not any((address.is_private, address.is_loopback, address.is_link_local))
    assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_passes_only_if_it_does_itself(address: ipaddress.IPv4Address) -> None:
    def passes(host: str) -> bool:
        try:
            return bool(resolve(host))
        except PrivateAddressError:
            return False

    embedded = int(address)
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) + embedded)
    six_to_four = ipaddress.IPv6Address((0x2002 << 112) + (embedded << 80))
    mapped = ipaddress.IPv6Address((0xFFFF << 32) + embedded)
    assert {passes(str(host)) for host in (nat64, six_to_four, mapped)} == {passes(str(address))}


def test_successive_attempts_get_each_of_a_hosts_addresses(resolve_to: Resolve) -> None:
    resolve_to(*PUBLIC)
    assert {resolve(attempt=attempt) for attempt in (1, 2, 3)} == set(PUBLIC)
    assert resolve(attempt=1) == resolve(attempt=4)


@pytest.mark.parametrize("attempt", [1, 2, 3, 4])
def test_one_private_address_among_public_ones_refuses_the_host_at_every_attempt(
    resolve_to: Resolve, attempt: int
) -> None:
    resolve_to(*PUBLIC, "10.0.0.8")
    with pytest.raises(PrivateAddressError):
        resolve(attempt=attempt)


@pytest.mark.parametrize(
    "error", [None, socket.gaierror("drive.example"), OSError("drive.example"), UnicodeError("label too long")]
)
def test_a_host_that_can_not_be_resolved_is_an_error_without_its_name(
    resolve_to: Resolve, error: Exception | None
) -> None:
    resolve_to(error=error)
    with pytest.raises(HostNotFoundError) as caught:
        resolve()
    assert str(caught.value) == ""
    assert caught.value.__context__ is None


def test_a_name_no_resolver_takes_is_not_found() -> None:
    with pytest.raises(HostNotFoundError):
        resolve("a" * 70 + ".example")
