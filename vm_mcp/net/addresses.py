"""Which hosts may be connected to: a URL from outside must not lead into the user's own network (SSRF)."""

import asyncio
import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IpAddress = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
"""The only block that public networks are assigned from (IANA, IPv6 global unicast)."""
_SPECIAL = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
_DOCUMENTATION = IPv6Network("3fff::/20")
_CLOUD_METADATA = {ip_address("168.63.129.16")}
"""Azure's, which is a public address; those of the other clouds are link-local or private."""
_LOCAL_SUFFIXES = (".local", ".lan", ".localhost")
_NUMERIC_HOST = re.compile(r"\d+|0x[0-9a-f]+")
"""Resolvers read a bare number as an IPv4 address, which may be public: 134744072 is 8.8.8.8."""


class HostNotFoundError(Exception):
    """The host's name can't be resolved. Never chained to the resolver's error, which may hold the name."""


class PrivateAddressError(Exception):
    """The host's name resolves to an address that is not public."""


def is_loopback(host: str) -> bool:
    """Whether a host is ``localhost`` or a loopback address; nothing is resolved.

    Args:
        host: Name or address, an IPv6 one without brackets.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_local_network(host: str) -> bool:
    """Whether a host is this machine or in the local network, judged by its spelling; nothing is resolved.

    Args:
        host: Name or address in lower case, an IPv6 one without brackets.
    """
    try:
        address = ip_address(host)
    except ValueError:
        is_bare = "." not in host and not _NUMERIC_HOST.fullmatch(host)
        return is_bare or host.endswith(_LOCAL_SUFFIXES)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return not (mapped or address).is_global


async def resolve_public(host: str, port: int, attempt: int) -> str:
    """Resolve a host and return an address to connect to, which must be public.

    The caller must connect to this very address: a second lookup could return another one (DNS rebinding).

    Args:
        host: Name or address, an IPv6 one without brackets.
        port: Port to connect to.
        attempt: Number of the attempt. Where the host has several addresses, successive attempts get different ones.

    Raises:
        PrivateAddressError: Any of the host's addresses is not public.
        HostNotFoundError: The host can't be resolved.
    """
    try:
        entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        entries = []
    if not entries:
        raise HostNotFoundError
    addresses = [str(sockaddr[0]) for *_, sockaddr in entries]
    if not all(_is_public(ip_address(address)) for address in addresses):
        raise PrivateAddressError
    return addresses[attempt % len(addresses)]


def _is_public(address: IpAddress) -> bool:
    embedded = _embedded_ipv4(address)
    if embedded is not None:
        return _is_public(embedded)
    if isinstance(address, IPv6Address):
        return address in _UNICAST and address.is_global and address not in _DOCUMENTATION
    is_special = address in _CLOUD_METADATA or any(address in network for network in _SPECIAL)
    return address.is_global and not address.is_multicast and not is_special


def _embedded_ipv4(address: IpAddress) -> IPv4Address | None:
    """Return the IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64), to which a gateway would connect."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
