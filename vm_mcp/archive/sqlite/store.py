"""`SqliteArchive`: the archive in one SQLite file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from vm_mcp.archive.protocol import Archive
from vm_mcp.archive.records import ALL_MESSAGES, Exported, KnownTranscript, Lease, MessageRange, Purged
from vm_mcp.archive.sqlite import (
    caller_lookup,
    full_text_search,
    leases,
    message_rows,
    retention,
    retrieval_rows,
    search_index,
    transcript_rows,
)
from vm_mcp.archive.sqlite.account_files import AccountKey
from vm_mcp.archive.sqlite.database import Database, set_aside_files
from vm_mcp.archive.sqlite.handled_store import HandledStore
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Retrieval, SearchResult, Transcript, TranscriptKey, Voicemail
from vm_mcp.wording import sentences

T = TypeVar("T")

_CHUNK = 100
"""Messages that an export reads at a time, so that other calls get the thread in between."""
_INDEXED_BETWEEN, _INDEXED_FOR_SEARCH = 10, 100
"""Messages that are indexed after an update between two other calls, ~0.1 s, and before a search, ~1 s."""


class SqliteArchive(HandledStore, Archive):
    """`Archive` in one SQLite file, opened at first use.

    All calls run on one thread of the archive's own: the event loop never waits for the disk, and the connection is
    never shared. ArchiveError also means that the file is locked, made by a newer vm-mcp, or another program's. A
    damaged file is set aside, a new one is started, and `notice` says so.

    Args:
        path: The database; a missing folder is created.
        busy_seconds: How long to wait for another process's write.
        clock: Returns the time; replaced in tests.
        key: The key that opens it, see `account_files.admit`; None: whose archive it is, is not checked.
        notice: What the user must know from the start.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_seconds: float = 5.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        key: AccountKey | None = None,
        notice: str = "",
    ) -> None:
        self.path = path
        self._clock = clock
        self._first_notice = notice
        self._database = Database(path, busy_seconds, key)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._is_indexing = self._is_closed = False

    @property
    def notice(self) -> str:
        """That a damaged archive was set aside, or that another one is not shown; else empty."""
        return sentences(self._first_notice, self._database.notice)

    async def note_listed(self, voicemails: Sequence[Voicemail], listed_at: datetime | None = None) -> None:
        """Store messages as the PBX listed them."""
        at = listed_at or self._clock()
        await self._run(lambda connection: message_rows.note(connection, voicemails, at))

    async def voicemail(self, uuid: str) -> Voicemail | None:
        """Return a message as it was last listed."""
        return await self._run(lambda connection: message_rows.get(connection, uuid))

    async def recent(self, limit: int, prefix: str = "") -> list[Voicemail]:
        """Return the latest messages."""
        return await self._run(lambda connection: message_rows.recent(connection, limit, prefix))

    async def callers_like(self, wanted: str) -> list[str]:
        """Return known callers that match, or nearly match."""
        return await self._run(lambda connection: caller_lookup.like(connection, wanted))

    async def known(self, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
        """Return the beginnings of transcripts."""
        return await self._run(lambda connection: transcript_rows.known(connection, uuids))

    async def transcript(self, key: TranscriptKey) -> Transcript | None:
        """Return a transcript."""
        return await self._run(lambda connection: transcript_rows.get(connection, key))

    async def latest(self, uuid: str) -> Transcript | None:
        """Return a message's latest transcript."""
        return await self._run(lambda connection: transcript_rows.latest(connection, uuid))

    async def newest_id(self, uuid: str) -> int:
        """Return the number of a message's latest transcript."""
        return await self._run(lambda connection: transcript_rows.newest_id(connection, uuid))

    async def acquire(self, key: TranscriptKey, newer_than: int = 0) -> Lease | Transcript | None:
        """Return the transcript or a lease on it.

        Cancelling the caller does not stop the archive's thread. A lease that it then still takes is released here, or
        nobody could transcribe the message until it expires.
        """
        acquiring = asyncio.ensure_future(
            self._run(lambda connection: leases.take(connection, key, self._clock(), newer_than))
        )
        try:
            return await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            with suppress(ArchiveError):
                if isinstance(lease := await acquiring, Lease):
                    await self.release(lease)
            raise

    async def renew(self, lease: Lease) -> bool:
        """Extend a lease by `LEASE_EXPIRY`."""
        return await self._run(lambda connection: leases.renew(connection, lease, self._clock()))

    async def release(self, lease: Lease) -> None:
        """Give up a lease."""
        await self._run(lambda connection: leases.release(connection, lease))

    async def save(self, lease: Lease, transcript: Transcript) -> bool:
        """Store a transcript and release its lease, in one transaction."""
        return await self._run(lambda connection: leases.save(connection, lease, transcript, self._clock()))

    async def record_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None, by: str = ""
    ) -> None:
        """Note that the PBX is about to be asked for a recording."""
        retrieval = Retrieval(uuid=uuid, opened_at=opened_at, clock_offset_seconds=clock_offset_seconds, by=by)
        await self._run(lambda connection: retrieval_rows.note(connection, retrieval))

    async def confirm_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX sent the recording."""
        at, offset = self._clock(), clock_offset_seconds
        await self._run(lambda connection: retrieval_rows.confirm(connection, uuid, opened_at, at, offset))

    async def withdraw_retrieval(self, uuid: str, opened_at: datetime) -> None:
        """Forget a retrieval that the PBX refused."""
        await self._run(lambda connection: retrieval_rows.withdraw(connection, uuid, opened_at))

    async def retrievals(self, uuids: Sequence[str]) -> dict[str, Retrieval]:
        """Return retrievals."""
        return await self._run(lambda connection: retrieval_rows.get(connection, uuids))

    async def search(self, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20) -> SearchResult:
        """Find messages by what was said, who called and notes."""

        def work(connection: sqlite3.Connection) -> SearchResult:
            search_index.catch_up(connection, _INDEXED_FOR_SEARCH)
            return full_text_search.search(connection, query, where, limit)

        return await self._run(work)

    async def each(self, where: MessageRange = ALL_MESSAGES) -> AsyncIterator[Exported]:
        """Yield messages with their latest transcripts, `_CHUNK` at a time."""
        place = transcript_rows.ExportPlace()
        while True:
            exported, place = await self._read_range(where, place)
            for message in exported:
                yield message
            if len(exported) < _CHUNK:
                return

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> Purged:
        """Delete messages and their transcripts, and overwrite their bytes; ``everything`` includes damaged archives.

        `vm_mcp.archive.sqlite.retention` explains how.
        """
        if everything:
            return await self._run(self._purge_all)
        if before is None and not caller:
            raise ValueError("say what to purge")
        purged = await self._run(lambda connection: retention.purge(connection, before, caller))
        left = tuple(path.name for path in set_aside_files(self.path))
        return purged._replace(is_overwritten=await self._run(retention.overwrite), set_aside=left)

    async def aclose(self) -> None:
        """Close the file and stop the thread."""
        self._is_closed = True
        with suppress(RuntimeError):  # it was closed before
            await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work, work)

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        result = self._database.run(work)
        if not self._is_indexing:
            self._is_indexing = True
            self._index_later()
        return result

    def _index_later(self) -> None:
        """Index what an update left once the calls that wait are done; on the archive's thread."""
        with suppress(RuntimeError):  # it was closed
            self._thread.submit(self._index_some)

    def _index_some(self) -> None:
        self._is_indexing = False
        with suppress(ArchiveError):  # the next call tries again
            if not self._is_closed and self._database.run(lambda db: search_index.catch_up(db, _INDEXED_BETWEEN)):
                self._is_indexing = True
                self._index_later()

    async def _read_range(
        self, where: MessageRange, place: transcript_rows.ExportPlace
    ) -> tuple[list[Exported], transcript_rows.ExportPlace]:
        return await self._run(lambda connection: transcript_rows.read_range(connection, where, place, _CHUNK))

    def _purge_all(self, connection: sqlite3.Connection) -> Purged:
        purged = retention.purge_all(connection)
        for path in set_aside_files(self.path):
            retention.destroy(path)
        return purged._replace(is_overwritten=retention.overwrite(connection))
