"""Where a server of ours listens."""

import socket
from typing import NamedTuple

from vm_mcp.errors import InputError
from vm_mcp.net.addresses import is_loopback
from vm_mcp.os_reasons import os_reason


class ListenAddress(NamedTuple):
    """Where to listen."""

    host: str
    """A name or an address; IPv6 without brackets."""
    port: int
    """0: any free port."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer can reach it."""
        return is_loopback(self.host)

    @property
    def is_every(self) -> bool:
        """Whether it means all addresses of this computer; then it is no name that a request may use."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104 - only compared

    @property
    def netloc(self) -> str:
        """Host and port as in a URL."""
        return f"{bracketed(self.host)}:{self.port}"


def parse_address(text: str, flag: str = "--http") -> ListenAddress:
    """Parse ``HOST:PORT``.

    Args:
        text: The text.
        flag: The flag that it was given for.

    Raises:
        InputError: The text is not of that form.
    """
    host, separator, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not separator or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004
        raise InputError("{flag} takes HOST:PORT, such as 127.0.0.1:8000.", flag=flag)
    return ListenAddress(host, int(port))


def listen(address: ListenAddress) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        InputError: It can't.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family)
    except OSError as error:
        raise cannot_listen(address, error) from error


def cannot_listen(address: ListenAddress, error: OSError) -> InputError:
    """Return the error that says that nothing can listen on an address."""
    return InputError(
        "Can't listen on {address} ({reason}). Choose another address or port.",
        address=address.netloc,
        reason=os_reason(error),
    )


def bracketed(host: str) -> str:
    """Return a host as it stands in a URL."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
