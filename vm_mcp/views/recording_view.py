"""A recording: a link, a file, or attached audio."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import SavedRecording
from vm_mcp.models import Recording, RecordingLink
from vm_mcp.views.rows import OptionalInt, Timestamp, timestamp
from vm_mcp.views.view import View

_MARKED_READ = "The message is now marked as read."


class RecordingResult(BaseModel):
    """Answer of get_recording; which fields are set depends on the delivery."""

    uuid: str
    delivery: Literal["link", "file", "inline"]
    marked_read: Annotated[bool, Field(description="The phone system now shows the message as read")]
    url: Annotated[str, Field(description="Plays for anyone who has it")] = ""
    expires_at: Timestamp = ""
    path: Annotated[str, Field(description="File on this computer")] = ""
    mime_type: str = ""
    size_bytes: OptionalInt = None
    sha256: str = ""


def recording_link(link: RecordingLink, zone: ZoneInfo) -> View[RecordingResult]:
    """Show the link to a recording, its expiry in ``zone``."""
    content = RecordingResult(
        uuid=link.uuid, delivery="link", marked_read=True, url=link.url, expires_at=timestamp(link.expires_at, zone)
    )
    text = (
        f"Recording of {link.uuid}: {link.url}\n"
        f"It plays until {content.expires_at} for anyone who has the link. {_MARKED_READ}"
    )
    return View(text, content)


def recording_file(saved: SavedRecording) -> View[RecordingResult]:
    """Show where a recording was saved."""
    content = RecordingResult(
        uuid=saved.uuid, delivery="file", marked_read=True, path=str(saved.path), **_audio_fields(saved)
    )
    return View(f"Recording of {saved.uuid} saved: {saved.path}\n{_audio_text(saved)}. {_MARKED_READ}", content)


def recording_inline(recording: Recording) -> View[RecordingResult]:
    """Show what is attached to the answer."""
    content = RecordingResult(uuid=recording.uuid, delivery="inline", marked_read=True, **_audio_fields(recording))
    return View(f"Recording of {recording.uuid} attached: {_audio_text(recording)}. {_MARKED_READ}", content)


def _audio_fields(audio: Recording | SavedRecording) -> dict[str, Any]:
    return {"mime_type": audio.mime_type, "size_bytes": audio.size_bytes, "sha256": audio.sha256}


def _audio_text(audio: Recording | SavedRecording) -> str:
    return f"{audio.mime_type}, {audio.size_bytes} bytes, sha256 {audio.sha256}"
