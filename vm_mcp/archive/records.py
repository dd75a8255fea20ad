"""What goes into an archive and comes out of it, whichever home it has."""

from datetime import datetime
from typing import NamedTuple

from vm_mcp.errors import DamagedTranscriptError
from vm_mcp.models import Transcript, TranscriptKey, Voicemail


class Lease(NamedTuple):
    """The right to transcribe a message, and the duty to save or release it."""

    key: TranscriptKey
    owner: str
    """A random token of this claim alone."""


class KnownTranscript(NamedTuple):
    """What a list shows of a transcript."""

    first_line: str
    """Ends in ``…`` when there is more."""
    no_speech: bool
    """True when no word could be made out."""


class MessageRange(NamedTuple):
    """Which messages to go through; None is no bound, and an empty extension every mailbox."""

    since: datetime | None = None
    until: datetime | None = None
    extension: str = ""


ALL_MESSAGES = MessageRange()

Exported = tuple[Voicemail, Transcript | DamagedTranscriptError | None]
"""A message with its latest transcript, why that can't be read, or None."""


class Purged(NamedTuple):
    """How much was deleted."""

    messages: int
    transcripts: int
    retrievals: int = 0
    is_overwritten: bool = True
    """False when another process was reading all the while, so that deleted bytes may stay in the file until the next
    purge, or until the last process that uses the archive ends."""
    set_aside: tuple[str, ...] = ()
    """Names of damaged archives in the data folder, which nothing can be deleted from; they may hold the same."""
