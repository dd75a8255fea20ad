"""The tool ``show_inbox``: how many messages there are, and who is waiting."""

from typing import Annotated

from mcp_types import CallToolResult

from vm_mcp import views
from vm_mcp.inbox import DEFAULT_DAYS, Inbox
from vm_mcp.server.tool_results import tool_result
from vm_mcp.server.tools.tool_arguments import Extension
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction


def _bind(inbox: Inbox) -> ToolFunction:
    async def show_inbox(extension: Extension = "") -> Annotated[CallToolResult, views.InboxOverview]:
        return tool_result(views.inbox_overview(await inbox.overview(extension), inbox.settings.zone))

    return show_inbox


SHOW_INBOX = InboxTool(
    name="show_inbox",
    title="Show the inbox",
    description=f"Count the voicemails of the last {DEFAULT_DAYS} days (unread, unheard, by mailbox). Show the oldest, "
    "and the callers whom no person has heard yet: how often they called, since when, and the uuid of their latest "
    "message. Marks nothing as read.",
    bind=_bind,
    marks_read=False,
    read_only=True,
)
