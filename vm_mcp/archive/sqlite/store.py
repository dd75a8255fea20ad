"""The archive in one SQLite file. Each call runs on one thread of the archive's own."""

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
    transcript_rows,
)
from vm_mcp.archive.sqlite.database import Database, set_aside_files
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Retrieval, SearchResult, Transcript, TranscriptKey, Voicemail

T = TypeVar("T")

_CHUNK = 100
"""Messages that an export reads at a time."""


class SqliteArchive(Archive):
    """`Archive` in one SQLite file, opened at first use.

    ArchiveError also means that the file is locked, made by a newer vm-mcp, or another program's. A damaged one is set
    aside, a new one started, and `notice` says so.

    Args:
        path: The database; its folder is made if it isn't there.
        busy_seconds: How long to wait for another process's write.
        clock: The time; for tests.
        key_id: The key that opens it, which it is to know from now on, see `account_files`; empty: none.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_seconds: float = 5.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        key_id: str = "",
    ) -> None:
        self.path = path
        self._clock = clock
        self._database = Database(path, busy_seconds, key_id)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")

    @property
    def notice(self) -> str:
        """Whether a damaged archive was set aside."""
        return self._database.notice

    async def note_listed(self, voicemails: Sequence[Voicemail], listed_at: datetime | None = None) -> None:
        """Keep what the PBX says of messages."""
        at = listed_at or self._clock()
        await self._run(lambda connection: message_rows.note(connection, voicemails, at))

    async def voicemail(self, uuid: str) -> Voicemail | None:
        """Look a message up."""
        return await self._run(lambda connection: message_rows.get(connection, uuid))

    async def recent(self, limit: int, prefix: str = "") -> list[Voicemail]:
        """Return the latest messages."""
        return await self._run(lambda connection: message_rows.recent(connection, limit, prefix))

    async def callers_like(self, wanted: str) -> list[str]:
        """Name the callers who might be meant."""
        return await self._run(lambda connection: caller_lookup.like(connection, wanted))

    async def known(self, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
        """Return what a list shows of transcripts."""
        return await self._run(lambda connection: transcript_rows.known(connection, uuids))

    async def transcript(self, key: TranscriptKey) -> Transcript | None:
        """Read a transcript."""
        return await self._run(lambda connection: transcript_rows.get(connection, key))

    async def latest(self, uuid: str) -> Transcript | None:
        """Read a message's latest transcript."""
        return await self._run(lambda connection: transcript_rows.latest(connection, uuid))

    async def newest_id(self, uuid: str) -> int:
        """Return the number of a message's latest transcript."""
        return await self._run(lambda connection: transcript_rows.newest_id(connection, uuid))

    async def acquire(self, key: TranscriptKey, newer_than: int = 0) -> Lease | Transcript | None:
        """Return the transcript or the claim to it.

        A caller that is cancelled while the archive's thread takes a claim leaves none that nobody releases.
        """
        taking = asyncio.ensure_future(
            self._run(lambda connection: leases.take(connection, key, self._clock(), newer_than))
        )
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            with suppress(ArchiveError):
                if isinstance(found := await taking, Lease):
                    await self.release(found)
            raise

    async def renew(self, lease: Lease) -> bool:
        """Hold a claim for another `LEASE_EXPIRY`."""
        return await self._run(lambda connection: leases.renew(connection, lease, self._clock()))

    async def release(self, lease: Lease) -> None:
        """Let others have a claim."""
        await self._run(lambda connection: leases.release(connection, lease))

    async def save(self, lease: Lease, transcript: Transcript) -> bool:
        """Keep a transcript and release its claim, in one transaction."""
        return await self._run(lambda connection: leases.save(connection, lease, transcript, self._clock()))

    async def record_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX is about to be asked for a recording."""
        await self._run(lambda connection: retrieval_rows.note(connection, uuid, opened_at, clock_offset_seconds))

    async def confirm_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX gave the recording."""
        at, offset = self._clock(), clock_offset_seconds
        await self._run(lambda connection: retrieval_rows.confirm(connection, uuid, opened_at, at, offset))

    async def withdraw_retrieval(self, uuid: str, opened_at: datetime) -> None:
        """Forget an opening that the PBX refused."""
        await self._run(lambda connection: retrieval_rows.withdraw(connection, uuid, opened_at))

    async def retrievals(self, uuids: Sequence[str]) -> dict[str, Retrieval]:
        """Read openings."""
        return await self._run(lambda connection: retrieval_rows.get(connection, uuids))

    async def search(self, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20) -> SearchResult:
        """Find transcribed messages."""
        return await self._run(lambda connection: full_text_search.search(connection, query, where, limit))

    async def each(self, where: MessageRange = ALL_MESSAGES) -> AsyncIterator[Exported]:
        """Go through messages, `_CHUNK` at a time."""
        place = transcript_rows.ExportPlace()
        while True:
            exported, place = await self._read_range(where, place)
            for message in exported:
                yield message
            if len(exported) < _CHUNK:
                return

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> Purged:
        """Delete messages and their transcripts, and overwrite their bytes; ``everything`` includes damaged archives.

        See `vm_mcp.archive.sqlite.retention` for how.
        """
        if everything:
            return await self._run(self._purge_all)
        if before is None and not caller:
            raise ValueError("say what to purge")
        purged = await self._run(lambda connection: retention.purge(connection, before, caller))
        left = tuple(path.name for path in set_aside_files(self.path))
        return purged._replace(is_overwritten=await self._run(retention.overwrite), set_aside=left)

    async def aclose(self) -> None:
        """Let go of the file and the thread."""
        with suppress(RuntimeError):  # closed before
            await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._database.run, work)

    async def _read_range(
        self, where: MessageRange, place: transcript_rows.ExportPlace
    ) -> tuple[list[Exported], transcript_rows.ExportPlace]:
        return await self._run(lambda connection: transcript_rows.read_range(connection, where, place, _CHUNK))

    def _purge_all(self, connection: sqlite3.Connection) -> Purged:
        purged = retention.purge_all(connection)
        for path in set_aside_files(self.path):
            retention.destroy(path)
        return purged._replace(is_overwritten=retention.overwrite(connection))
