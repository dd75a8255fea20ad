"""Where recordings may be sent, and the key with them."""

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

from vm_mcp.errors import ConfigError

_LOCAL_NAMES = (".local", ".lan", ".localhost")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+(%\w+)?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]+")  # resolvers take one for an address, which may be public


def api_base(url: str) -> str:
    """Give the address under which the API's paths lie, ending in ``/v1``, whether the one set has that or not.

    Raises:
        ConfigError: It is no address of an API, or plain http to a public host.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    is_plain = url.isascii() and url.isprintable() and "@" not in url and _HOST.fullmatch(host)
    if not is_plain or parts.scheme not in {"http", "https"}:
        raise ConfigError(
            "VM_MCP_REMOTE_URL is no address of a speech server. Give one such as http://gpu.lan:8000 or "
            "https://speech.example.com/v1."
        )
    if parts.query or parts.fragment:
        raise ConfigError("VM_MCP_REMOTE_URL holds more than an address. Leave out what follows `?` or `#`.")
    if parts.scheme == "http" and not is_near(host):
        raise ConfigError(
            "VM_MCP_REMOTE_URL is plain http to a public host, over which no recording is sent. Give it with https; "
            "http is for this computer and the local network."
        )
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/v1') else path + '/v1'}"


def is_near(host: str) -> bool:
    """Whether a name or address, without brackets, is this machine's or the local network's; nothing is looked up."""
    try:
        address = ip_address(host)
    except ValueError:
        is_bare = "." not in host and not _NUMBER.fullmatch(host)
        return is_bare or host.endswith(_LOCAL_NAMES)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return not (mapped or address).is_global


def is_loopback(url: str) -> bool:
    """Whether a checked address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bearer(key: SecretStr | None) -> dict[str, str]:
    """Give the header that shows the key; none without a key.

    Raises:
        ConfigError: The key can't be sent in a header.
    """
    secret = key.get_secret_value().strip() if key else ""
    if not secret.isascii() or not secret.isprintable():
        raise ConfigError("VM_MCP_REMOTE_API_KEY holds characters that no key has. Copy it again.")
    return {"Authorization": f"Bearer {secret}"} if secret else {}
