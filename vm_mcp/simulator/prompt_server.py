"""A uvicorn server that stops as soon as it is told."""

import asyncio
import socket
from contextlib import suppress

import uvicorn


class PromptServer(uvicorn.Server):
    """Serves until `stop` or, in the main thread, a signal."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()

    def stop(self) -> None:
        """Stop, from any thread, without waiting for the next tick."""
        self.should_exit = True
        if self._loop is not None:
            # RuntimeError: the loop has ended by itself.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()

    async def main_loop(self) -> None:
        """Wait until stopped. uvicorn's signal handler only sets a flag, which is checked ten times a second."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Abort all connections at once: a client that waits for a slow answer must not keep the server running.

        uvicorn would also wait a tenth of a second if there are none.
        """
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=5)
        for opened in sockets or []:
            opened.close()
        await self.lifespan.shutdown()
