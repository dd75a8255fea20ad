"""The results of the inbox's use cases."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from vm_mcp.callbacks import Callback, MissedCaller
from vm_mcp.contacts import Contact
from vm_mcp.errors import DamagedTranscriptError
from vm_mcp.handling import Mark, MessageState, is_open
from vm_mcp.models import HeardBy, Model, Retrieval, Transcript, Voicemail
from vm_mcp.wording import Words, words

MOST_NAMES = 3
"""Names of people who share a number that are shown."""


class ListedVoicemail(Voicemail):
    """A message as the PBX lists it, with all that is known of it; made by `vm_mcp.inbox.known`."""

    heard_by: HeardBy | None = None
    """None when the archive can't be read."""
    first_line: str = ""
    """How its transcript begins; empty without one, or when nobody spoke."""
    no_speech: bool = False
    """Whether it was transcribed and no word could be made out."""
    not_understood: bool = False
    """Whether somebody speaks in it all the same."""
    state: MessageState | None = None
    """None when the archive can't be read."""
    mark: Mark | None = None
    """What a person said of it."""
    opening: Retrieval | None = None
    """The retrieval that a person had this assistant make; None at a desk, where nobody logs in."""
    callback: Callback | None = None
    """What call records show after it; None when the archive can't be read."""
    contacts: tuple[Contact, ...] = ()
    """Who has the caller's number in the account's address book; several may share it."""
    owner: str = ""
    """Whose the mailbox is now."""
    ending: str = ""
    """The end of its uuid that no other known message has; empty if that isn't known."""

    @property
    def note(self) -> str:
        """What a person noted of it."""
        return self.mark.note if self.mark else ""

    @property
    def marked_by(self) -> str:
        """Who said last what became of it; empty at a desk."""
        return self.mark.by if self.mark else ""

    @property
    def opened_by(self) -> str:
        """Who had this assistant open it; empty at a desk."""
        return self.opening.by if self.opening else ""

    @property
    def is_open(self) -> bool:
        """Whether it was neither called back nor closed, as far as is known."""
        return self.state is None or is_open(self.state)

    @property
    def contact(self) -> str:
        """The address book's name of the caller."""
        return contact_name(self.contacts)

    @property
    def known_names(self) -> tuple[str, ...]:
        """The caller's name as sent, and those of the address book."""
        return tuple(filter(None, (self.caller_id_name, *(contact.name for contact in self.contacts))))


def contact_name(contacts: Sequence[Contact]) -> str:
    """Return who has a number: name and company, or the names of those who share it."""
    named = list(dict.fromkeys(", ".join(filter(None, (each.name, each.company))) for each in contacts))
    if len(named) <= 1:
        return "".join(named)
    names = list(dict.fromkeys(each.name or each.company for each in contacts))
    more = words(" and {count} more", count=len(names) - MOST_NAMES) if len(names) > MOST_NAMES else ""
    return words("shared by {names}{more}", names=", ".join(names[:MOST_NAMES]), more=more)


class ListedPage(Model):
    """A page of messages, the range it was listed for, and the cursor of the next page."""

    voicemails: tuple[ListedVoicemail, ...]
    since: datetime
    until: datetime
    """The current time where no end was asked for."""
    total_count: int | None
    listed_since: datetime | None = None
    """From when on all messages were looked at, where another page follows."""
    next_cursor: str = ""
    notice: Words = Words("")
    """A problem with the archive that the user must know of; else empty."""


class MailboxCounts(Model):
    """How many messages are in one mailbox."""

    extension: str
    """Empty when the PBX didn't say which."""
    owner: str = ""
    """Whose it is now; empty if that isn't known."""
    messages: int
    unread: int
    unheard: int | None
    """None when the archive can't be read."""
    open: int | None = None
    """None when the archive can't be read."""


class WaitingCaller(Model):
    """A caller with open messages."""

    latest: ListedVoicemail
    """The newest of them: the others may spell the same number differently."""
    messages: int
    """Open messages of this caller."""
    missed_calls: int = 0
    """Beside them, missed calls of the same number that left no message."""
    since: datetime | None
    """When the first of the messages was left; None when no time is known."""
    uuids: tuple[str, ...]
    """Newest first."""
    extensions: tuple[str, ...]
    """The mailboxes that hold them."""


class MissedCall(MissedCaller):
    """Missed calls of one caller that left no message, with who that is."""

    contacts: tuple[Contact, ...] = ()

    @property
    def contact(self) -> str:
        """The address book's name of the caller."""
        return contact_name(self.contacts)

    @property
    def is_returned(self) -> bool:
        """Whether somebody called back and was answered."""
        return self.callback.state == "called_back"


class MissedPage(Model):
    """Missed calls of a time."""

    callers: tuple[MissedCall, ...]
    """The latest first."""
    since: datetime
    """Later than asked for where call records begin later."""
    until: datetime
    notice: Words = Words("")
    """What could not be had; else empty."""


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
    open: int | None
    """None when the archive can't be read."""
    mailboxes: tuple[MailboxCounts, ...]
    """Sorted by extension."""
    waiting: tuple[WaitingCaller, ...]
    """The longest-waiting first; without an archive, callers with unread messages."""
    missed: tuple[MissedCall, ...] | None = None
    """The latest first; None if they can't be had."""
    notice: Words = Words("")
    """A problem with the archive or the call records that the user must know of; else empty."""


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
    voicemail: ListedVoicemail | None = None
    """The message as it was last listed, with what is known of it; None when it never was."""
    transcript: Transcript | None = None
    opened: bool = False
    """Whether making it has marked the message as read, which was unread as far as is known."""
    error: Words = Words("")
    waiting_for: Words = Words("")
    """What a pending message waits for besides its turn, such as a model's download."""


def unchanged_notice(before: Sequence[Transcription], after: Sequence[Transcription]) -> Words:
    """Return that transcribing again made no difference; empty if it made one, or nothing was there before."""
    texts = {entry.uuid: entry.transcript.text for entry in before if entry.transcript}
    again = [entry for entry in after if entry.transcript and entry.uuid in texts]
    same = sum(entry.transcript is not None and entry.transcript.text == texts[entry.uuid] for entry in again)
    if not same:
        return words("")
    return words(
        "Transcribed again, {same} of {count} say the very same: only another model or engine may hear more.",
        same=same,
        count=len(again),
    )


def transcription_of(
    uuid: str, found: Transcript | DamagedTranscriptError, voicemail: ListedVoicemail | None = None
) -> Transcription:
    """Return the entry for a transcript; one that can't be read is ``failed`` and costs no other its text."""
    if isinstance(found, DamagedTranscriptError):
        return Transcription(uuid=uuid, status="failed", voicemail=voicemail, error=found.words)
    return Transcription(uuid=uuid, status="done" if found.text else "no_speech", voicemail=voicemail, transcript=found)
