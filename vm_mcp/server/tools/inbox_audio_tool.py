"""The tool ``inbox_audio``: what the inbox page plays."""

from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp.inbox import Inbox
from vm_mcp.server.tool_results import page_result
from vm_mcp.server.tools.tool_arguments import PageLanguage, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

PlayedUuid = Annotated[Text, Field(min_length=1, max_length=128, description="uuid of the message")]
PlayedFrom = Annotated[float, Field(ge=0, le=86_400, description="Second at which the piece begins. Default: 0")]
PlayedSeconds = Annotated[float, Field(ge=0.1, le=30, description="Length of the piece in seconds. Default: 30")]


def _bind(inbox: Inbox) -> ToolFunction:
    async def inbox_audio(
        uuid: PlayedUuid,
        start_seconds: PlayedFrom = 0,
        seconds: PlayedSeconds = 30,
        language: PageLanguage = "en",  # noqa: ARG001 - of an error, see `VoicemailServer.call_tool`
    ) -> CallToolResult:
        from vm_mcp.views.page_view import page_sound  # a server starts without the page's models

        [uuid] = await inbox.whole_uuids([uuid])
        return page_result(page_sound(uuid, await inbox.playing.piece(uuid, start_seconds, seconds)))

    return inbox_audio


INBOX_AUDIO = InboxTool(
    name="inbox_audio",
    title="Sound of the inbox page",
    description="For the inbox page: a piece of one message's sound. The first piece marks the message as read in the "
    "phone system, for everyone and for good.",
    bind=_bind,
    marks_read=True,
    read_only=False,
    page_part="helper",
)
