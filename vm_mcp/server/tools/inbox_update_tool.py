"""The tool ``inbox_update``: notes what somebody says of messages on the inbox page."""

import asyncio
from typing import Annotated, Literal

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp.handling import MarkState
from vm_mcp.inbox import Inbox
from vm_mcp.server.tool_results import page_result
from vm_mcp.server.tools.tool_arguments import PageLanguage, Text, Uuids
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

PageState = Annotated[
    Literal["", MarkState],
    Field(description="told: they know of it; done: it is settled; open: it is not, after all. Default: as it is"),
]
PageNote = Annotated[
    Text, Field(description="Their words. Default: with a state, the earlier note; without one, the note is deleted")
]


def _bind(inbox: Inbox) -> ToolFunction:
    async def inbox_update(
        uuids: Uuids, state: PageState = "", note: PageNote = "", language: PageLanguage = "en"
    ) -> CallToolResult:
        from vm_mcp.inbox.page_messages import messages_again  # a server starts without the page's models
        from vm_mcp.views.page_view import page_messages

        whole = await inbox.whole_uuids(uuids)
        if state:
            changed = await inbox.marking.mark(whole, state, note)
        else:
            changed = await inbox.marking.write_note(whole, note)
        page = await messages_again(inbox, changed)
        return page_result(await asyncio.to_thread(page_messages, page, inbox.settings.zone, language))

    return inbox_update


INBOX_UPDATE = InboxTool(
    name="inbox_update",
    title="Notes of the inbox page",
    description="For the inbox page: note what somebody said of messages: told, done or open. A note alone changes "
    "no state, and an empty one deletes the note before. Changes nothing in the phone system.",
    bind=_bind,
    marks_read=False,
    read_only=False,
    open_world=False,
    fits=lambda inbox: inbox.can_update,
    page_part="helper",
)
