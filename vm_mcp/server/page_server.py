"""The server of ``vm-mcp open``: the inbox page alone, for the person at this computer, until nobody looks at it."""

import asyncio
import importlib
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette

from vm_mcp.net.listening import ListenAddress, listen
from vm_mcp.server.http import http_server
from vm_mcp.server.page_ahead import ListAhead
from vm_mcp.server.page_door import PageDoor
from vm_mcp.server.page_sessions import Sessions
from vm_mcp.server.voicemail_server import build_server, serving

if TYPE_CHECKING:
    from vm_mcp.inbox import Inbox


class PageServer:
    """Serves the page of one inbox, which it closes at the end.

    Args:
        inbox: The inbox.
        idle_seconds: Ends this long after anybody touched the page; 0: never by itself.
    """

    def __init__(self, inbox: "Inbox", idle_seconds: float) -> None:
        self._inbox = inbox
        self._idle_seconds = idle_seconds
        self._sessions = Sessions()
        # Browsers send a cookie to every port of a host, so another user's server would get it too, but for its path.
        self._path = f"/{secrets.token_urlsafe(12)}/"
        self._used_at = 0.0
        """On the clock of the event loop."""

    def app(self, address: ListenAddress, on_end: Callable[[], None]) -> Starlette:
        """Return the application for an address that it listens on.

        Args:
            address: With its port.
            on_end: Called when the page asks for the end, or nobody has used it for so long.
        """
        names = [f"{host}:{address.port}" for host in ("127.0.0.1", "localhost", "[::1]")]
        server = build_server(self._inbox)
        ahead = ListAhead(server)
        door = PageDoor(
            server,
            self._path,
            TransportSecuritySettings(allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names]),
            self._sessions,
            ahead=ahead,
            on_close=on_end,
            on_use=self._note_use,
        )

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with serving(self._inbox, forgets=True):
                # The first list takes seconds, most of them for call records: it begins before the browser has.
                ahead.begin(self._inbox.settings.lang or "en")
                watching = asyncio.create_task(self._end_when_idle(on_end))
                try:
                    yield
                finally:
                    watching.cancel()
                    ahead.cancel()

        return Starlette(routes=door.routes(), lifespan=lifespan)

    def url(self, address: ListenAddress) -> str:
        """Return a URL that opens the page, once."""
        return f"http://{address.netloc}{self._path}?token={self._sessions.one_time_token()}"

    def _note_use(self, untouched_seconds: float) -> None:
        self._used_at = max(self._used_at, asyncio.get_running_loop().time() - untouched_seconds)

    async def _end_when_idle(self, on_end: Callable[[], None]) -> None:
        if not self._idle_seconds:
            return
        self._note_use(0)
        now = asyncio.get_running_loop().time
        while (left := self._used_at + self._idle_seconds - now()) > 0:  # noqa: ASYNC110 - each use moves the end
            await asyncio.sleep(left)
        on_end()


def _warm_up() -> None:
    """Import what the first message and the first sound need, half a second's worth, while the browser starts."""
    from vm_mcp.doubt import number_places
    from vm_mcp.inbox.playing import warm_up

    importlib.import_module("vm_mcp.views.page_view")
    number_places("0532 417 28 93")
    warm_up()


def serve_page(inbox: "Inbox", address: ListenAddress, idle_seconds: float, on_ready: Callable[[str], None]) -> None:
    """Serve the page until it is asked to end, nobody uses it any more, or Ctrl-C.

    Args:
        inbox: The inbox.
        address: Where to listen, on loopback.
        idle_seconds: See `PageServer`.
        on_ready: Called with the URL that opens the page once connections are accepted.

    Raises:
        InputError: It can't listen on the address.
    """
    with listen(address) as listening:
        bound = address._replace(port=listening.getsockname()[1])
        page = PageServer(inbox, idle_seconds)

        def end() -> None:
            server.should_exit = True

        server = http_server(page.app(bound, end))
        on_ready(page.url(bound))
        threading.Thread(target=_warm_up, daemon=True).start()
        server.run(sockets=[listening])
