"""What comes back from the inbox."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from vm_mcp.errors import DamagedTranscriptError
from vm_mcp.models import HeardBy, Model, Transcript, Voicemail


class ListedVoicemail(Voicemail):
    """A message as the PBX lists it, and what this computer knows of it."""

    heard_by: HeardBy | None = None
    """None when the archive can't be read."""
    first_line: str = ""
    """How its transcript begins; empty without one, or when nobody spoke."""
    no_speech: bool = False
    """It was transcribed, and no word could be made out."""


class ListedPage(Model):
    """A page, the range it was asked of, and how to go on."""

    voicemails: tuple[ListedVoicemail, ...]
    since: datetime
    until: datetime
    total_count: int | None
    next_cursor: str = ""
    notice: str = ""
    """What a person must know of the archive; else empty."""


class MailboxCounts(Model):
    """How much lies in one mailbox."""

    extension: str
    """Empty: the PBX didn't say which."""
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


class Overview(Model):
    """What lies in the mailboxes, and who waits for an answer."""

    since: datetime
    until: datetime
    messages: int
    """How many were looked at, which is all of the range unless ``truncated``."""
    truncated: bool
    """There are older messages in the range that were not looked at."""
    unread: int
    unheard: int | None
    """None when the archive can't be read: then it isn't known what only the assistant opened."""
    mailboxes: tuple[MailboxCounts, ...]
    """By extension."""
    oldest_unread: ListedVoicemail | None
    oldest_unheard: ListedVoicemail | None
    waiting: tuple[WaitingCaller, ...]
    """Who waits, the longest first; without an archive, by what is unread."""
    notice: str = ""
    """What a person must know of the archive; else empty."""


class SavedRecording(Model):
    """A recording in a file of the user's."""

    uuid: str
    path: Path
    mime_type: str
    size_bytes: int
    sha256: str


class Transcription(Model):
    """How far one message's transcription has come."""

    uuid: str
    status: Literal["done", "no_speech", "pending", "failed", "missing"]
    """``missing``: it was only looked up, and nobody has asked for its transcription yet."""
    voicemail: Voicemail | None = None
    """What the list said of it, when this account was listed on this computer."""
    transcript: Transcript | None = None
    error: str = ""
    waiting_for: str = ""
    """What a pending one waits for beside its turn, such as a model's download."""


def transcription_of(
    uuid: str, found: Transcript | DamagedTranscriptError, voicemail: Voicemail | None = None
) -> Transcription:
    """Return the entry for a transcript; one that can't be read is ``failed`` and costs no other its text."""
    if isinstance(found, DamagedTranscriptError):
        return Transcription(uuid=uuid, status="failed", voicemail=voicemail, error=str(found))
    return Transcription(uuid=uuid, status="done" if found.text else "no_speech", voicemail=voicemail, transcript=found)
