"""The address that recordings are sent to, and the key that goes with them."""

import re
from urllib.parse import urlsplit

from pydantic import SecretStr

from vm_mcp.errors import ConfigError
from vm_mcp.net.addresses import is_local_network
from vm_mcp.net.connections import parse_address

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+(%\w+)?")


def api_base(url: str) -> str:
    """Return the address that the API's paths are appended to, which ends in ``/v1`` even if the one set does not.

    Raises:
        ConfigError: It is not the address of an API, or is plain http to a public host.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    is_plain = url.isascii() and url.isprintable() and "@" not in url and _HOST.fullmatch(host) and parse_address(url)
    if not is_plain or parts.scheme not in {"http", "https"}:
        raise ConfigError(
            "VM_MCP_REMOTE_URL is not the address of a speech server. Set it to one such as http://gpu.lan:8000 or "
            "https://speech.example.com/v1."
        )
    if parts.query or parts.fragment:
        raise ConfigError("VM_MCP_REMOTE_URL is more than an address. Remove the `?` or `#` and what follows it.")
    if parts.scheme == "http" and not is_local_network(host):
        raise ConfigError(
            "VM_MCP_REMOTE_URL is plain http to a public host, where others could listen, so no recording is sent. Use "
            "https. Plain http is for this computer and the local network."
        )
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/v1') else path + '/v1'}"


def bearer(key: SecretStr | None) -> dict[str, str]:
    """Return the header with the key; empty without a key.

    Raises:
        ConfigError: The key can't be sent in a header.
    """
    secret = key.get_secret_value().strip() if key else ""
    if not secret.isascii() or not secret.isprintable():
        raise ConfigError("VM_MCP_REMOTE_API_KEY contains characters that no key has. Copy it again.")
    return {"Authorization": f"Bearer {secret}"} if secret else {}
