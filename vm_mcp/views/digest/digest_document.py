"""A digest's content, in the person's language already; each form is written from this alone.

No text holds a line break: names, numbers and words of callers are cleaned where they are read.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DigestMessage:
    """One open message."""

    facts: str
    """When it was left, for which mailbox, how long it is."""
    state: str
    """What became of it, and who has heard it."""
    quote: str = ""
    """What the caller said, doubtful words marked; empty without a transcript."""
    remarks: tuple[str, ...] = ()
    """What must be known of it: where to listen, numbers and times that were said, or why there is no transcript."""


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One caller."""

    who: str
    """The caller's name and number, and the address book's name."""
    facts: str = ""
    """How often the caller called, and since when; empty where the messages alone say it."""
    messages: tuple[DigestMessage, ...] = ()
    """The oldest first."""


@dataclass(frozen=True, slots=True)
class DigestSection:
    """Callers who wait for the same kind of answer."""

    heading: str
    entries: tuple[DigestEntry, ...]


@dataclass(frozen=True, slots=True)
class DigestDocument:
    """A whole digest."""

    language: str
    """ISO 639-1 code of the language that it is written in."""
    title: str
    summary: tuple[str, ...]
    """Counts, and what the reader must know of them."""
    sections: tuple[DigestSection, ...]
    footer: tuple[str, ...]
