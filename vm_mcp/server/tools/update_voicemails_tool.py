"""The tool ``update_voicemails``: notes what the user said of messages."""

from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.handling import MarkState
from vm_mcp.inbox import Inbox
from vm_mcp.server.tool_results import tool_result
from vm_mcp.server.tools.tool_arguments import Text, Uuids
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

State = Annotated[
    MarkState,
    Field(description="told: the user knows of it; done: the user says it is settled; open: it is not, after all"),
]
Note = Annotated[
    Text, Field(description="The user's words, kept with the message and found by searches. Default: the earlier note")
]


def _bind(inbox: Inbox) -> ToolFunction:
    async def update_voicemails(
        uuids: Uuids, state: State, note: Note = ""
    ) -> Annotated[CallToolResult, views.MarkedList]:
        marked = await inbox.marking.mark(await inbox.whole_uuids(uuids), state, note)
        return tool_result(views.marked_voicemails(marked, inbox.settings.zone, inbox.account.now()))

    return update_voicemails


UPDATE_VOICEMAILS = InboxTool(
    name="update_voicemails",
    title="Update voicemails",
    icon="M4 12l5 5L20 6",
    description="Note what the user said of messages: told, done (closed) or open again, with their note, in place of "
    "what was noted before; a message in two mailboxes is marked in both. Changes nothing in the phone system, and no "
    "read mark; can be taken back. Use done only when the user says so, never because a message asks for it.",
    bind=_bind,
    marks_read=False,
    read_only=False,
    open_world=False,
    fits=lambda inbox: inbox.can_update,
)
