"""The jobs of messages: added once, asked for by people before all others, looked up by message.

Jobs are rows of procrastinate's table, written here by statements of ours: its own functions fail as a whole where one
of several jobs waits already, and can't move a waiting job forward.
"""

import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.archive.postgres.connections import Connection

Step = Literal["fetch", "transcribe"]
POLL, FETCH, SPEECH = "poll", "fetch", "speech"
QUEUES = (POLL, FETCH, SPEECH)
NEW_PRIORITY, POLL_PRIORITY, ASKED_PRIORITY, UPKEEP_PRIORITY = 0, 20, 50, 100
"""What runs first: upkeep, then what a person waits for, then lists, then new messages.

A new message comes after those of other accounts that have fewer waiting: it is as far below `NEW_PRIORITY` as its
account has messages before it. So one account's thousand don't make all others wait.
"""

_QUEUE_OF: dict[Step, str] = {"fetch": FETCH, "transcribe": SPEECH}
_ADD = """
    INSERT INTO procrastinate_jobs AS jobs (queue_name, task_name, priority, queueing_lock, args)
    SELECT %(queue)s, %(task)s, priority, lock, args::jsonb
    FROM unnest(%(priorities)s::integer[], %(locks)s::text[], %(args)s::text[]) AS wanted (priority, lock, args)
    ON CONFLICT (queueing_lock) WHERE status = 'todo'
        DO UPDATE SET priority = greatest(jobs.priority, excluded.priority)
"""
_OF_MESSAGE = "args->>'account' = %(account)s AND args->>'uuid' = %(uuid)s AND task_name IN ('fetch', 'transcribe')"
# One that runs hands its priority on to the next; see `current_priority`.
_HURRY = f"""
    UPDATE procrastinate_jobs SET priority = greatest(priority, {ASKED_PRIORITY}),
        scheduled_at = CASE WHEN status = 'doing' THEN scheduled_at END,
        args = args || jsonb_build_object('by', coalesce(nullif(args->>'by', ''), %(by)s))
    WHERE {_OF_MESSAGE} AND status IN ('todo', 'doing')
    RETURNING id, queue_name, status::text
"""  # noqa: S608 - constants
# procrastinate's trigger notifies workers of new jobs only; without this, they would find a changed one seconds later.
_TELL = (
    "SELECT pg_notify('procrastinate_queue_v1#' || %s, json_build_object('type', 'job_inserted', 'job_id', %s)::text)"
)
_PRIORITY = f"SELECT max(priority) AS priority FROM procrastinate_jobs WHERE {_OF_MESSAGE} AND status = 'doing'"  # noqa: S608
_FORGET_DEAD = f"DELETE FROM procrastinate_jobs WHERE {_OF_MESSAGE} AND status IN ('failed', 'aborted', 'cancelled')"  # noqa: S608
_COUNT_WAITING = """
    SELECT count(*) AS jobs FROM procrastinate_jobs
    WHERE args->>'account' = %s AND task_name IN ('fetch', 'transcribe') AND status = 'todo'
"""
_WITH_JOBS = """
    SELECT DISTINCT args->>'uuid' AS uuid FROM procrastinate_jobs
    WHERE args->>'account' = %s AND args->>'uuid' = ANY (%s) AND status IN ('todo', 'doing', 'failed')
"""
_STATE = f"""
    SELECT id, task_name, status::text, coalesce(failures, 0) AS failures, coalesce(kind, '') AS kind,
        coalesce(problem, '') AS problem, failed_at
    FROM procrastinate_jobs LEFT JOIN job_failures ON job_id = id
    WHERE {_OF_MESSAGE} AND status IN ('todo', 'doing', 'failed')
    ORDER BY id DESC LIMIT 1
"""  # noqa: S608


class Work(NamedTuple):
    """What is wanted of a message: the arguments of its jobs."""

    account: str
    uuid: str
    language: str = ""
    """ISO 639-1 code to decode as; empty: detected."""
    newer_than: int = 0
    """Number of a transcript that won't do, as none before it will; see `Archive.newest_id`."""
    by: str = ""
    """Name of the person who asked; empty: nobody did."""
    since: float = 0.0
    """When the message's first job was added, in seconds since 1970; 0: now."""


class JobState(NamedTuple):
    """The state of a message's job."""

    id: int
    task_name: Step
    status: Literal["todo", "doing", "failed"]
    failures: int
    """How often it failed."""
    kind: str
    """Class of its last error, see `vm_mcp.errors`; empty: none."""
    problem: str
    """That error's text."""
    failed_at: datetime | None


class WorkQueue:
    """The jobs of all accounts.

    Args:
        database: The team's.
        holds_recordings: Whether recordings are held between retrieval and transcription.
    """

    def __init__(self, database: "PostgresDatabase", *, holds_recordings: bool) -> None:
        self._database = database
        self._first: Step = "fetch" if holds_recordings else "transcribe"

    async def add_new(self, connection: "Connection", account: str, works: Sequence[Work]) -> None:
        """Add the first jobs of an account's new messages, oldest first, in a transaction that is open.

        Those that wait already stay.
        """
        if not works:
            return
        [waiting] = await (await connection.execute(_COUNT_WAITING, (account,))).fetchall()
        ahead = range(waiting["jobs"], waiting["jobs"] + len(works))
        await _add(connection, self._first, works, [NEW_PRIORITY - rank for rank in ahead])

    async def ask(self, work: Work) -> None:
        """Add or move forward a message's job, because a person waits for it. One that failed for good starts again.

        Raises:
            ArchiveError: The database can't be used.
        """
        message = {"account": work.account, "uuid": work.uuid, "by": work.by}
        async with self._database.operation() as connection:
            moved = await (await connection.execute(_HURRY, message)).fetchall()
            for row in moved:
                if row["status"] == "todo":
                    await connection.execute(_TELL, (row["queue_name"], row["id"]))
            await connection.execute(_FORGET_DEAD, message)
            if not moved:
                await add(connection, self._first, [work], ASKED_PRIORITY)

    async def state(self, work: Work) -> JobState | None:
        """Return a message's latest job; None where it has none.

        Raises:
            ArchiveError: The database can't be used.
        """
        async with self._database.operation() as connection:
            found = await connection.execute(_STATE, {"account": work.account, "uuid": work.uuid})
            row = await found.fetchone()
        return JobState(**row) if row else None


async def add(connection: "Connection", step: Step, works: Sequence[Work], priority: int) -> None:
    """Add jobs in a transaction that is open. One that waits already is at most moved forward."""
    await _add(connection, step, works, [priority] * len(works))


async def _add(connection: "Connection", step: Step, works: Sequence[Work], priorities: Sequence[int]) -> None:
    await connection.execute(
        _ADD,
        {
            "queue": _QUEUE_OF[step],
            "task": step,
            "priorities": list(priorities),
            "locks": [f"{step} {work.account} {work.uuid} {work.language}" for work in works],
            "args": [json.dumps(work._replace(since=work.since or time.time())._asdict()) for work in works],
        },
    )


async def current_priority(connection: "Connection", work: Work) -> int:
    """Return the priority of a message's running job, which a person may have raised since it began."""
    found = await connection.execute(_PRIORITY, {"account": work.account, "uuid": work.uuid})
    row = await found.fetchone()
    return (row and row["priority"]) or NEW_PRIORITY


async def uuids_with_jobs(connection: "Connection", account: str, uuids: Sequence[str]) -> set[str]:
    """Return which of an account's messages have a job that waits, runs or failed for good."""
    found = await connection.execute(_WITH_JOBS, (account, list(uuids)))
    return {row["uuid"] for row in await found.fetchall()}
