"""The tool ``inbox_messages``: what the inbox page lists."""

import asyncio
from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp.inbox import Inbox
from vm_mcp.models import ReadStatus
from vm_mcp.server.tool_results import page_result
from vm_mcp.server.tools.tool_arguments import PageLanguage, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

PageLimit = Annotated[int, Field(ge=1, le=50)]
PageCursor = Annotated[str, Field(max_length=2000)]


def _bind(inbox: Inbox) -> ToolFunction:
    async def inbox_messages(  # noqa: PLR0913, PLR0917 - its parameters are the tool's
        status: ReadStatus = "open",
        query: Text = "",
        extension: Text = "",
        since: Text = "",
        uuid: Text = "",
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
