"""The ASGI application of a team: ``/mcp`` for people with one account, ``/mcp/NAME`` for one of several."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from vm_mcp.server.http import PATH
from vm_mcp.server.people.account_servers import AccountServers
from vm_mcp.server.people.gates import Gate
from vm_mcp.server.people.refusals import RefusedError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class _Endpoint:
    """Asks the gate, then the server of what it admits."""

    def __init__(self, gate: Gate, servers: AccountServers) -> None:
        self._gate = gate
        self._servers = servers

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        try:
            admitted = await self._gate.admit(scope, scope["path_params"].get("account", ""))
        except RefusedError as refusal:
            await refusal.response()(scope, receive, send)
            return

        async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
            await self._servers.serve(*admitted, scope, receive, send)

        await AuthContextMiddleware(serve)(scope, receive, send)


def build_people_app(
    gate: Gate,
    servers: AccountServers,
    routes: Sequence[BaseRoute] = (),
    opened: AbstractAsyncContextManager[Any] | None = None,
) -> "ASGIApp":
    """Return the application.

    Args:
        gate: Decides who gets in.
        servers: Answer those who do; stopped with the application.
        routes: More to serve, such as the metadata of the protected resource.
        opened: What the servers stand on: entered at the start, left after the servers were stopped.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with opened or nullcontext():
            try:
                yield
            finally:
                await servers.aclose()

    endpoint = _Endpoint(gate, servers)
    paths = [Route(f"{PATH}{below}", endpoint=endpoint) for below in ("", "/", "/{account}", "/{account}/")]
    app = Starlette(routes=[*paths, *routes], lifespan=lifespan)
    # A redirect would lead to http behind a proxy with TLS, with what was posted, and to whatever Host says.
    app.router.redirect_slashes = False
    return app
