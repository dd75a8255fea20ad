"""Retrieve a message's recording, once, and hold it for the worker that transcribes it."""

import asyncio
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vm_mcp.archive import Lease
from vm_mcp.inbox.account import Account
from vm_mcp.inbox.reading_recordings import list_once
from vm_mcp.inbox.recordings import Recordings
from vm_mcp.models import Transcript, TranscriptKey
from vm_mcp.people import Access, Person
from vm_mcp.team.job_failures import Later
from vm_mcp.team.work_queue import Work, add, current_priority

if TYPE_CHECKING:
    from collections.abc import Callable

    from vm_mcp.archive import Archive
    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.inbox import Inbox
    from vm_mcp.models import Recording
    from vm_mcp.team.engine_name import EngineName
    from vm_mcp.team.held_recordings import HeldRecordings

MOST_HELD = 100
"""Recordings that wait for an engine until no more new ones are retrieved: a message that looks read, and that nobody
can read yet, is worse than one that is still unread."""
_ROOM_SECONDS = 2.0
BUSY_SECONDS = 5.0
"""When to look again after another worker was found at work on the message."""


_WAITING = """
    SELECT count(*) AS jobs FROM (
        SELECT FROM procrastinate_jobs
        WHERE queue_name = 'speech' AND status = 'todo' AND args->>'account' = ANY (%s) LIMIT %s
    ) AS waiting
"""


async def wait_for_room(database: "PostgresDatabase", accounts: Sequence[str]) -> None:
    """Return once few recordings wait for an engine.

    Args:
        database: The team's.
        accounts: Whose recordings count: those of an account that was removed wait for nothing.

    Raises:
        Later: Many do. Before that it waits for a while itself, or workers would turn over a long queue again and
            again.
    """
    if not await _has_room(database, accounts):
        await asyncio.sleep(_ROOM_SECONDS)
        if not await _has_room(database, accounts):
            raise Later(BUSY_SECONDS + 2 * BUSY_SECONDS * random.random())  # noqa: S311 - not all at the same moment


async def _has_room(database: "PostgresDatabase", accounts: Sequence[str]) -> bool:
    async with database.operation() as connection:
        row = await (await connection.execute(_WAITING, (list(accounts), MOST_HELD))).fetchone()
    return not row or row["jobs"] < MOST_HELD


class MessageFetcher:
    """Retrieves recordings of all accounts.

    Args:
        held: Where recordings are held.
        engine: What transcripts are kept under.
        on_asked_again: Called if a recording is retrieved that was asked for before.
    """

    def __init__(self, held: "HeldRecordings", engine: "EngineName", on_asked_again: "Callable[[], None]") -> None:
        self._held = held
        self._engine = engine
        self._on_asked_again = on_asked_again

    async def fetch(self, inbox: "Inbox", work: Work, *, may_open: bool = True) -> None:
        """Retrieve a message's recording unless that was done already, and add the job that transcribes it.

        Recording and job are stored in one transaction. So the PBX is asked again only where a worker died after it
        asked and before that.

        Args:
            inbox: The account's.
            work: The message.
            may_open: Whether a message may be opened; else a recording that is not held yet is left where it is.

        Raises:
            Later: Another worker is retrieving it.
            VmError: Whatever the PBX or the archive raises.
        """
        archive = await inbox.account.archive()
        async with archive.holding(await _lease(archive, work.uuid)):
            recording = None
            # In this order: a held recording is deleted in the transaction that saves its transcript.
            if not await self._held.is_held(work.account, work.uuid):
                if not may_open or await self._is_made(archive, work):
                    return
                recording = await retrieve(inbox, work, self._on_asked_again)
            async with self._held.keeping(work.account, recording) as connection:
                await add(connection, "transcribe", [work], await current_priority(connection, work))

    async def _is_made(self, archive: "Archive", work: Work) -> bool:
        """Return whether the message has the transcript, since the worker that retrieved it died only afterwards."""
        made = await archive.transcript(TranscriptKey(work.uuid, *self._engine, work.language))
        return made is not None and (not work.newer_than or await archive.newest_id(work.uuid) > work.newer_than)


async def retrieve(inbox: "Inbox", work: Work, on_asked_again: "Callable[[], None]") -> "Recording":
    """Return a message's recording from the PBX, which marks it as read.

    Args:
        inbox: The account's.
        work: The message.
        on_asked_again: Called if the recording was asked for before.

    Raises:
        VmError: Whatever the PBX or the archive raises.
    """
    archive = await inbox.account.archive()
    await inbox.account.pbx()  # so that the connections outlast this message
    if not await archive.voicemail(work.uuid):
        await list_once(inbox.account, inbox.known, work.uuid, {})
    if work.uuid in await archive.retrievals([work.uuid]):
        on_asked_again()
    # Who asked is kept with the retrieval.
    asking = Account(inbox.settings, inbox.account.clock, inbox.account.backing, Access(Person("", work.by)))
    try:
        return await Recordings(asking).fetch(work.uuid)
    finally:
        await asking.aclose()


async def _lease(archive: "Archive", uuid: str) -> Lease:
    """Return the right to retrieve a message's recording, whatever language it will be read as.

    Raises:
        Later: Another worker has it.
    """
    lease = await archive.acquire(TranscriptKey(uuid, "fetch", "", ""))
    if lease is None or isinstance(lease, Transcript):
        raise Later(BUSY_SECONDS)
    return lease
