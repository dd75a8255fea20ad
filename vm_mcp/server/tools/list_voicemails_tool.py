"""The tool ``list_voicemails``: who called, when, for whom."""

from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.inbox import DEFAULT_DAYS, Inbox, ListRequest
from vm_mcp.models import ReadStatus
from vm_mcp.server.tool_results import tool_result
from vm_mcp.server.tools.tool_arguments import MOMENTS, Extension, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

Since = Annotated[
    Text,
    Field(
        description=f"Earliest time: {MOMENTS}; in the account's zone. Default: {DEFAULT_DAYS} days before `until`",
        examples=["2026-11-23", "2026-11-23T14:30", "yesterday", "7d"],
    ),
]
Until = Annotated[
    Text, Field(description="Latest time, in the same forms; a bare date includes that day. Default: now")
]
StatusFilter = Annotated[
    ReadStatus,
    Field(
        description="Which messages: all; open: neither called back nor closed, whoever heard them; unread; read; "
        "unheard: unread, or marked as read by this assistant alone. Default: all"
    ),
]
Caller = Annotated[
    Text,
    Field(
        description="Only callers whose name, as sent or in the address book, contains this, or whose number these "
        "digits. Default: all"
    ),
]
OneUuid = Annotated[
    Text,
    Field(
        description="Only this message, by its uuid or the end that lists show; other filters are ignored. "
        "Default: none"
    ),
]
Limit = Annotated[int, Field(ge=1, le=100, description="Messages at most, 1 to 100. Default: 20")]
Cursor = Annotated[
    Annotated[str, Field(max_length=2000)],
    Field(description="`next_cursor` of the page before; that page's filters apply. Default: the first page"),
]


def _bind(inbox: Inbox) -> ToolFunction:
    async def list_voicemails(  # noqa: PLR0913, PLR0917 - its parameters are the tool's, and a host sends them by name
        since: Since = "",
        until: Until = "",
        status: StatusFilter = "all",
        extension: Extension = "",
        caller: Caller = "",
        uuid: OneUuid = "",
        limit: Limit = 20,
        cursor: Cursor = "",
    ) -> Annotated[CallToolResult, views.VoicemailList]:
        zone = inbox.settings.zone
        if uuid:
            [uuid] = await inbox.whole_uuids([uuid])
            return tool_result(views.one_voicemail(await inbox.listing.one(uuid), zone, inbox.account.now()))
        request = ListRequest(
            since=since,
            until=until,
            status=status,
            extension=extension,
            caller=caller,
            limit=limit,
            cursor=cursor,
        )
        return tool_result(views.voicemail_list(await inbox.list_voicemails(request), zone))

    return list_voicemails


LIST_VOICEMAILS = InboxTool(
    name="list_voicemails",
    title="List voicemails",
    icon="M8 6h13M8 12h13M8 18h13M3 6h2M3 12h2M3 18h2",
    description="List voicemail messages (telesekreter, sesli mesaj), newest first: who called, when, which mailbox, "
    "who has heard it, whether the caller was called back or it was closed, how its transcript begins if it has one. "
    "Marks nothing as read. To know what is still to do, ask for status open.",
    bind=_bind,
    marks_read=False,
    read_only=True,
)
