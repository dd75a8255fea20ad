"""``Archive``: what is kept on this computer, for coroutines. Each call runs on one thread of the archive's own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from vm_mcp.archive.sqlite import caller_lookup, leases, message_rows, retention, retrieval_rows, transcript_rows
from vm_mcp.archive.sqlite.database import Database, set_aside_files
from vm_mcp.archive.sqlite.full_text_search import Search, search
from vm_mcp.archive.sqlite.leases import Claim
from vm_mcp.archive.sqlite.retention import Purged
from vm_mcp.archive.sqlite.transcript_rows import Exported, ExportRange, Known, Place, TranscriptKey
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Opening, SearchResult, Transcript, Voicemail

T = TypeVar("T")
Clock = Callable[[], datetime]

POLL_SECONDS = 0.5
"""How often a waiter looks whether another server has finished its transcript."""

_CHUNK = 100


class Archive:
    """Messages, transcripts and openings in one SQLite file, which several processes may share.

    The file is opened at first use. Every method raises ArchiveError when it is locked, made by a newer vm-mcp,
    another program's, or can't be read or written; a damaged one is set aside, a new one started, and `notice` says so.

    Args:
        path: The database; its folder is made if it isn't there.
        busy_seconds: How long to wait for another process's write.
        clock: The time; for tests.
    """

    def __init__(self, path: Path, *, busy_seconds: float = 5.0, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._clock = clock
        self._database = Database(path, busy_seconds)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")

    @property
    def notice(self) -> str:
        """What a person must know, such as a damaged archive that was set aside; else empty."""
        return self._database.notice

    async def note_listed(self, voicemails: Sequence[Voicemail], listed_at: datetime | None = None) -> None:
        """Keep what the PBX says of messages.

        Args:
            voicemails: As it listed them.
            listed_at: When it was asked, on this computer's clock: before the request, not after the answer.
        """
        at = listed_at or self._clock()
        await self._run(lambda connection: message_rows.note(connection, voicemails, at))

    async def voicemail(self, uuid: str) -> Voicemail | None:
        """Look a message up as it was last listed; None when it never was."""
        return await self._run(lambda connection: message_rows.get(connection, uuid))

    async def recent(self, limit: int, prefix: str = "") -> list[Voicemail]:
        """Give the latest messages, newest first, of those whose uuid begins so."""
        return await self._run(lambda connection: message_rows.recent(connection, limit, prefix))

    async def callers_like(self, wanted: str) -> list[str]:
        """Name the callers known who might be meant by part of a name or number, or by one with a slip in it."""
        return await self._run(lambda connection: caller_lookup.like(connection, wanted))

    async def known(self, uuids: Sequence[str]) -> dict[str, Known]:
        """Tell of each message that has a transcript what a list shows of the latest."""
        return await self._run(lambda connection: transcript_rows.known(connection, uuids))

    async def transcript(self, key: TranscriptKey) -> Transcript | None:
        """Read a transcript; one whose language was detected also answers for that language."""
        return await self._run(lambda connection: transcript_rows.get(connection, key))

    async def latest(self, uuid: str) -> Transcript | None:
        """Read the transcript of a message that was made last, whatever made it."""
        return await self._run(lambda connection: transcript_rows.latest(connection, uuid))

    async def claim(self, key: TranscriptKey, *, refresh: bool = False) -> Claim | Transcript | None:
        """Give the transcript if there is one, else the claim to it; None while another server works on it.

        Args:
            key: The transcript that is wanted.
            refresh: Leave the one that is there out of account.
        """
        newer_than = await self._newest_id(key) if refresh else 0
        return await self._claim(key, newer_than)

    async def claim_or_wait(
        self, key: TranscriptKey, *, refresh: bool = False, poll_seconds: float = POLL_SECONDS
    ) -> Claim | Transcript:
        """Give the transcript, or the claim to it; waits for as long as another server works on it.

        With ``refresh``, a transcript that another server finishes meanwhile will do.
        """
        newer_than = await self._newest_id(key) if refresh else 0
        # Another process finishes: there is no event to wait for.
        while (found := await self._claim(key, newer_than)) is None:  # noqa: ASYNC110
            await asyncio.sleep(poll_seconds)
        return found

    async def renew(self, claim: Claim) -> bool:
        """Hold a claim for another `claims.EXPIRY`; False when it is another's by now, or was purged."""
        return await self._run(lambda connection: leases.renew(connection, claim, self._clock()))

    async def release(self, claim: Claim) -> None:
        """Let others have it, at once; nothing when it was saved, or is another's by now."""
        await self._run(lambda connection: leases.release(connection, claim))

    @asynccontextmanager
    async def holding(self, claim: Claim, renew_seconds: float = leases.RENEW_SECONDS) -> AsyncIterator[None]:
        """Renew a claim for as long as the block runs, and release it at the end, whatever the end."""
        renewing = asyncio.create_task(self._keep_renewing(claim, renew_seconds))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(ArchiveError):  # it expires by itself
                await self.release(claim)

    async def save(self, claim: Claim, transcript: Transcript) -> bool:
        """Keep a transcript and release its claim, both or neither.

        Returns:
            False when nobody claims it any more: another server saved it meanwhile, or its message was purged.
        """
        return await self._run(lambda connection: leases.save(connection, claim, transcript, self._clock()))

    async def note_opened(self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None) -> None:
        """Note that the PBX is about to be asked for a recording, before it is asked: a crash can't lose that.

        The first opening is kept. Whether the message was unread is what the last list said.

        Args:
            uuid: The message.
            opened_at: Now, on this computer's clock.
            clock_offset_seconds: How far the PBX's clock is ahead, as its ``Date`` headers tell; None: not measured.
        """
        await self._run(lambda connection: retrieval_rows.note(connection, uuid, opened_at, clock_offset_seconds))

    async def confirm_opened(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX gave the recording, so that it is marked by now; arguments as for `note_opened`."""
        at = self._clock()
        await self._run(
            lambda connection: retrieval_rows.confirm(connection, uuid, opened_at, at, clock_offset_seconds)
        )

    async def withdraw_opened(self, uuid: str, opened_at: datetime) -> None:
        """Forget the opening noted with that time, since the PBX refused it.

        Not after a timeout: then it may have been done, and an opening that nobody confirmed says just that.
        """
        await self._run(lambda connection: retrieval_rows.withdraw(connection, uuid, opened_at))

    async def openings(self, uuids: Sequence[str]) -> dict[str, Opening]:
        """Read the openings of those messages that this assistant opened; see `heard_by`."""
        return await self._run(lambda connection: retrieval_rows.get(connection, uuids))

    async def search(
        self,
        query: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        extension: str = "",
        limit: int = 20,
    ) -> SearchResult:
        """Find transcribed messages by what was said and who called; see ``query.py`` for what a query may hold.

        Args:
            query: Words, ``"words in quotes"``, numbers; all must be found.
            since: Received then or later; None: any time.
            until: Received then or earlier; None: any time.
            extension: The mailbox; empty: every one.
            limit: Hits at most.

        Raises:
            InputError: The query holds no word, or too many.
        """
        asked = Search(query, since, until, extension, limit)
        return await self._run(lambda connection: search(connection, asked))

    async def each(
        self, since: datetime | None = None, until: datetime | None = None, extension: str = ""
    ) -> AsyncIterator[Exported]:
        """Go through all messages, oldest first, each with its latest transcript, why that can't be read, or None.

        They are read a hundred at a time, so that nothing waits for an export; bounds are as in `search`.
        """
        asked, place = ExportRange(since, until, extension), Place()
        while True:
            exported, place = await self._some(asked, place)
            for each in exported:
                yield each
            if len(exported) < _CHUNK:
                return

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> Purged:
        """Delete messages and their transcripts so that their bytes are overwritten; see ``retention.py``.

        Args:
            before: Those left before; with ``caller``, those that are both.
            caller: Those of a caller: a number in any spelling, or a whole name.
            everything: All, with damaged archives, and with what was opened and when: a message that only this
                assistant opened then looks as if a person had heard it.
        """
        if everything:
            return await self._run(self._purge_all)
        if before is None and not caller:
            raise ValueError("say what to purge")
        purged = await self._run(lambda connection: retention.purge(connection, before, caller))
        left = tuple(path.name for path in set_aside_files(self._path))
        return purged._replace(is_overwritten=await self._run(retention.overwrite), set_aside=left)

    async def aclose(self) -> None:
        """Let go of the file and the thread, once what was begun is done."""
        with suppress(RuntimeError):  # closed before
            await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._database.run, work)

    async def _newest_id(self, key: TranscriptKey) -> int:
        return await self._run(lambda connection: transcript_rows.newest_id(connection, key.uuid))

    async def _claim(self, key: TranscriptKey, newer_than: int) -> Claim | Transcript | None:
        """Take a claim. Who is cancelled while the archive's thread takes it leaves none that nobody releases."""
        taking = asyncio.ensure_future(
            self._run(lambda connection: leases.take(connection, key, self._clock(), newer_than))
        )
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            with suppress(ArchiveError):
                if isinstance(found := await taking, Claim):
                    await self.release(found)
            raise

    async def _keep_renewing(self, claim: Claim, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            with suppress(ArchiveError):  # the next renewal may succeed
                await self.renew(claim)

    async def _some(self, asked: ExportRange, place: Place) -> tuple[list[Exported], Place]:
        return await self._run(lambda connection: transcript_rows.some(connection, asked, place, _CHUNK))

    def _purge_all(self, connection: sqlite3.Connection) -> Purged:
        purged = retention.purge_all(connection)
        for path in set_aside_files(self._path):
            retention.destroy(path)
        return purged._replace(is_overwritten=retention.overwrite(connection))
