"""Types that every archive accepts and returns, whatever it is stored in."""

from datetime import datetime
from typing import Literal, NamedTuple

from vm_mcp.contacts import Contact, Extension
from vm_mcp.errors import DamagedTranscriptError
from vm_mcp.models import Transcript, TranscriptKey, Voicemail


class Lease(NamedTuple):
    """The right to make a transcript, for a limited time, and the duty to save or release it."""

    key: TranscriptKey
    owner: str
    """Random token that identifies this lease."""


class KnownTranscript(NamedTuple):
    """What a list shows of a transcript."""

    first_line: str
    """Beginning of the text, with doubt marks once it is indexed, cut at a word; ends in ``…`` when there is more."""
    no_speech: bool
    """Whether no word was recognised."""
    not_understood: bool = False
    """Whether somebody speaks all the same."""


class MessageRange(NamedTuple):
    """Which messages to read, both ends included. None is no bound; an empty extension means every mailbox."""

    since: datetime | None = None
    until: datetime | None = None
    extension: str = ""


ALL_MESSAGES = MessageRange()

Exported = tuple[Voicemail, Transcript | DamagedTranscriptError | None]
"""A message and its latest transcript; the error if that can't be read, None if there is none."""


class Purged(NamedTuple):
    """How much was deleted."""

    messages: int
    transcripts: int
    retrievals: int = 0
    calls: int = 0
    """Call records."""
    is_overwritten: bool = True
    """False when another process kept reading during the purge. Deleted bytes may then stay in the file until the next
    purge, or until the last process that uses the archive exits."""
    set_aside: tuple[str, ...] = ()
    """File names of damaged archives in the data folder. They may hold the same messages: only ``everything`` deletes
    them."""


NeighbourPart = Literal["calls", "contacts", "extensions"]
"""What the PBX knows beside voicemail."""


class NeighbourReading(NamedTuple):
    """When a part was read from the PBX, and what of it."""

    next_at: datetime | None = None
    """When it is to be read again; None: now."""
    read_at: datetime | None = None
    """When it was last read; None: never."""
    since: datetime | None = None
    """Of calls: all were read from then on,"""
    until: datetime | None = None
    """up to then, by the PBX's clock."""
    is_complete: bool = True
    """Whether all was read that was wanted."""
    problem: str = ""
    """Why the last attempt read nothing; empty if it read something."""
    is_refused: bool = False
    """Whether the API key has no right to it."""


class People(NamedTuple):
    """The account's address book and extensions."""

    contacts: tuple[Contact, ...] = ()
    extensions: tuple[Extension, ...] = ()
