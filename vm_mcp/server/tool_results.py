"""Turn views into MCP results; the only module that knows both."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from mcp_types import AudioContent, CallToolResult, ContentBlock, TextContent
from pydantic import BaseModel

from vm_mcp import views
from vm_mcp.errors import RecordingError
from vm_mcp.inbox import Transcription
from vm_mcp.models import UNKNOWN_MIME_TYPE, Recording
from vm_mcp.server.passed_on import entries_in_both

if TYPE_CHECKING:
    from vm_mcp.config import Settings

MAX_INLINE_BYTES = 700_000
"""As base64, that stays below the 1 MB that hosts accept for a result."""


def tool_result(view: views.View[BaseModel], *blocks: ContentBlock) -> CallToolResult:
    """Return a view as a tool's result: its text, further blocks, and the structured content."""
    content = [TextContent(type="text", text=view.text), *blocks]
    return CallToolResult(content=content, structured_content=view.for_model())


def page_result(view: views.View[BaseModel]) -> CallToolResult:
    """Return a view as a result for the inbox page: as a program reads it, with times that a page words itself."""
    return CallToolResult(content=[TextContent(type="text", text=view.text)], structured_content=view.as_json())


async def transcriptions_result(
    entries: Sequence[Transcription],
    settings: "Settings",
    *,
    now: datetime,
    notice: str = "",
    next_cursor: str = "",
) -> CallToolResult:
    """Return transcriptions as a tool's result; see `vm_mcp.views.transcriptions` and, for the language, `in_both`."""
    entries = await entries_in_both(entries, settings.lang)
    view = await asyncio.to_thread(
        views.transcriptions, entries, settings.zone, full=False, now=now, notice=notice, next_cursor=next_cursor
    )
    return tool_result(view)


def inline_recording(recording: Recording, *, was_read: bool | None = None) -> CallToolResult:
    """Return a recording as an audio block.

    Raises:
        RecordingError: It is too large for a host to accept, or in no known audio format.
    """
    if recording.mime_type == UNKNOWN_MIME_TYPE:
        raise RecordingError(
            "The recording is not in a known audio format, so no host can play it. The message is now marked as read. "
            "Call again with delivery `file`."
        )
    if recording.size_bytes > MAX_INLINE_BYTES:
        raise RecordingError(
            "The recording has {size} bytes, and inline takes at most {most}. The message is now marked as read. "
            "Call again with delivery `file` or `link`.",
            size=recording.size_bytes,
            most=MAX_INLINE_BYTES,
        )
    data = base64.b64encode(recording.data).decode()
    audio = AudioContent(type="audio", data=data, mime_type=recording.mime_type)
    return tool_result(views.recording_inline(recording, was_read=was_read), audio)
