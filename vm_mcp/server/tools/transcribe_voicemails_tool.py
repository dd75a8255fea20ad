"""The tool ``transcribe_voicemails``: what was said, transcribed where there is no transcript yet."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from vm_mcp import views
from vm_mcp.inbox import Inbox
from vm_mcp.server.tool_results import transcriptions_result
from vm_mcp.server.tools.tool_arguments import Detail, Uuids
from vm_mcp.server.tools.tool_base import InboxTool, ToolFunction

MAX_WAIT_SECONDS = 240
"""No host waits longer."""

Language = Annotated[
    str,
    Field(
        pattern="^(auto|[a-z]{2})$",
        description="Language spoken: auto, or a two-letter code. Default: auto, the likeliest in the settings",
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
        uuids: Uuids,
        ctx: Context[None, Any],
        language: Language = "auto",
        detail: Detail = "concise",
        wait_seconds: WaitSeconds = 45,
        refresh: Refresh = False,  # noqa: FBT002 - a host sends arguments by name
    ) -> Annotated[CallToolResult, views.TranscriptionList]:
        async def on_progress(done: float, total: int) -> None:
            transcribed = f"{int(done)} of {total} messages transcribed"
            await ctx.report_progress(done, total, inbox.transcribing.waiting_for or transcribed)

        entries = await inbox.transcribing.transcribe(
            uuids,
            language="" if language == "auto" else language,
            wait_seconds=wait_seconds,
            refresh=refresh,
            on_progress=on_progress,
        )
        return await transcriptions_result(
            entries, inbox.settings.zone, full=detail == "full", now=inbox.account.clock()
        )

    return transcribe_voicemails


TRANSCRIBE_VOICEMAILS = InboxTool(
    name="transcribe_voicemails",
    title="Transcribe voicemails",
    description="Transcribe voicemails and return what was said: one entry per uuid, in order, with status done, "
    "no_speech, pending (call again with the same uuids) or failed. Earlier transcripts come from the archive at once. "
    "Transcribing marks the messages as read in the phone system, for everyone and for good. Names, digits and amounts "
    "may be misheard.",
    bind=_bind,
    marks_read=True,
    read_only=False,
    fits=lambda inbox: inbox.can_transcribe,
)
