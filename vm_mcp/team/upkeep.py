"""What keeps the work going by itself: jobs of dead workers start again, and what is past its time is forgotten."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from vm_mcp.errors import ArchiveError, ConfigError, VmError
from vm_mcp.team.held_recordings import drop_old
from vm_mcp.text import counted

if TYPE_CHECKING:
    from procrastinate.manager import JobManager

    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.team.team_accounts import TeamAccounts

logger = logging.getLogger(__name__)

STALLED_SECONDS = 20.0
"""How long a worker may send no heartbeat before its jobs start again elsewhere."""
MOST_DEATHS = 8
"""Workers that may die over a job until it is given up: it may be what kills them."""
HELD_FOR = timedelta(hours=12)
"""How long a recording is held that nothing will read any more."""
_DEAD_JOBS_HOURS = 24 * 90

_NOTE_DEATH = """
    INSERT INTO job_failures AS noted (job_id, deaths) VALUES (%s, 1)
    ON CONFLICT (job_id) DO UPDATE SET deaths = noted.deaths + 1
    RETURNING deaths
"""
_NOTE_REASON = "UPDATE job_failures SET kind = 'WorkerDied', problem = %s, failed_at = now() WHERE job_id = %s"
# Accounts that are no longer in the file; a machine that has not got the new one yet may still ask for one of them.
_FORGET_POLLS = "DELETE FROM account_polls WHERE account <> ALL (%s) AND next_at < now() - interval '1 day'"
_KILLER = (
    "The workers that took it died each time. Look into their logs, which may say that memory ran out; then run "
    "`vm-mcp jobs retry`."
)


async def rescue(jobs: "JobManager", database: "PostgresDatabase", stalled_seconds: float = STALLED_SECONDS) -> int:
    """Have the jobs of dead workers start again; procrastinate leaves them as they are.

    Returns:
        How many jobs that were.

    Raises:
        ArchiveError: The database can't be used.
    """
    stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds))
    for job in stalled:
        await _restart(jobs, database, job)
    await jobs.prune_stalled_workers(stalled_seconds)
    if stalled:
        logger.warning("%s of workers that died: to do again", counted(len(stalled), "job"))
    return len(stalled)


async def _restart(jobs: "JobManager", database: "PostgresDatabase", job: Job) -> None:
    if job.id is None:
        return
    async with database.operation() as connection:
        row = await (await connection.execute(_NOTE_DEATH, (job.id,))).fetchone()
        is_killer = bool(row and row["deaths"] >= MOST_DEATHS)
        if is_killer:
            await connection.execute(_NOTE_REASON, (_KILLER, job.id))
    if is_killer:
        await jobs.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
    else:
        await retry_or_drop(jobs, job)


async def retry_or_drop(jobs: "JobManager", job: Job) -> None:
    """Put a job back into its queue; delete it if the same work waits there already."""
    try:
        await jobs.retry_job(job)
    except UniqueViolation:
        await jobs.finish_job(job, Status.SUCCEEDED, delete_job=True)
    except ConnectorException as error:
        logger.info("a job was not put back, since it has ended by now (%s)", type(error.__cause__).__name__)


async def forget(jobs: "JobManager", database: "PostgresDatabase", accounts: "TeamAccounts") -> None:
    """Delete what is past its time: messages past their retention, recordings that nothing will read, and jobs."""
    async with database.operation() as connection:
        await connection.execute(_FORGET_POLLS, (list(accounts.entries),))
    for name, entry in accounts.entries.items():
        try:
            await drop_old(database, name, HELD_FOR)
            if entry.settings.retention_days:
                async with accounts.using(name) as inbox:
                    await inbox.history.forget_old()
        except (ArchiveError, ConfigError) as error:
            _log(error)
    await jobs.delete_old_jobs(
        nb_hours=_DEAD_JOBS_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def _log(error: VmError) -> None:
    logger.warning("what is past its time could not be deleted: %s", error)
