"""The list that the inbox page asks for first, begun when the page itself is asked for.

A browser needs as long to read and run the page as a phone system needs for the list.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp_types import CallToolResult, InputRequiredResult

LIST_TOOL = "inbox_messages"
FIRST_LIST: Mapping[str, Any] = {
    "status": "open", "extension": "", "since": "30d", "query": "", "cursor": "", "limit": 12
}  # fmt: skip
"""What the page asks for first, but for its language."""
FRESH_SECONDS = 5
"""How old a list may be: a page that was opened later asks for its own."""


class ListAhead:
    """One list, for whichever page asks for it first.

    Args:
        server: Its tool lists.
    """

    def __init__(self, server: "MCPServer[None]") -> None:
        self._server = server
        self._running: set[asyncio.Task[CallToolResult | InputRequiredResult]] = set()
        self._begun_at = 0.0
        self._asked: Mapping[str, Any] = {}
        self._listing: asyncio.Task[CallToolResult | InputRequiredResult] | None = None

    def begin(self, language: str) -> None:
        """Begin the list in a language of the page, unless one that may be used is there."""
        asked = {**FIRST_LIST, "language": language}
        if self._is_fresh and self._asked == asked:
            return
        self._asked, self._begun_at = asked, asyncio.get_running_loop().time()
        self._listing = asyncio.create_task(self._server.call_tool(LIST_TOOL, dict(asked)))
        self._running.add(self._listing)
        self._listing.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """Cancel whatever still runs: its inbox closes."""
        for listing in self._running:
            listing.cancel()

    def take(
        self, name: str, arguments: Mapping[str, Any]
    ) -> "asyncio.Task[CallToolResult | InputRequiredResult] | None":
        """Return the list if a call is for just that, once; None: the call is to be made."""
        if not self._is_fresh or name != LIST_TOOL or arguments != self._asked:
            return None
        taken, self._listing = self._listing, None
        return taken

    @property
    def _is_fresh(self) -> bool:
        return self._listing is not None and asyncio.get_running_loop().time() - self._begun_at < FRESH_SECONDS
