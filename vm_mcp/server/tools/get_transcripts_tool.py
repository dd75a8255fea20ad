"""The tool ``get_transcripts``: replaces ``transcribe_voicemails`` where nothing may be transcribed."""

from typing import Annotated

from mcp_types import CallToolResult

from vm_mcp import views
from vm_mcp.inbox import Inbox
from vm_mcp.server.tool_results import transcriptions_result
from vm_mcp.server.tools.tool_arguments import Uuids
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction


def _bind(inbox: Inbox) -> ToolFunction:
    async def get_transcripts(uuids: Uuids) -> Annotated[CallToolResult, views.TranscriptionList]:
        entries = await inbox.history.look_up(await inbox.whole_uuids(uuids))
        return await transcriptions_result(entries, inbox.settings, now=inbox.account.now())

    return get_transcripts


GET_TRANSCRIPTS = InboxTool(
    name="get_transcripts",
    title="Get transcripts",
    icon="M6 3h8l4 4v14H6zM9 12h6M9 16h6",
    description="Return what was said in voicemails that were transcribed before: one entry per uuid, in order, with "
    "status done, no_speech, missing or failed. Marks nothing as read. Names, digits and amounts may be misheard.",
    bind=_bind,
    marks_read=False,
    read_only=True,
    open_world=False,
    fits=lambda inbox: not inbox.can_transcribe,
)
