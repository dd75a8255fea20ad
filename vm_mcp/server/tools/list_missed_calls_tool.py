"""The tool ``list_missed_calls``: who called, was not answered, and left no message."""

from typing import Annotated, Literal

from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.inbox import DEFAULT_DAYS, Inbox, MissedRequest
from vm_mcp.server.tool_results import tool_result
from vm_mcp.server.tools.tool_arguments import MOMENTS, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

MissedSince = Annotated[
    Text, Field(description=f"Earliest time: {MOMENTS}. Default: {DEFAULT_DAYS} days before `until`", examples=["7d"])
]
MissedUntil = Annotated[Text, Field(description="Latest time, in the same forms. Default: now")]
CalledExtension = Annotated[
    Text, Field(description="Only calls to this extension. Default: every one", examples=["1001"])
]
Returned = Annotated[
    Literal["all", "yes", "no"],
    Field(description="yes: only callers who were called back and answered; no: only the others. Default: all"),
]


def _bind(inbox: Inbox) -> ToolFunction:
    async def list_missed_calls(
        since: MissedSince = "", until: MissedUntil = "", extension: CalledExtension = "", returned: Returned = "all"
    ) -> Annotated[CallToolResult, views.MissedCallList]:
        request = MissedRequest(since=since, until=until, extension=extension, returned=returned)
        return tool_result(views.missed_calls(await inbox.missed.page(request), inbox.settings.zone))

    return list_missed_calls


LIST_MISSED_CALLS = InboxTool(
    name="list_missed_calls",
    title="List missed calls",
    icon="M4 4l8 7 8-7M4 9V4h5M3 19q9-6 18 0l-3 2-3-3H9l-3 3z",
    description="List missed calls (cevapsız çağrı): callers who were not answered and left no message, the latest "
    "first: how often and since when they called, and whether anybody called back, when, from which extension. From "
    "the call records of the last 31 days. Marks nothing as read.",
    bind=_bind,
    marks_read=False,
    read_only=True,
)
