"""A server of MCP for each person and account, made at first use."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from vm_mcp.people import Access

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.types import Receive, Scope, Send

    from vm_mcp.config.accounts import AccountEntry

MOST_SERVERS = 200
"""Kept while nobody uses them. One takes 0.5 ms to make, and 30 KiB; over SQLite 300 KiB once it has listed."""

BuildServer = Callable[["AccountEntry", Access], "MCPServer[None]"]
_Key = tuple[str, Access]


class _Running:
    """A server that serves, in a task of its own: the task group in it must end in the task that began it."""

    def __init__(self, server: "MCPServer[None]", security: "TransportSecuritySettings") -> None:
        # Stateless: a client's next request may reach another machine.
        server.streamable_http_app(stateless_http=True, transport_security=security)
        self.manager = server.session_manager
        self.users = 0
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def has_ended(self) -> bool:
        """Whether it serves no longer, since it could not start."""
        return self._task.done()

    async def started(self) -> None:
        """Wait until it serves; raise why it can't."""
        await asyncio.wait([self._task, self._started], return_when=asyncio.FIRST_COMPLETED)
        if not self._started.done():
            await self._task

    async def aclose(self) -> None:
        """Stop it, and close what it stands on."""
        self._stop.set()
        await self._task

    async def _run(self) -> None:
        async with self.manager.run():
            self._started.set_result(None)
            await self._stop.wait()


class AccountServers:
    """The servers in use, and those used last.

    Args:
        build: Makes the server of an access to an account; it closes what it stands on when it stops.
        security: The accepted Host and Origin headers.
        most: How many are kept while nobody uses them.
    """

    def __init__(self, build: BuildServer, security: "TransportSecuritySettings", most: int = MOST_SERVERS) -> None:
        self._build = build
        self._security = security
        self._most = most
        self._running: OrderedDict[_Key, _Running] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    async def serve(
        self, entry: "AccountEntry", access: Access, scope: "Scope", receive: "Receive", send: "Send"
    ) -> None:
        """Answer a request."""
        async with self._used((entry.name, access), entry) as running:
            await running.manager.handle_request(scope, receive, send)

    async def aclose(self) -> None:
        """Stop all of them."""
        stopping = [running.aclose() for running in self._running.values()]
        self._running.clear()
        await asyncio.gather(*stopping, *self._closing)

    def __len__(self) -> int:
        return len(self._running)

    @asynccontextmanager
    async def _used(self, key: _Key, entry: "AccountEntry") -> AsyncIterator[_Running]:
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = _Running(self._build(entry, key[1]), self._security)
        running.users += 1
        self._running.move_to_end(key)
        try:
            await running.started()
            yield running
        finally:
            running.users -= 1
            if running.has_ended and self._running.get(key) is running:
                del self._running[key]
            self._trim()

    def _trim(self) -> None:
        """Stop those that were used longest ago, unless they answer something right now."""
        idle = [key for key, running in self._running.items() if not running.users]
        for key in idle[: max(0, len(self._running) - self._most)]:
            closing = asyncio.create_task(self._running.pop(key).aclose())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
