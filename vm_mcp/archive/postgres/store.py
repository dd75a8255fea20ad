"""`PostgresArchive`: the archive of one account in a team's PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from vm_mcp.archive.caller_matching import callers_like
from vm_mcp.archive.postgres import (
    account_keys,
    full_text_search,
    leases,
    message_rows,
    retention,
    retrieval_rows,
    search_index,
    transcript_rows,
)
from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.database import PostgresDatabase
from vm_mcp.archive.postgres.handled_store import HandledStore
from vm_mcp.archive.postgres.sessions import AccountSessions
from vm_mcp.archive.protocol import Archive
from vm_mcp.archive.records import ALL_MESSAGES, Exported, KnownTranscript, Lease, MessageRange, Purged
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Retrieval, SearchResult, Transcript, TranscriptKey, Voicemail

_CHUNK = 200
"""Messages that an export reads at a time."""
_INDEXED_BETWEEN, _INDEXED_FOR_SEARCH = 10, 100
"""Messages that are indexed in the background by one transaction, ~0.1 s, and before a search, ~1 s."""
_NOT_YOURS = (
    "Messages of other mailboxes can't be stored for somebody who may not see them. List only those they may see."
)
_NOT_ALL_YOURS = "Only somebody who may see every mailbox can delete a caller's messages, or all of them. Ask them to."


class PostgresArchive(HandledStore, Archive):
    """`Archive` of one account in PostgreSQL.

    Row-level security keeps it apart from all others. A restricted archive shows only messages of some mailboxes, and
    what hangs on them; call records and contacts belong to the whole account.

    Args:
        database: The team's database; it is not closed here.
        account: The account's name.
        extensions: Show only messages of these mailboxes; None: of all.
        by: Who asks, noted with what they retrieve; empty for the program itself.
        clock: Returns the time. By default that is this computer's where it is compared with the PBX's, and
            PostgreSQL's where machines compare theirs.
    """

    def __init__(
        self,
        database: PostgresDatabase,
        account: str,
        *,
        extensions: frozenset[str] | None = None,
        by: str = "",
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.sessions = AccountSessions(database, account, extensions)
        self._by = by
        self._clock = clock
        self._indexing: asyncio.Task[None] | None = None

    @property
    def notice(self) -> str:
        """Empty: PostgreSQL's own log tells of damage."""
        return ""

    async def note_listed(self, voicemails: Sequence[Voicemail], listed_at: datetime | None = None) -> None:
        """Store messages as the PBX listed them.

        A message may have been listed in another mailbox before, which somebody restricted doesn't see.
        """
        at, allowed = listed_at or self._local_time(), self.sessions.extensions
        if allowed is not None and not allowed.issuperset(each.extension for each in voicemails):
            raise ArchiveError(_NOT_YOURS)
        await self.sessions.write(lambda connection: message_rows.note(connection, voicemails, at), is_whole=True)

    async def accept_key(self, key_id: str, *, is_proven: bool = False) -> bool:
        """Return whether an API key belongs to the account; see `account_keys.accept`."""
        return await self.sessions.write(
            lambda connection: account_keys.accept(connection, key_id, is_proven=is_proven), is_whole=True
        )

    async def voicemail(self, uuid: str) -> Voicemail | None:
        """Return a message as it was last listed."""
        return await self.sessions.read(lambda connection: message_rows.get(connection, uuid))

    async def recent(self, limit: int, prefix: str = "") -> list[Voicemail]:
        """Return the latest messages."""
        return await self.sessions.read(lambda connection: message_rows.recent(connection, limit, prefix))

    async def callers_like(self, wanted: str) -> list[str]:
        """Return known callers that match, or nearly match."""
        known = await self.sessions.read(message_rows.callers)
        return await asyncio.to_thread(callers_like, wanted, known)

    async def known(self, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
        """Return the beginnings of transcripts."""
        return await self.sessions.read(lambda connection: transcript_rows.known(connection, uuids))

    async def transcript(self, key: TranscriptKey) -> Transcript | None:
        """Return a transcript."""
        return await self.sessions.read(lambda connection: transcript_rows.get(connection, key))

    async def latest(self, uuid: str) -> Transcript | None:
        """Return a message's latest transcript."""
        return await self.sessions.read(lambda connection: transcript_rows.latest(connection, uuid))

    async def newest_id(self, uuid: str) -> int:
        """Return the number of a message's latest transcript."""
        return await self.sessions.read(lambda connection: transcript_rows.newest_id(connection, uuid))

    async def acquire(self, key: TranscriptKey, newer_than: int = 0) -> Lease | Transcript | None:
        """Return the transcript or a lease on it.

        A caller may be cancelled while PostgreSQL commits. A lease that was then taken is released here, or nobody
        could transcribe the message until it expires.
        """

        async def take(connection: Connection) -> Lease | Transcript | None:
            return await leases.take(connection, key, await self._shared_time(), newer_than)

        acquiring = asyncio.ensure_future(self.sessions.read(take))
        try:
            return await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            with suppress(ArchiveError):
                if isinstance(lease := await acquiring, Lease):
                    await self.release(lease)
            raise

    async def renew(self, lease: Lease) -> bool:
        """Extend a lease by `LEASE_EXPIRY`."""

        async def work(connection: Connection) -> bool:
            return await leases.renew(connection, lease, await self._shared_time())

        return await self.sessions.read(work)

    async def release(self, lease: Lease) -> None:
        """Give up a lease."""
        await self.sessions.read(lambda connection: leases.release(connection, lease))

    async def save(self, lease: Lease, transcript: Transcript) -> bool:
        """Store a transcript, release its lease and let the held recording go, in one transaction."""

        async def work(connection: Connection) -> bool:
            return await leases.save(connection, lease, transcript, await self._shared_time())

        return await self.sessions.write(work)

    async def record_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None, by: str = ""
    ) -> None:
        """Note that the PBX is about to be asked for a recording."""
        offset, name = clock_offset_seconds, by or self._by
        await self.sessions.read(
            lambda connection: retrieval_rows.note(connection, uuid, opened_at, offset=offset, by=name)
        )

    async def confirm_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX sent the recording."""
        at, offset, by = self._local_time(), clock_offset_seconds, self._by
        await self.sessions.read(
            lambda connection: retrieval_rows.confirm(
                connection, uuid, opened_at, confirmed_at=at, offset=offset, by=by
            )
        )

    async def withdraw_retrieval(self, uuid: str, opened_at: datetime) -> None:
        """Forget a retrieval that the PBX refused."""
        await self.sessions.read(lambda connection: retrieval_rows.withdraw(connection, uuid, opened_at))

    async def retrievals(self, uuids: Sequence[str]) -> dict[str, Retrieval]:
        """Return retrievals."""
        return await self.sessions.read(lambda connection: retrieval_rows.get(connection, uuids))

    async def search(self, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20) -> SearchResult:
        """Find messages by what was said, who called and notes."""

        async def work(connection: Connection) -> SearchResult:
            return await full_text_search.search(connection, query, where, limit)

        found = await self.sessions.read(work)
        if not found.pending_count:
            return found
        if await self._catch_up(_INDEXED_FOR_SEARCH):
            self._index_later()
        return await self.sessions.read(work)

    async def each(self, where: MessageRange = ALL_MESSAGES) -> AsyncIterator[Exported]:
        """Yield messages with their latest transcripts, `_CHUNK` at a time."""
        place: transcript_rows.ExportPlace | None = transcript_rows.first_place(where)
        while place:
            exported, place = await self._read_range(where, place)
            for message in exported:
                yield message

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> Purged:
        """Delete messages and what hangs on them; `vm_mcp.archive.postgres.retention` says what stays in the files.

        Retention is the account's, so who may see only some mailboxes may delete what is old in all, and nothing else.

        Raises:
            ArchiveError: A restricted archive was asked to delete by caller, or everything.
        """
        if not everything and before is None and not caller:
            raise ValueError("say what to purge")
        if self.sessions.extensions is not None and (everything or caller):
            raise ArchiveError(_NOT_ALL_YOURS)
        if everything:
            return await self.sessions.write(retention.purge_all, is_whole=True)
        return await self.sessions.write(lambda connection: retention.purge(connection, before, caller), is_whole=True)

    async def aclose(self) -> None:
        """Stop indexing; the database stays open for others."""
        indexing, self._indexing = self._indexing, None
        if indexing:
            indexing.cancel()
            with suppress(asyncio.CancelledError):
                await indexing

    def _index_later(self) -> None:
        if not self._indexing or self._indexing.done():
            self._indexing = asyncio.create_task(self._index_all())

    async def _index_all(self) -> None:
        with suppress(ArchiveError):  # the next search goes on
            while await self._catch_up(_INDEXED_BETWEEN):
                pass

    async def _catch_up(self, most: int) -> bool:
        return await self.sessions.write(lambda connection: search_index.catch_up(connection, most), is_whole=True)

    async def _read_range(
        self, where: MessageRange, place: transcript_rows.ExportPlace
    ) -> tuple[list[Exported], transcript_rows.ExportPlace | None]:
        return await self.sessions.read(lambda connection: transcript_rows.read_range(connection, where, place, _CHUNK))

    def _local_time(self) -> datetime:
        """Return this computer's time, which the PBX's is compared with."""
        return self._clock() if self._clock else datetime.now(UTC)

    async def _shared_time(self) -> datetime | None:
        """Return the time that all machines agree on: None, for PostgreSQL's, unless a clock is given."""
        # A given clock may wait for something, as a test's does.
        return await asyncio.to_thread(self._clock) if self._clock else None
