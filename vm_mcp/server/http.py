"""Serve over Streamable HTTP: to this computer alone, unless a token protects it."""

import hmac
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from vm_mcp.errors import ConfigError
from vm_mcp.net.listening import ListenAddress, bracketed, listen

if TYPE_CHECKING:
    import uvicorn
    from mcp.server import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vm_mcp.config import Settings
    from vm_mcp.team.metrics import ServerMetrics

PATH = "/mcp"
LEAST_TOKEN = 20
"""Characters; a shorter token could be guessed."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_TOKEN_REQUIRED = (
    "Anyone who reaches {host} could read the voicemail, so this address requires a token. Set VM_MCP_HTTP_TOKEN to at "
    f"least {LEAST_TOKEN} random characters, or serve on 127.0.0.1."
)


def serve_app(
    build: Callable[[ListenAddress], "ASGIApp"], address: ListenAddress, on_ready: Callable[[str], None]
) -> None:
    """Serve an application until Ctrl-C.

    Args:
        build: Makes the application for the address that it listens on, with its port.
        address: Where to listen.
        on_ready: Called with the URL once connections are accepted.

    Raises:
        InputError: It can't listen on the address.
    """
    with listen(address) as listening:
        bound = address._replace(port=listening.getsockname()[1])
        on_ready(f"http://{bound.netloc}{PATH}")
        http_server(build(bound)).run(sockets=[listening])


def http_server(app: "ASGIApp") -> "uvicorn.Server":
    """Return a server of an application. Its log goes where ours goes.

    A line per request would say no more than that there was one, and might hold a token. What a proxy says of a
    request's origin is nothing to go by here.
    """
    import uvicorn

    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=2
    )
    return uvicorn.Server(config)


def desk_app(
    server: "MCPServer[None]", address: ListenAddress, settings: "Settings", metrics: "ServerMetrics | None"
) -> "ASGIApp":
    """Return a desk's application, with what says whether it lives, and counted where somebody asked for metrics."""
    from vm_mcp.server.health import Health
    from vm_mcp.server.measuring import measured

    return measured(Health(build_app(server, address, settings.http_token, settings.http_hosts)), metrics)


def build_app(
    server: "MCPServer[None]", address: ListenAddress, token: SecretStr | None, names: Sequence[str]
) -> "ASGIApp":
    """Return the ASGI application. It checks the token first, then Host and Origin, then the protocol.

    Beside it is the inbox page, for people: they show the token in a form, which a browser sends to no other site.
    """
    from vm_mcp.server.page_door import PATH as PAGE_PATH
    from vm_mcp.server.page_door import PageDoor, WithPage
    from vm_mcp.server.page_sessions import Sessions

    security = accepted_names(address, names)
    app = server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    door = PageDoor(server, PAGE_PATH, security, Sessions(token) if token else None)
    return WithPage(Guard(app, token) if token else app, door)


class Guard:
    """Refuses requests without the token in their Authorization header. Not in the URL: URLs end up in logs."""

    def __init__(self, app: "ASGIApp", token: SecretStr) -> None:
        self._app = app
        self._token = _bare(token).encode()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        if scope["type"] != "lifespan" and not self._is_authorized(scope["headers"]):
            from starlette.responses import PlainTextResponse

            refusal = PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_authorized(self, headers: Any) -> bool:  # noqa: ANN401 - ASGI's pairs of bytes
        values = [value for name, value in headers if name == b"authorization"]
        if len(values) != 1:  # of two headers, a proxy in between may have checked the other one
            return False
        # RFC 9110, 11.1 and 11.4: the scheme in any case, one space or more, the credentials.
        scheme, _, token = values[0].partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)


def accepted_names(address: ListenAddress, names: Sequence[str]) -> "TransportSecuritySettings":
    """Return the accepted Host and Origin headers: a web page that resolves its own name to this server is refused."""
    from mcp.server.transport_security import TransportSecuritySettings

    own = [] if address.is_every else [bracketed(address.host)]
    known = [*_LOOPBACK, *own, *map(bracketed, names)]
    hosts = [name + port for name in dict.fromkeys(known) for port in ("", ":*")]
    origins = [f"{scheme}://{host}" for host in hosts for scheme in ("http", "https")]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def check_token(address: ListenAddress, token: SecretStr | None) -> None:
    """Raise ConfigError if the token is too short, or missing where others can reach the address."""
    if token is None and not address.is_loopback:
        raise ConfigError(_TOKEN_REQUIRED, host=address.host)
    if token is not None and len(_bare(token)) < LEAST_TOKEN:
        raise ConfigError(
            "VM_MCP_HTTP_TOKEN is too short. Set it to at least {least} random characters.", least=LEAST_TOKEN
        )


def _bare(token: SecretStr) -> str:
    """Return the token without surrounding space, which no header can carry."""
    return token.get_secret_value().strip()
