"""Wait for a team's PostgreSQL at the start, and notice when it is away or was started again."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from vm_mcp.errors import ArchiveError
from vm_mcp.team.work_schema import check_work_schema

if TYPE_CHECKING:
    from vm_mcp.archive.postgres import PostgresDatabase

logger = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_MOST_FAILURES = 2
"""In a row, each of which has waited for seconds, until PostgreSQL counts as away."""
_STARTED = "SELECT pg_postmaster_start_time() AS at"


async def wait_for_database(database: "PostgresDatabase", seconds: float, stop: asyncio.Event) -> None:
    """Return once the database can be used.

    Args:
        database: The team's.
        seconds: How long to wait.
        stop: Set when nobody wants to wait any more.

    Raises:
        ConfigError: It is not set up for this program.
        ArchiveError: It could not be reached until then.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    pause, is_told = _FIRST_PAUSE, False
    while True:
        try:
            async with database.operation() as connection:
                return await check_work_schema(connection)
        except ArchiveError as error:
            if stop.is_set() or asyncio.get_running_loop().time() + pause > deadline:
                raise
            if not is_told:
                logger.warning("the database is not there yet, waiting up to %.0f s: %s", seconds, error)
            is_told = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def watch_database(database: "PostgresDatabase", every_seconds: float) -> None:
    """Return once PostgreSQL is away, was started again, or another one has taken its place.

    What it then has lost, such as the end of a job, nobody else would notice: the job's worker is alive.

    Args:
        database: The team's.
        every_seconds: How often to look.
    """
    started, failures = None, 0
    while failures < _MOST_FAILURES:
        try:
            async with database.operation() as connection:
                row = await (await connection.execute(_STARTED)).fetchone()
        except ArchiveError:
            failures += 1
        else:
            if started and row != started:
                return
            started, failures = row, 0
        await asyncio.sleep(min(every_seconds, _FIRST_PAUSE) if failures else every_seconds)
