"""A recording: a link, a file, or attached audio."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import SavedRecording
from vm_mcp.models import Recording, RecordingLink
from vm_mcp.views.rows import OptionalInt, Timestamp, YesNo, clock_time, timestamp
from vm_mcp.views.view import View

_Delivery = Literal["link", "file", "inline"]
_MARKED_READ = {
    None: "The message is now marked as read.",
    False: "The message was unread and is now marked as read.",
    True: "The message was marked as read before.",
}
"""By whether the last list showed it as read."""


class RecordingResult(BaseModel):
    """Answer of get_recording; which fields are set depends on the delivery."""

    uuid: str
    delivery: _Delivery
    marked_read: Annotated[bool, Field(description="The phone system now shows the message as read")]
    was_read: Annotated[YesNo, Field(description="Whether it was marked as read before; left out if not known")] = ""
    url: Annotated[str, Field(description="Plays for anyone who has it")] = ""
    expires_at: Timestamp = ""
    path: Annotated[str, Field(description="File on this computer")] = ""
    mime_type: str = ""
    size_bytes: OptionalInt = None
    sha256: str = ""


def recording_link(
    link: RecordingLink, zone: ZoneInfo, *, was_read: bool | None = None, start_seconds: float = 0
) -> View[RecordingResult]:
    """Show the link to a recording.

    Args:
        link: The link.
        zone: Of its expiry.
        was_read: Whether the message was marked as read before.
        start_seconds: Where to begin, as a media fragment; browsers follow it, some players don't.
    """
    # https://www.w3.org/TR/media-frags/#naming-time
    url = f"{link.url}#t={start_seconds:g}" if start_seconds else link.url
    content = _result(link.uuid, "link", was_read, url=url, expires_at=timestamp(link.expires_at, zone))
    starts = f" A browser starts at {start_seconds:g} s; in another player, go there." if start_seconds else ""
    text = (
        f"Recording of {link.uuid}: {url}\n"
        f"It plays until {clock_time(content.expires_at)} for anyone who has the link.{starts} {_MARKED_READ[was_read]}"
    )
    return View(text, content)


def recording_file(saved: SavedRecording, *, was_read: bool | None = None) -> View[RecordingResult]:
    """Show where a recording was saved; ``was_read``: whether it was marked as read before."""
    content = _result(saved.uuid, "file", was_read, path=str(saved.path), **_audio_fields(saved))
    text = f"Recording of {saved.uuid} saved: {saved.path}\n{_audio_text(saved)}. {_MARKED_READ[was_read]}"
    return View(text, content)


def recording_inline(recording: Recording, *, was_read: bool | None = None) -> View[RecordingResult]:
    """Show what is attached to the answer; ``was_read``: whether it was marked as read before."""
    content = _result(recording.uuid, "inline", was_read, **_audio_fields(recording))
    text = f"Recording of {recording.uuid} attached: {_audio_text(recording)}. {_MARKED_READ[was_read]}"
    return View(text, content)


def _result(uuid: str, delivery: _Delivery, was_read: bool | None, **more: Any) -> RecordingResult:  # noqa: ANN401, FBT001 - any of its fields
    return RecordingResult(**more, uuid=uuid, delivery=delivery, marked_read=True, was_read=was_read)


def _audio_fields(audio: Recording | SavedRecording) -> dict[str, Any]:
    return {"mime_type": audio.mime_type, "size_bytes": audio.size_bytes, "sha256": audio.sha256}


def _audio_text(audio: Recording | SavedRecording) -> str:
    return f"{audio.mime_type}, {audio.size_bytes} bytes, sha256 {audio.sha256}"
