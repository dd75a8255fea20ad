"""What waits, runs and has failed, for a person to see, to try again and to drop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from vm_mcp.archive.postgres.held_recordings import let_go
from vm_mcp.errors import ConfigError

if TYPE_CHECKING:
    from vm_mcp.archive.postgres import PostgresDatabase

_SUMMARY = """
    SELECT args->>'account' AS account, task_name AS job,
        CASE WHEN status = 'todo' AND failures > 0 THEN 'retrying' WHEN status = 'todo' THEN 'waiting'
            WHEN status = 'doing' THEN 'running' ELSE 'failed' END AS state,
        count(*) AS jobs, to_timestamp(min((args->>'since')::float)) AS oldest_at,
        coalesce(max(problem) FILTER (WHERE status = 'todo'), '') AS problem
    FROM procrastinate_jobs AS job LEFT JOIN job_failures ON job_failures.job_id = job.id
    WHERE status IN ('todo', 'doing', 'failed') AND task_name IN ('poll', 'fetch', 'transcribe')
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_FAILED = """
    SELECT id, args->>'account' AS account, task_name AS job, coalesce(args->>'uuid', '') AS uuid,
        coalesce(failures, 0) AS failures, coalesce(deaths, 0) AS deaths, coalesce(kind, '') AS kind,
        coalesce(problem, '') AS problem, failed_at
    FROM procrastinate_jobs LEFT JOIN job_failures ON job_id = id
    WHERE status = 'failed' ORDER BY id LIMIT %s
"""
_TROUBLED = """
    SELECT account, failures, kind, problem, failing_since, next_at FROM account_polls
    WHERE failures > 0 ORDER BY account
"""
# A failed job is not retried where another job for the same work is already waiting.
_RETRY = """
    WITH dead AS (
        SELECT id, queueing_lock FROM procrastinate_jobs WHERE id = ANY (%(ids)s) AND status = 'failed' FOR UPDATE
    ), again AS (
        UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = NULL, attempts = attempts + 1
        WHERE id IN (SELECT max(id) FROM dead GROUP BY coalesce(queueing_lock, id::text)) AND NOT EXISTS (
            SELECT FROM procrastinate_jobs AS other
            WHERE other.queueing_lock = procrastinate_jobs.queueing_lock AND other.status = 'todo'
        )
        RETURNING id, queue_name, args
    ), forgotten AS (
        DELETE FROM job_failures WHERE job_id IN (SELECT id FROM again) RETURNING job_id, kind
    )
    SELECT id, args->>'account' AS account, args->>'uuid' AS uuid, coalesce(kind, '') AS kind, pg_notify(
        'procrastinate_queue_v1#' || queue_name, json_build_object('type', 'job_inserted', 'job_id', id)::text
    ) FROM again LEFT JOIN forgotten ON job_id = id
"""
_DROP = """
    DELETE FROM procrastinate_jobs WHERE id = ANY (%s) AND status = 'failed'
    RETURNING id, args->>'account' AS account, args->>'uuid' AS uuid
"""
_RESUME = "UPDATE account_polls SET next_at = now(), failures = 0 WHERE failures > 0"

_UNREADABLE = ConfigError.__name__
"""Kind of error of a recording that was encrypted with another key."""

State = Literal["waiting", "running", "retrying", "failed"]


class JobGroup(NamedTuple):
    """Jobs of one account, kind and state."""

    account: str
    job: str
    state: State
    jobs: int
    oldest_at: datetime | None
    """When the first job of the message that waits longest was added; None for polls."""
    problem: str
    """Why one of those that are retried failed; empty for the others."""


class DeadJob(NamedTuple):
    """A job that was given up; a person decides."""

    id: int
    account: str
    job: str
    uuid: str
    failures: int
    deaths: int
    """Workers that died over it."""
    kind: str
    """Class of the last error."""
    problem: str
    """Its text."""
    failed_at: datetime | None


class TroubledAccount(NamedTuple):
    """An account whose last poll failed."""

    account: str
    failures: int
    kind: str
    problem: str
    failing_since: datetime | None
    next_at: datetime


class JobList(NamedTuple):
    """All of it."""

    groups: list[JobGroup]
    dead: list[DeadJob]
    troubled: list[TroubledAccount]


async def list_jobs(database: "PostgresDatabase", most_dead: int = 200) -> JobList:
    """Return what waits, runs and has failed.

    Raises:
        ArchiveError: The database can't be used.
    """
    async with database.operation() as connection:
        groups = await (await connection.execute(_SUMMARY)).fetchall()
        dead = await (await connection.execute(_FAILED, (most_dead,))).fetchall()
        troubled = await (await connection.execute(_TROUBLED)).fetchall()
    return JobList(
        [JobGroup(**row) for row in groups],
        [DeadJob(**row) for row in dead],
        [TroubledAccount(**row) for row in troubled],
    )


async def retry_jobs(database: "PostgresDatabase", ids: Sequence[int]) -> list[int]:
    """Have jobs that were given up start again, as if they had never failed; poll accounts in trouble now.

    Returns:
        Those that start again.

    Raises:
        ArchiveError: The database can't be used.
    """
    async with database.operation() as connection:
        again = await (await connection.execute(_RETRY, {"ids": list(ids)})).fetchall()
        await connection.execute(_RESUME)
    # Whose key was lost can't be read any more, and is retrieved again.
    await _let_go(database, [row for row in again if row["kind"] == _UNREADABLE])
    return sorted(row["id"] for row in again)


async def drop_jobs(database: "PostgresDatabase", ids: Sequence[int]) -> list[int]:
    """Delete jobs that were given up, and the recordings that were held for them.

    Returns:
        Those that were deleted.

    Raises:
        ArchiveError: The database can't be used.
    """
    async with database.operation() as connection:
        dropped = await (await connection.execute(_DROP, (list(ids),))).fetchall()
    await _let_go(database, dropped)
    return sorted(row["id"] for row in dropped)


async def _let_go(database: "PostgresDatabase", rows: Sequence[Mapping[str, str]]) -> None:
    """Delete the recordings that are held for jobs."""
    for row in rows:
        if row["uuid"]:
            async with database.transaction(row["account"]) as connection:
                await let_go(connection, row["uuid"])
