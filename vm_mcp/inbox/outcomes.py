"""The results of the inbox's use cases."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from vm_mcp.errors import DamagedTranscriptError
from vm_mcp.models import HeardBy, Model, Transcript, Voicemail


class ListedVoicemail(Voicemail):
    """A message as the PBX lists it, with what the archive knows of it."""

    heard_by: HeardBy | None = None
    """None when the archive can't be read."""
    first_line: str = ""
    """How its transcript begins; empty without one, or when nobody spoke."""
    no_speech: bool = False
    """Whether it was transcribed and no word could be made out."""
    not_understood: bool = False
    """Whether somebody speaks in it all the same."""


class ListedPage(Model):
    """A page of messages, the range it was listed for, and the cursor of the next page."""

    voicemails: tuple[ListedVoicemail, ...]
    since: datetime
    until: datetime
    total_count: int | None
    next_cursor: str = ""
    notice: str = ""
    """A problem with the archive that the user must know of; else empty."""


class MailboxCounts(Model):
    """How many messages are in one mailbox."""

    extension: str
    """Empty when the PBX didn't say which."""
    messages: int
    unread: int
    unheard: int | None
    """None when the archive can't be read."""


class WaitingCaller(Model):
    """A caller with messages that no person has heard; ``latest_…`` is about the newest of these messages."""

    caller_id_name: str
    caller_id_number: str
    """As the newest message shows it: the others may spell the same number differently."""
    calls: int
    """Messages of this caller that no person has heard."""
    since: datetime | None
    """When the first of them was left; None when no time is known."""
    latest_at: datetime | None
    latest_uuid: str
    extensions: tuple[str, ...]
    """The mailboxes that hold them."""
    latest_begins: str
    """How the transcript begins; empty without one, or when nobody spoke."""
    no_speech: bool
    """No word could be made out in the newest."""
    not_understood: bool = False
    """Somebody speaks in it all the same."""


class Overview(Model):
    """How much is in the mailboxes, and who waits for an answer."""

    since: datetime
    until: datetime
    messages: int
    """How many were looked at: all of the range unless ``truncated``."""
    truncated: bool
    """Whether the range has older messages that were not looked at."""
    unread: int
    unheard: int | None
    """None when the archive can't be read: then it isn't known what the assistant alone marked as read."""
    mailboxes: tuple[MailboxCounts, ...]
    """Sorted by extension."""
    oldest_unread: ListedVoicemail | None
    oldest_unheard: ListedVoicemail | None
    waiting: tuple[WaitingCaller, ...]
    """The longest-waiting first; without an archive, callers with unread messages."""
    notice: str = ""
    """A problem with the archive that the user must know of; else empty."""


class SavedRecording(Model):
    """A recording saved in the user's folder."""

    uuid: str
    path: Path
    mime_type: str
    size_bytes: int
    sha256: str


class Transcription(Model):
    """One message's transcript, or why there is none yet."""

    uuid: str
    status: Literal["done", "no_speech", "pending", "failed", "missing"]
    """``missing``: it was only looked up, and has never been transcribed."""
    voicemail: Voicemail | None = None
    """The message as it was last listed; None when it never was."""
    transcript: Transcript | None = None
    error: str = ""
    waiting_for: str = ""
    """What a pending message waits for besides its turn, such as a model's download."""


def transcription_of(
    uuid: str, found: Transcript | DamagedTranscriptError, voicemail: Voicemail | None = None
) -> Transcription:
    """Return the entry for a transcript; one that can't be read is ``failed`` and costs no other its text."""
    if isinstance(found, DamagedTranscriptError):
        return Transcription(uuid=uuid, status="failed", voicemail=voicemail, error=str(found))
    return Transcription(uuid=uuid, status="done" if found.text else "no_speech", voicemail=voicemail, transcript=found)
