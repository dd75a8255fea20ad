"""The inbox page as an MCP App: its address, and what hosts are told of it.

Most hosts read where a tool's page is from ``_meta.ui.resourceUri``, some only from the older flat key.
"""

from typing import Any

from mcp.server.apps import APP_MIME_TYPE, Apps
from mcp.server.mcpserver.resources import FileResource

from vm_mcp.page import FILE

PAGE_URI = "ui://vm-mcp/inbox.html"
SHOWS_PAGE: dict[str, Any] = {"ui": {"resourceUri": PAGE_URI}, "ui/resourceUri": PAGE_URI}
"""Of a tool whose result a host may show as the page."""
FOR_PAGE: dict[str, Any] = {"ui": {"visibility": ["app"]}}
"""Of a tool that only the page calls. Hosts show it to no model, but refuse to call for a page what isn't listed."""


def inbox_app() -> Apps:
    """Return the extension that announces the page, which is read from disk whenever a host asks for it."""
    apps = Apps()
    page = FileResource(
        uri=PAGE_URI,
        name="inbox",
        title="Inbox",
        description="The inbox page: messages with their transcripts, to read, play and close.",
        mime_type=APP_MIME_TYPE,
        path=FILE,
        meta={"ui": {"prefersBorder": False, "permissions": {"clipboardWrite": {}}}},
    )
    apps.add_resource(page)
    return apps
