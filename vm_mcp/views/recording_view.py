"""What get_recording answers."""

import base64
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from mcp_types import AudioContent, CallToolResult
from pydantic import BaseModel, Field

from vm_mcp.errors import RecordingError
from vm_mcp.inbox import SavedRecording
from vm_mcp.models import Recording, RecordingLink
from vm_mcp.views.formatting import Stamp, result, stamp

MAX_INLINE_BYTES = 700_000
"""As base64 it stays under the 1 MB that hosts accept for a result."""


class RecordingResult(BaseModel):
    """Answer of get_recording; which fields are set depends on the delivery."""

    uuid: str
    delivery: Literal["link", "file", "inline"]
    marked_read: Annotated[bool, Field(description="The phone system now shows the message as read")]
    url: Annotated[str, Field(description="Plays for whoever has it")] = ""
    expires_at: Stamp = ""
    path: Annotated[str, Field(description="File on this computer")] = ""
    mime_type: str = ""
    size_bytes: int = -1
    sha256: str = ""


def recording_link(link: RecordingLink, zone: ZoneInfo) -> CallToolResult:
    """Show where a recording plays."""
    answer = RecordingResult(
        uuid=link.uuid, delivery="link", marked_read=True, url=link.url, expires_at=stamp(link.expires_at, zone)
    )
    text = (
        f"Recording of {link.uuid}: {link.url}\n"
        f"It plays until {answer.expires_at} for whoever has the link. The message is now marked as read."
    )
    return result(text, answer)


def recording_file(saved: SavedRecording) -> CallToolResult:
    """Show where a recording was saved."""
    answer = RecordingResult(
        uuid=saved.uuid,
        delivery="file",
        marked_read=True,
        path=str(saved.path),
        mime_type=saved.mime_type,
        size_bytes=saved.size_bytes,
        sha256=saved.sha256,
    )
    text = (
        f"Recording of {saved.uuid} saved: {saved.path}\n"
        f"{saved.mime_type}, {saved.size_bytes} bytes, sha256 {saved.sha256}. The message is now marked as read."
    )
    return result(text, answer)


def recording_inline(recording: Recording) -> CallToolResult:
    """Show a recording as an audio block.

    Raises:
        RecordingError: It is too large for a host to accept.
    """
    if recording.size_bytes > MAX_INLINE_BYTES:
        raise RecordingError(
            f"The recording has {recording.size_bytes} bytes; inline takes {MAX_INLINE_BYTES} at most. "
            "Ask for it with delivery `file` or `link`. The message is now marked as read."
        )
    answer = RecordingResult(
        uuid=recording.uuid,
        delivery="inline",
        marked_read=True,
        mime_type=recording.mime_type,
        size_bytes=recording.size_bytes,
        sha256=recording.sha256,
    )
    text = (
        f"Recording of {recording.uuid} attached: {recording.mime_type}, {recording.size_bytes} bytes, "
        f"sha256 {recording.sha256}. The message is now marked as read."
    )
    audio = AudioContent(type="audio", data=base64.b64encode(recording.data).decode(), mime_type=recording.mime_type)
    return result(text, answer, audio)
