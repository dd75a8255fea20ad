"""The inbox page on loopback, as `vm-mcp open` serves it, for a browser that the caller runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from vm_mcp.inbox import Inbox
from vm_mcp.net.listening import ListenAddress, listen
from vm_mcp.server.http import http_server
from vm_mcp.server.page_server import PageServer


@asynccontextmanager
async def serving_page(inbox: Inbox) -> AsyncIterator[Callable[[], str]]:
    """Serve an inbox's page, and yield what returns a URL that opens it once; at the end the server must end."""
    with listen(ListenAddress("127.0.0.1", 0)) as listening:
        address = ListenAddress("127.0.0.1", listening.getsockname()[1])
        page = PageServer(inbox, 0)

        def end() -> None:
            server.should_exit = True

        server = http_server(page.app(address, end))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield lambda: page.url(address)
        finally:
            end()
            await running
