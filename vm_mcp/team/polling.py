"""Ask each account's PBX for new messages, all accounts spread over time, and pass on those that may be opened."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from vm_mcp.errors import ArchiveError, PbxAuthError, VmError
from vm_mcp.inbox.requests import AHEAD
from vm_mcp.models import Voicemail, VoicemailQuery
from vm_mcp.team.work_queue import POLL_PRIORITY, Work, WorkQueue, uuids_with_jobs

if TYPE_CHECKING:
    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.inbox import Inbox

logger = logging.getLogger(__name__)

FIRST_SPAN = timedelta(days=1)
"""How far back an account's first poll goes: who says that new messages are to be opened doesn't mean last month's."""
LONGEST_SPAN = timedelta(days=30)
"""How far back a poll goes after an outage, in one request."""
OVERLAP = timedelta(hours=1)
"""How much is listed again each time: a message appears when its call ends, and is filed under when it began."""
PAGE = 500
REFUSED_FIRST, REFUSED_LONGEST = timedelta(minutes=5), timedelta(hours=6)
"""How long an account is left alone after its key was refused; twice as long each time."""
FAILED_LONGEST = timedelta(minutes=15)
"""The same after any other error, beginning with the account's own period."""

_KNOW = """
    INSERT INTO account_polls (account, next_at)
    SELECT account, clock_timestamp() + seconds * interval '1 second'
    FROM unnest(%(accounts)s::text[], %(first)s::float[]) AS known (account, seconds)
    ON CONFLICT DO NOTHING
"""
# The next time is one of the account's own phase, however late this one is: so accounts stay spread after an outage. A
# poll that still waits is not doubled. A time further ahead than any is set was set before PostgreSQL's clock jumped
# back.
_DEFER_DUE = f"""
    WITH due AS (
        UPDATE account_polls SET next_at = next_at + seconds * interval '1 second'
            * (1 + floor(extract(epoch FROM clock_timestamp() - next_at) / seconds))
        FROM unnest(%(accounts)s::text[], %(periods)s::float[]) AS known (account, seconds)
        WHERE account_polls.account = known.account AND NOT next_at BETWEEN clock_timestamp()
            AND clock_timestamp() + greatest(seconds * interval '1 second', %(longest)s) + interval '1 minute'
        RETURNING account_polls.account
    )
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
    SELECT 'poll', 'poll', {POLL_PRIORITY}, 'poll ' || account, 'poll ' || account,
        jsonb_build_object('account', account)
    FROM due
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""  # noqa: S608 - a constant
_LISTED = "SELECT listed_until, failures FROM account_polls WHERE account = %s"
_DONE = """
    UPDATE account_polls SET listed_until = %(until)s, polled_at = now(), failures = 0, failing_since = NULL, kind = '',
        problem = ''
    WHERE account = %(account)s
"""
_FAILED = """
    UPDATE account_polls SET next_at = clock_timestamp() + %(wait)s, failures = failures + 1,
        failing_since = coalesce(failing_since, now()), kind = %(kind)s, problem = %(problem)s
    WHERE account = %(account)s
"""


async def defer_due(database: "PostgresDatabase", entries: Mapping[str, "AccountEntry"]) -> int:
    """Add a job for each account that is due, in one statement for all.

    Returns:
        How many were added.

    Raises:
        ArchiveError: The database can't be used.
    """
    periods = [float(entry.poll_seconds) for entry in entries.values()]
    parameters = {
        "accounts": list(entries),
        "periods": periods,
        "longest": REFUSED_LONGEST,
        "first": [_phase(name) * period for name, period in zip(entries, periods, strict=True)],
    }
    async with database.operation() as connection:
        await connection.execute(_KNOW, parameters)
        return (await connection.execute(_DEFER_DUE, parameters)).rowcount


async def poll(database: "PostgresDatabase", queue: WorkQueue, entry: "AccountEntry", inbox: "Inbox") -> int:
    """List an account's messages since the last poll, keep them, and add jobs for those that are to be opened.

    An error of the PBX ends the poll, and the account is left alone for a while; no other account notices.

    Returns:
        How many jobs were added.

    Raises:
        VmError: The poll failed, which is noted.
    """
    async with database.operation() as connection:
        row = await (await connection.execute(_LISTED, (entry.name,))).fetchone()
    failures = row["failures"] if row else 0
    try:
        return await _poll(database, queue, entry, inbox, row["listed_until"] if row else None)
    except ArchiveError:
        raise  # of the database, not of the account
    except VmError as error:
        wait = _wait(error, failures, timedelta(seconds=entry.poll_seconds))
        logger.info(
            "a poll failed (%s), for the %d. time; again in %.0f s",
            type(error).__name__,
            failures + 1,
            wait.total_seconds(),
        )
        values = {"account": entry.name, "wait": wait, "kind": type(error).__name__, "problem": str(error)}
        async with database.operation() as connection:
            await connection.execute(_FAILED, values)
        raise


async def _poll(
    database: "PostgresDatabase", queue: WorkQueue, entry: "AccountEntry", inbox: "Inbox", listed_until: datetime | None
) -> int:
    account = inbox.account
    await account.pbx()
    earliest = account.now() - LONGEST_SPAN
    since = max(earliest, listed_until - OVERLAP) if listed_until else account.now() - FIRST_SPAN
    messages = await _list(inbox, since)
    until = account.now()
    await inbox.neighbours.refresh(wait_seconds=0)
    works = [Work(entry.name, uuid) for uuid in await _to_open(database, entry, inbox, messages)]
    async with database.operation() as connection:
        await queue.add_new(connection, entry.name, works)
        await connection.execute(_DONE, {"account": entry.name, "until": until})
    return len(works)


async def _list(inbox: "Inbox", since: datetime) -> list[Voicemail]:
    pbx, archive = await inbox.account.pbx(), await inbox.account.archive()
    query: VoicemailQuery | None = VoicemailQuery(since=since, until=inbox.account.now() + AHEAD)
    messages: list[Voicemail] = []
    while query:
        asked_at = inbox.account.clock()
        page = await pbx.voicemails.list(query, PAGE)
        await archive.note_listed(page.voicemails, asked_at)
        messages += page.voicemails
        query = page.next_query
    return messages


async def _to_open(
    database: "PostgresDatabase", entry: "AccountEntry", inbox: "Inbox", messages: list[Voicemail]
) -> list[str]:
    """Return the messages that nobody has read, asked for or transcribed, and no job is there for, oldest first."""
    unread = list(dict.fromkeys(message.uuid for message in reversed(messages) if not message.is_read))
    if not entry.opens_new or not unread:
        return []
    archive = await inbox.account.archive()
    async with database.operation() as connection:
        done = await uuids_with_jobs(connection, entry.name, unread)
    done |= (await archive.retrievals(unread)).keys() | (await archive.known(unread)).keys()
    return [uuid for uuid in unread if uuid not in done]


def _wait(error: VmError, failures: int, period: timedelta) -> timedelta:
    first, longest = (
        (REFUSED_FIRST, REFUSED_LONGEST) if isinstance(error, PbxAuthError) else (period, max(period, FAILED_LONGEST))
    )
    return min(longest, first * float(1 << min(failures, 20)))


def _phase(name: str) -> float:
    """Return a fraction of a period, 0 to 1, that a name always has."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]) / 2**48
