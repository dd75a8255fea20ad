"""The tool ``transcribe_voicemails``: what was said, transcribed where there is no transcript yet."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.inbox import DEFAULT_DAYS, Chosen, Inbox, ListRequest, unchanged_notice
from vm_mcp.models import ReadStatus
from vm_mcp.server.tool_results import transcriptions_result
from vm_mcp.server.tools.list_voicemails_tool import Caller, Cursor
from vm_mcp.server.tools.tool_arguments import MOMENTS, Extension, OptionalUuids, Text
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction
from vm_mcp.views.notices import join_notices

MAX_WAIT_SECONDS = 240
"""No host waits longer."""

ChosenStatus = Annotated[
    ReadStatus,
    Field(description="Without uuids: which messages, as list_voicemails has them. Default: open"),
]
ChosenSince = Annotated[
    Text,
    Field(description=f"Without uuids: earliest time: {MOMENTS}. Default: {DEFAULT_DAYS} days ago", examples=["7d"]),
]
Language = Annotated[
    str,
    Field(
        max_length=40,
        description="Language spoken: auto, or a code or name. Default: auto, the likeliest in the settings",
        examples=["tr", "en"],
    ),
]
WaitSeconds = Annotated[
    float,
    Field(
        ge=0,
        le=MAX_WAIT_SECONDS,
        description=f"Seconds to wait, 0 to {MAX_WAIT_SECONDS}; 3 where calls time out early. What takes longer is "
        "pending. Default: 45",
    ),
]
Refresh = Annotated[bool, Field(description="Transcribe again, ignoring earlier transcripts. Default: false")]


def _bind(inbox: Inbox) -> ToolFunction:
    async def transcribe_voicemails(  # noqa: PLR0913, PLR0917 - its parameters are the tool's
        ctx: Context[None, Any],
        uuids: OptionalUuids = (),  # type: ignore[assignment]  # a list is shared by all calls
        status: ChosenStatus = "open",
        since: ChosenSince = "",
        extension: Extension = "",
        caller: Caller = "",
        cursor: Cursor = "",
        language: Language = "auto",
        wait_seconds: WaitSeconds = 45,
        refresh: Refresh = False,  # noqa: FBT002 - a host sends arguments by name
    ) -> Annotated[CallToolResult, views.TranscriptionList]:
        async def on_progress(done: float, total: int) -> None:
            transcribed = f"{int(done)} of {total} messages transcribed"
            await ctx.report_progress(done, total, inbox.transcribing.waiting_for or transcribed)

        filters = ListRequest(status=status, since=since, extension=extension, caller=caller, cursor=cursor)
        ignored = "" if filters == ListRequest(status="open") else "Filters are ignored where uuids are given."
        chosen = Chosen(uuids=tuple(await inbox.whole_uuids(uuids)), notice=ignored)
        if not uuids:
            chosen = await inbox.choose(filters)
        before = await inbox.history.look_up(chosen.uuids) if refresh else []
        entries = await inbox.transcribing.transcribe(
            chosen.uuids,
            language="" if language.strip().lower() == "auto" else language,
            wait_seconds=wait_seconds,
            refresh=refresh,
            on_progress=on_progress,
        )
        return await transcriptions_result(
            entries,
            inbox.settings,
            now=inbox.account.now(),
            notice=join_notices(chosen.notice, unchanged_notice(before, entries)),
            next_cursor=chosen.next_cursor,
        )

    return transcribe_voicemails


TRANSCRIBE_VOICEMAILS = InboxTool(
    name="transcribe_voicemails",
    title="Transcribe voicemails",
    icon="M3 10v4M7 6v12M11 9v6M15 8h6M15 12h6M15 16h4",
    description="Return what callers said, as text (speech to text, yazıya dökme), for messages chosen by filters "
    "(without any: the 20 newest open ones) or by uuids: an entry each, with status done, no_speech, pending (call "
    "again) or failed. A message that was not transcribed before is marked as read in the phone system, for everyone "
    "and for good (opened); one that was is not touched. Names, digits and amounts may be misheard.",
    bind=_bind,
    marks_read=True,
    read_only=False,
    fits=lambda inbox: inbox.can_transcribe,
)
