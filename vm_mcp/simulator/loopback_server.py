"""A uvicorn server that stops at once, and whose application can reach the TCP connection."""

import asyncio
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vm_mcp.simulator.endpoints import build_app

if TYPE_CHECKING:
    from vm_mcp.simulator.faults import Faults
    from vm_mcp.simulator.simulated_account import SimulatedAccount


class _Protocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class PbxServer(uvicorn.Server):
    """Serves one account on an open socket until `wake_and_stop` or, in the main thread, a signal."""

    def __init__(self, account: "SimulatedAccount", faults: "Faults") -> None:
        super().__init__(
            uvicorn.Config(
                build_app(account, faults),
                loop="asyncio",
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
            )
        )
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()

    def wake_and_stop(self) -> None:
        """Stop, from any thread, without waiting for the next tick."""
        self.should_exit = True
        if self._loop is not None:
            # RuntimeError: the loop has ended by itself.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, and set ``ready``."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait until stopped. uvicorn's signal handler only sets a flag, which is checked ten times a second."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Abort all connections at once: a client that waits for a slow answer must not keep the simulator running."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks)
        for opened in sockets or []:
            opened.close()
