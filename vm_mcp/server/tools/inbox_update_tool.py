"""The tool ``inbox_update``: notes what somebody says of messages on the inbox page."""

import asyncio

from mcp_types import CallToolResult

from vm_mcp.inbox import Inbox
from vm_mcp.server.tool_results import page_result
from vm_mcp.server.tools.tool_arguments import Uuids
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction
from vm_mcp.server.tools.update_voicemails_tool import Note, State


def _bind(inbox: Inbox) -> ToolFunction:
    async def inbox_update(uuids: Uuids, state: State, note: Note = "") -> CallToolResult:
        from vm_mcp.inbox.page_messages import messages_again  # a server starts without the page's models
        from vm_mcp.views.page_view import page_messages

        marked = await inbox.marking.mark(await inbox.whole_uuids(uuids), state, note)
        page = await messages_again(inbox, marked)
        return page_result(await asyncio.to_thread(page_messages, page, inbox.settings.zone))

    return inbox_update


INBOX_UPDATE = InboxTool(
    name="inbox_update",
    title="Notes of the inbox page",
    description="For the inbox page: note what somebody said of messages: told, done or open. Changes nothing in the "
    "phone system.",
    bind=_bind,
    marks_read=False,
    read_only=False,
    open_world=False,
    fits=lambda inbox: inbox.can_update,
    page_part="helper",
)
