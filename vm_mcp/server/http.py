"""Serving over Streamable HTTP, to this computer alone unless a token guards it."""

import hmac
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import SecretStr

from vm_mcp.errors import ConfigError, InputError
from vm_mcp.net.addresses import is_loopback

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
LEAST_TOKEN = 20
"""Characters; fewer are guessed."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_TOKEN_WANTED = (
    "Whoever reaches {host} could read the voicemail, so that address wants a token. Set VM_MCP_HTTP_TOKEN to "
    f"{LEAST_TOKEN} random characters or more, or serve on 127.0.0.1."
)


class Address(NamedTuple):
    """Where to listen."""

    host: str
    """A name or an address; an IPv6 one without its brackets."""
    port: int
    """0: any free one."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer reaches it."""
        return is_loopback(self.host)

    @property
    def is_every(self) -> bool:
        """Whether it stands for every address of this computer, and so is nobody's name for it."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104 - it is compared

    @property
    def netloc(self) -> str:
        """As it stands in a URL."""
        return f"{_bracketed(self.host)}:{self.port}"


def parse_address(text: str) -> Address:
    """Read ``HOST:PORT``.

    Raises:
        InputError: It is none.
    """
    host, separator, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not separator or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004
        raise InputError("--http takes HOST:PORT, such as 127.0.0.1:8000.")
    return Address(host, int(port))


def serve_http(
    server: "MCPServer[None]",
    address: Address,
    token: SecretStr | None,
    names: Sequence[str],
    on_ready: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C.

    Args:
        server: What to serve.
        address: Where; one that others reach wants a token.
        token: What every request has to show as its bearer token; None: nothing.
        names: Names or addresses by which clients call this computer, beside `address` and those of loopback.
        on_ready: Told the URL once it accepts connections.

    Raises:
        ConfigError: The token is missing, or too short.
        InputError: The address can't be listened on.
    """
    import uvicorn

    _check_token(address, token)
    listening = _listen(address)
    bound = address._replace(port=listening.getsockname()[1])
    app = build_app(server, bound, token, names)
    # Its log goes where ours goes; a line for each request would only tell that there was one.
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2)
    on_ready(f"http://{bound.netloc}{PATH}")
    uvicorn.Server(config).run(sockets=[listening])


def build_app(server: "MCPServer[None]", address: Address, token: SecretStr | None, names: Sequence[str]) -> "ASGIApp":
    """Build the application: the token is checked first, then Host and Origin, then the protocol."""
    app = server.streamable_http_app(streamable_http_path=PATH, transport_security=_security(address, names))
    return _Guard(app, token) if token else app


class _Guard:
    """Lets nobody through who doesn't show the token, in a header: addresses end up in logs."""

    def __init__(self, app: "ASGIApp", token: SecretStr) -> None:
        self._app = app
        self._token = _bare(token).encode()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "lifespan" and not self._is_shown(scope["headers"]):
            from starlette.responses import PlainTextResponse

            refusal = PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_shown(self, headers: Any) -> bool:  # noqa: ANN401 - ASGI's pairs of bytes
        shown = [value for name, value in headers if name == b"authorization"]
        if len(shown) != 1:  # of two, a proxy in between may have checked the other
            return False
        # RFC 9110, 11.1 and 11.4: the scheme in any case, one space or more, the credentials.
        scheme, _, token = shown[0].partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)


def _security(address: Address, names: Sequence[str]) -> "TransportSecuritySettings":
    """Name whom a request may be meant for: a page that points a name of its own here is refused."""
    from mcp.server.transport_security import TransportSecuritySettings

    own = [] if address.is_every else [_bracketed(address.host)]
    known = [*_LOOPBACK, *own, *map(_bracketed, names)]
    hosts = [name + port for name in dict.fromkeys(known) for port in ("", ":*")]
    origins = [f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def _check_token(address: Address, token: SecretStr | None) -> None:
    if token is None and not address.is_loopback:
        raise ConfigError(_TOKEN_WANTED.format(host=address.host))
    if token is not None and len(_bare(token)) < LEAST_TOKEN:
        raise ConfigError(f"VM_MCP_HTTP_TOKEN is too short. Set it to {LEAST_TOKEN} random characters or more.")


def _bare(token: SecretStr) -> str:
    """Return the token without the space around it, which no header can carry."""
    return token.get_secret_value().strip()


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family)
    except OSError as error:
        raise InputError(f"{address.netloc} can't be listened on ({error.strerror}). Choose another.") from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
