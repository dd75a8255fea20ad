"""The tool ``show_inbox``: how much there is, who is waiting, and who called without leaving a message."""

from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.inbox import DEFAULT_DAYS, Inbox
from vm_mcp.server.tool_results import tool_result
from vm_mcp.server.tools.tool_arguments import MOMENTS, Extension, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

InboxSince = Annotated[
    Text, Field(description=f"Earliest time: {MOMENTS}. Default: {DEFAULT_DAYS} days ago", examples=["7d"])
]


def _bind(inbox: Inbox) -> ToolFunction:
    async def show_inbox(
        extension: Extension = "", since: InboxSince = ""
    ) -> Annotated[CallToolResult, views.InboxOverview]:
        found = await inbox.overview(extension, since)
        return tool_result(views.inbox_overview(found, inbox.settings.zone))

    return show_inbox


SHOW_INBOX = InboxTool(
    name="show_inbox",
    title="Show the inbox",
    icon="M3 13h5l2 3h4l2-3h5M3 13v6h18v-6l-3-8H6z",
    description="Begin a day with this, and see whom to call back (geri arama): counts by mailbox; each caller with "
    "open messages (neither called back nor closed, whoever heard them), longest wait first, with what became of the "
    "latest; and missed calls without a message that nobody returned. Marks nothing as read.",
    bind=_bind,
    marks_read=False,
    read_only=True,
    page_part="shown",
)
