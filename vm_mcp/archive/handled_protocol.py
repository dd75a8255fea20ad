"""The part of every archive's contract that tells what was handled: call records, people, and what persons said."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Protocol

from vm_mcp.archive.records import NeighbourPart, NeighbourReading, People
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact, Extension
from vm_mcp.handling import Mark


class HandledArchive(Protocol):
    """Call records, contacts, extensions and marks; see `vm_mcp.archive.Archive`."""

    async def neighbours(self) -> dict[NeighbourPart, NeighbourReading]:
        """Return when each part was read; those that never were are left out."""
        ...

    async def claim_neighbour(self, part: NeighbourPart, now: datetime, next_at: datetime) -> NeighbourReading | None:
        """Return the last reading of a part if it is time for another, so that one of several processes reads it.

        Args:
            part: What is to be read.
            now: The current time.
            next_at: When another process may try if this one never saves anything.
        """
        ...

    async def save_calls(self, records: Sequence[CallRecord], reading: NeighbourReading) -> None:
        """Store call records over what was read of them before, and when that was."""
        ...

    async def save_contacts(self, contacts: Sequence[Contact], reading: NeighbourReading) -> None:
        """Store the address book in place of the one before, and when it was read."""
        ...

    async def save_extensions(self, extensions: Sequence[Extension], reading: NeighbourReading) -> None:
        """Store the extensions in place of those before, and when they were read."""
        ...

    async def save_neighbour(self, part: NeighbourPart, reading: NeighbourReading) -> None:
        """Store how an attempt ended that read nothing."""
        ...

    async def calls(self, since: datetime) -> list[CallRecord]:
        """Return the call records from then on, and those without a time."""
        ...

    async def message_uuids(self, since: datetime) -> list[str]:
        """Return the ids of all known messages from then on, and of those without a time."""
        ...

    async def people(self) -> People:
        """Return the address book and the extensions."""
        ...

    async def people_version(self) -> Hashable:
        """Return a value that changes when `people` would return something else."""
        ...

    async def uuids_ending(self, ending: str, limit: int) -> list[str]:
        """Return the ids of known messages that end in these characters in any case; one that is equal comes alone."""
        ...

    async def endings(self, uuids: Sequence[str]) -> dict[str, str]:
        """Return, by uuid, its shortest end that no other known message has, in any case; all of it if it has none."""
        ...

    async def mark(self, uuids: Sequence[str], mark: Mark) -> None:
        """Store what a person said of messages, over what they said before; ids that are not known are ignored."""
        ...

    async def marks(self, uuids: Sequence[str]) -> dict[str, Mark]:
        """Return, by uuid, what a person said last of each message."""
        ...
