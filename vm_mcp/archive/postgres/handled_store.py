"""The part of `PostgresArchive` that keeps what was handled."""

from collections.abc import Hashable, Sequence
from datetime import datetime

from vm_mcp.archive.handled_protocol import HandledArchive
from vm_mcp.archive.postgres import handled_rows
from vm_mcp.archive.postgres.sessions import AccountSessions
from vm_mcp.archive.records import NeighbourPart, NeighbourReading, People
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact, Extension
from vm_mcp.handling import Mark


class HandledStore(HandledArchive):
    """`HandledArchive` in PostgreSQL."""

    sessions: AccountSessions

    async def neighbours(self) -> dict[NeighbourPart, NeighbourReading]:
        """Return when each part was read."""
        return await self.sessions.read(handled_rows.neighbours)

    async def claim_neighbour(self, part: NeighbourPart, now: datetime, next_at: datetime) -> NeighbourReading | None:
        """Return the last reading of a part if it is time for another."""
        return await self.sessions.write(lambda connection: handled_rows.claim(connection, part, now, next_at))

    async def save_calls(self, records: Sequence[CallRecord], reading: NeighbourReading) -> None:
        """Store call records."""
        await self.sessions.write(lambda connection: handled_rows.save_calls(connection, records, reading))

    async def save_contacts(self, contacts: Sequence[Contact], reading: NeighbourReading) -> None:
        """Store the address book, and reindex the messages of its callers."""
        await self.sessions.write(
            lambda connection: handled_rows.save_contacts(connection, contacts, reading), is_whole=True
        )
        self._index_later()

    async def save_extensions(self, extensions: Sequence[Extension], reading: NeighbourReading) -> None:
        """Store the extensions."""
        await self.sessions.write(lambda connection: handled_rows.save_extensions(connection, extensions, reading))

    async def save_neighbour(self, part: NeighbourPart, reading: NeighbourReading) -> None:
        """Store how an attempt ended that read nothing."""
        await self.sessions.write(lambda connection: handled_rows.save_reading(connection, part, reading))

    async def calls(self, since: datetime) -> list[CallRecord]:
        """Return call records."""
        return await self.sessions.read(lambda connection: handled_rows.calls(connection, since))

    async def message_uuids(self, since: datetime) -> list[str]:
        """Return the ids of known messages."""
        return await self.sessions.read(lambda connection: handled_rows.message_uuids(connection, since))

    async def people(self) -> People:
        """Return the address book and the extensions."""
        return await self.sessions.read(handled_rows.people)

    async def people_version(self) -> Hashable:
        """Return a value that changes with the address book and the extensions."""
        return await self.sessions.read(handled_rows.people_version)

    async def uuids_ending(self, ending: str, limit: int) -> list[str]:
        """Return the ids of known messages that end in these characters."""
        return await self.sessions.read(lambda connection: handled_rows.uuids_ending(connection, ending, limit))

    async def endings(self, uuids: Sequence[str]) -> dict[str, str]:
        """Return the shortest ends of uuids that no other message has."""
        return await self.sessions.read(lambda connection: handled_rows.endings(connection, uuids))

    async def mark(self, uuids: Sequence[str], mark: Mark) -> None:
        """Store what a person said of messages."""
        await self.sessions.write(lambda connection: handled_rows.mark(connection, uuids, mark))

    async def marks(self, uuids: Sequence[str]) -> dict[str, Mark]:
        """Return what a person said last of each message."""
        return await self.sessions.read(lambda connection: handled_rows.marks(connection, uuids))

    def _index_later(self) -> None:
        """Index what was left for later, in the background."""
        raise NotImplementedError
