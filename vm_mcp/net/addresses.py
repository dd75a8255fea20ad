"""Which hosts may be talked to: a recording's address comes from outside, and must not lead into the user's network."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from vm_mcp.errors import PbxUnavailableError, RecordingError

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
"""All that was ever given out; what lies outside is private, special, or nobody's."""
_SPECIAL = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
_DOCUMENTATION = IPv6Network("3fff::/20")
_METADATA = {ip_address("168.63.129.16")}
"""Cloud services that answer to the machine itself from a public address; the others are link-local or private."""


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address, without brackets, is this machine's own: nothing is looked up."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def public_address(host: str, port: int, attempt: int) -> str:
    """Look a host up and give an address to connect to; another one, where there are more, at each ``attempt``.

    Raises:
        RecordingError: One of its addresses is not public.
        PbxUnavailableError: It can't be looked up.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Not chained: the name is part of a link that lets anyone listen.
        found = []
    if not found:
        raise PbxUnavailableError("The host that keeps the recording can't be found. Check the network and try again.")
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    if not all(_is_public(ip_address(address)) for address in addresses):
        raise RecordingError(
            "The recording's address leads into a private network, so it was not followed. Ask the vendor about it."
        )
    return addresses[attempt % len(addresses)]


def _is_public(address: Address) -> bool:
    inner = _embedded(address)
    if inner is not None:
        return _is_public(inner)
    if isinstance(address, IPv6Address):
        return address in _UNICAST and address.is_global and address not in _DOCUMENTATION
    is_special = address in _METADATA or any(address in network for network in _SPECIAL)
    return address.is_global and not address.is_multicast and not is_special


def _embedded(address: Address) -> IPv4Address | None:
    """Give the IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
