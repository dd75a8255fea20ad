"""Read call records, contacts and extensions now and then, and keep them: most questions then ask the PBX nothing.

The PBX allows six requests for call records a minute, for all programs of an account together. So records are read
when something is asked, not more often than every `CALLS_FRESH`, and by one of the processes that share the archive.
A reading continues a little before the last one's end. Older records follow with the requests that are left, until
those of `CALL_SPAN` are known.

Whoever asks waits for a reading until `WAIT_SECONDS` after its start, however often it asks; then what is kept is used.

This computer's clock may be wrong by hours, and the PBX's first answer shows it. So a reading is dated once it is done.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, get_args

from vm_mcp.archive import NeighbourPart, NeighbourReading
from vm_mcp.errors import ArchiveError, ConfigError, PbxError, PbxForbiddenError, PbxRateLimitError
from vm_mcp.inbox.requests import AHEAD
from vm_mcp.inbox.surroundings import Directory, KeptCalls, Surroundings, directory_of, seen_calls, surroundings_of
from vm_mcp.models import PageQuery

if TYPE_CHECKING:
    from collections.abc import Hashable

    from vm_mcp.archive import Archive
    from vm_mcp.call_records import CallRecordPage
    from vm_mcp.inbox.account import Account

logger = logging.getLogger(__name__)

CALLS_FRESH = timedelta(minutes=5)
"""How old call records may get. A caller who was called back a minute ago may look as if not; nobody is called twice
for that, since whoever called knows."""
PEOPLE_FRESH = timedelta(days=1)
"""How old contacts and extensions may get: they change about once a week, and ten thousand contacts are a hundred
requests."""
CALLS_AGAIN, PEOPLE_AGAIN = timedelta(minutes=1), timedelta(hours=1)
"""When to go on after a reading that failed, or that the PBX's limit ended early."""
_AGAIN: dict[NeighbourPart, timedelta] = {"calls": CALLS_AGAIN, "contacts": PEOPLE_AGAIN, "extensions": PEOPLE_AGAIN}
REFUSED_AGAIN = timedelta(hours=1)
"""When to ask again whether the key has a right that it lacked."""
CALL_SPAN = timedelta(days=30, hours=6)
"""How far back records are read: more than a list covers by default and, with `AHEAD`, one window of the PBX."""
CALLS_AT_ONCE = 500
"""Records of one reading: five requests, which leaves one of the minute's six to somebody else."""
OVERLAP = timedelta(hours=2)
"""How much is read again each time: a record appears when its call ends, and is filed under when it began."""
WAIT_SECONDS = 2.0
"""How long a list waits for its reading. A usual one takes half a second."""
_LEAST_LEFT = 100
"""Records of one request; with fewer left, older ones wait for the next reading."""
_BOUNDARY = timedelta(seconds=1)
"""Records of the same second as the oldest that was read may not have been read."""


class Neighbours:
    """What one account's PBX knows beside voicemail. Use it from one event loop, and close it there."""

    def __init__(self, account: "Account") -> None:
        self._account = account
        self._tasks: dict[NeighbourPart, asyncio.Task[None]] = {}
        self._directory: tuple[Hashable, Directory] | None = None
        """The people, with the version of the archive's that they are."""
        self._patience: dict[NeighbourPart, float] = {}
        """Until when each reading is waited for, by the event loop's clock."""

    async def refresh(self, wait_seconds: float | None = None) -> None:
        """Read again what is old, and wait for that; failures are kept, and told by `surroundings`.

        Args:
            wait_seconds: Seconds to wait at most; None: until `WAIT_SECONDS` after the reading began.
        """
        now = asyncio.get_running_loop().time()
        idle = [part for part in get_args(NeighbourPart) if part not in self._tasks or self._tasks[part].done()]
        self._tasks |= {part: asyncio.create_task(self._read_quietly(part)) for part in idle}
        self._patience |= dict.fromkeys(idle, now + WAIT_SECONDS)
        longest = now + WAIT_SECONDS if wait_seconds is None else now + wait_seconds
        # A large address book takes a minute to read: only the call that starts it waits for it.
        awaited = [part for part in self._tasks if part in idle or part != "contacts"]
        waits = [
            asyncio.wait([self._tasks[part]], timeout=max(0.0, min(self._patience[part], longest) - now))
            for part in awaited
        ]
        await asyncio.gather(*waits)

    async def surroundings(self, since: datetime | None = None) -> Surroundings:
        """Return what is kept, with what must be said of it; nothing is asked.

        Call records are read here alone, so whoever may see only some mailboxes gets theirs whatever asks.

        Args:
            since: Call records before that don't matter; None: all do.

        Raises:
            ArchiveError: The archive can't be used.
        """
        archive = await self._account.archive()
        readings, people = await archive.neighbours(), await self.people()
        known_since = readings.get("calls", NeighbourReading()).since
        kept = None
        if known_since:
            first = max(known_since, since) - OVERLAP if since else known_since
            every = KeptCalls(await archive.calls(first), await archive.message_uuids(first))
            kept = seen_calls(every, self._account.access, people)
        now, zone = self._account.now(), self._account.settings.zone
        return await asyncio.to_thread(surroundings_of, readings, people, kept, now, zone)

    async def people(self) -> Directory:
        """Return the people; they are read from the archive again only when they have changed.

        Raises:
            ArchiveError: The archive can't be used.
        """
        archive = await self._account.archive()
        version = await archive.people_version()
        if self._directory is None or self._directory[0] != version:
            self._directory = version, await asyncio.to_thread(directory_of, await archive.people())
        return self._directory[1]

    async def aclose(self) -> None:
        """Stop reading."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _read_quietly(self, part: NeighbourPart) -> None:
        try:
            await self._read(part)
        except (ArchiveError, ConfigError) as error:
            logger.info("%s could not be kept: %s", part, error)  # whoever uses the archive is told

    async def _read(self, part: NeighbourPart) -> None:
        archive, now = await self._account.archive(), self._account.now()
        before = await archive.claim_neighbour(part, now, now + _AGAIN[part])
        if before is None:
            return
        readers = {"calls": self._read_calls, "contacts": self._read_contacts, "extensions": self._read_extensions}
        try:
            await readers[part](archive, before)
        except PbxError as error:
            logger.info("%s could not be read: %s", part, error)
            await archive.save_neighbour(part, _failed(before, error, self._account.now(), _AGAIN[part]))
        except asyncio.CancelledError:
            await archive.save_neighbour(part, before)  # another program need not wait for this one's turn
            raise

    async def _read_calls(self, archive: "Archive", before: NeighbourReading) -> None:
        """Read what is new, and what is older than all that is known, and save both."""
        asked_at, now = self._account.clock(), self._account.now()
        wanted, until = now - self._call_span, now + AHEAD
        since = max(wanted, min(before.until, now) - OVERLAP) if before.until else wanted
        newer = await self._list(since, until, CALLS_AT_ONCE)
        records, reached = list(newer.records), _reached(newer, since)
        if before.since and before.until and reached <= before.until:  # else there is a gap between the two readings
            reached = before.since
            left = CALLS_AT_ONCE - len(records)
            if reached > wanted and left >= _LEAST_LEFT:
                with suppress(PbxRateLimitError):  # what is new is worth keeping without
                    older = await self._list(wanted, reached, left)
                    records += older.records
                    reached = _reached(older, wanted)
        is_complete = reached <= wanted
        read_at = asked_at + self._account.clock_offset
        reading = NeighbourReading(
            next_at=read_at + (CALLS_FRESH if is_complete else CALLS_AGAIN),
            read_at=read_at,
            since=reached,
            until=min(read_at, until),
            is_complete=is_complete,
        )
        await archive.save_calls(records, reading)

    async def _list(self, since: datetime, until: datetime, limit: int) -> "CallRecordPage":
        return await (await self._account.pbx()).calls.list(PageQuery(since=since, until=until), limit)

    async def _read_contacts(self, archive: "Archive", _before: NeighbourReading) -> None:
        found = await (await self._account.pbx()).contacts.list()
        read_at = self._account.now()
        reading = NeighbourReading(next_at=read_at + PEOPLE_FRESH, read_at=read_at, is_complete=found.is_complete)
        await archive.save_contacts(found.contacts, reading)

    async def _read_extensions(self, archive: "Archive", _before: NeighbourReading) -> None:
        found = await (await self._account.pbx()).extensions.list()
        read_at = self._account.now()
        await archive.save_extensions(found, NeighbourReading(next_at=read_at + PEOPLE_FRESH, read_at=read_at))

    @property
    def _call_span(self) -> timedelta:
        """How far back to read: nothing that a purge would delete again."""
        days = self._account.settings.retention_days
        return min(CALL_SPAN, timedelta(days=days)) if days else CALL_SPAN


def _reached(page: "CallRecordPage", since: datetime) -> datetime:
    """Return from when on all records were read."""
    after = page.next_query.after if page.next_query else None
    return after.received_at + _BOUNDARY if after else since


def _failed(before: NeighbourReading, error: PbxError, now: datetime, again: timedelta) -> NeighbourReading:
    is_refused = isinstance(error, PbxForbiddenError)
    next_at = now + (REFUSED_AGAIN if is_refused else again)
    return before._replace(next_at=next_at, problem=str(error), is_refused=is_refused)
