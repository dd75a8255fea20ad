"""The tool ``inbox_messages``: what the inbox page lists."""

import asyncio
from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp.inbox import Inbox
from vm_mcp.models import ReadStatus
from vm_mcp.server.tool_results import page_result
from vm_mcp.server.tools.tool_arguments import Extension, PageLanguage, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

PageStatus = Annotated[ReadStatus, Field(description="Which messages, as list_voicemails has them. Default: open")]
PageQuery = Annotated[Text, Field(description="What to search for. Default: nothing, which lists them")]
PageSince = Annotated[Text, Field(description="Earliest time. Default: as list_voicemails has it")]
PageUuid = Annotated[Text, Field(description="Only this message. Default: every one")]
PageLimit = Annotated[int, Field(ge=1, le=50, description="Messages at most, 1 to 50. Default: 20")]
PageCursor = Annotated[
    str, Field(max_length=2000, description="`next_cursor` of the page before. Default: the first page")
]


def _bind(inbox: Inbox) -> ToolFunction:
    async def inbox_messages(  # noqa: PLR0913, PLR0917 - its parameters are the tool's
        status: PageStatus = "open",
        query: PageQuery = "",
        extension: Extension = "",
        since: PageSince = "",
        uuid: PageUuid = "",
        cursor: PageCursor = "",
        limit: PageLimit = 20,
        language: PageLanguage = "en",
    ) -> CallToolResult:
        from vm_mcp.inbox.page_messages import PageRequest, message_page  # a server starts without the page's models
        from vm_mcp.views.page_view import page_messages

        request = PageRequest(
            status=status, query=query, extension=extension, since=since, uuid=uuid, cursor=cursor, limit=limit
        )
        page = await message_page(inbox, request)
        return page_result(await asyncio.to_thread(page_messages, page, inbox.settings.zone, language))

    return inbox_messages


INBOX_MESSAGES = InboxTool(
    name="inbox_messages",
    title="Messages of the inbox page",
    description="For the inbox page: messages with their transcripts. Marks nothing as read.",
    bind=_bind,
    marks_read=False,
    read_only=True,
    page_part="helper",
)
