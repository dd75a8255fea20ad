"""What becomes of a job that fails: its reason is kept in words of ours, and it is tried again, less and less often.

procrastinate logs a failed job's exception with its traceback, which may hold a caller's words or a recording's
address. So no error of a job gets there: `guarded` keeps its text in ``job_failures`` and raises one without words.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procrastinate import JobContext
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from vm_mcp import errors
from vm_mcp.errors import (
    ArchiveError,
    AudioDecodeError,
    ConfigError,
    EngineUnavailableError,
    InputError,
    RecordingError,
    TranscriptionError,
    VmError,
    VoicemailNotFoundError,
)

if TYPE_CHECKING:
    from procrastinate.jobs import Job
    from procrastinate.worker import Worker

    from vm_mcp.archive.postgres import PostgresDatabase

logger = logging.getLogger(__name__)

_NOTE = """
    INSERT INTO job_failures AS noted (job_id, failures, kind, problem) VALUES (%(id)s, 1, %(kind)s, %(problem)s)
    ON CONFLICT (job_id) DO UPDATE SET
        failures = noted.failures + 1, kind = excluded.kind, problem = excluded.problem, failed_at = now()
    RETURNING failures
"""
UPKEEP = ("poll_due", "rescue", "forget")
"""Tasks that come again by themselves, whatever became of the last."""
_HOPELESS = (AudioDecodeError, InputError, VoicemailNotFoundError)
"""Errors that another try would meet again."""
_BY_MESSAGE = (RecordingError, TranscriptionError)
"""Errors that the message may be the cause of."""
_BUG = "An internal error occurred, see the worker's log. Try again; if it persists, report it with that log."


@dataclass(frozen=True)
class RetryRules:
    """How often a job is tried again, and when."""

    most: int = 8
    """Tries until a job is given up: with the waits below, four hours."""
    most_by_message: int = 3
    """The same after an error that the message may be the cause of."""
    first_seconds: float = 15.0
    factor: float = 4.0
    longest_seconds: float = 3600.0

    def seconds_until_next(self, error: VmError, failures: int) -> float | None:
        """Return when a job is tried again that has failed so often; None: never."""
        most = 1 if isinstance(error, _HOPELESS) else self.most_by_message if _is_messages(error) else self.most
        if failures >= most:
            return None
        return min(self.longest_seconds, self.first_seconds * self.factor ** (failures - 1))


class Later(Exception):  # noqa: N818 - no error: the job waits for something
    """A job gives its place to others, and is tried again; that counts as no failure."""

    def __init__(self, seconds: float) -> None:
        super().__init__("the job is tried again later")
        self.seconds = seconds


class GivenUp(Exception):  # noqa: N818 - the job's error is in the table
    """A job is not tried again."""


class Retries(BaseRetryStrategy):
    """Has procrastinate do what `guarded` decided; a job that was interrupted is tried again at once."""

    def get_retry_decision(self, *, exception: BaseException, job: "Job") -> RetryDecision | None:  # noqa: ARG002
        """Return when a job is tried again; None: never."""
        if isinstance(exception, Later):
            return RetryDecision(retry_in={"milliseconds": round(exception.seconds * 1000)})
        return RetryDecision(retry_in={}) if isinstance(exception, asyncio.CancelledError) else None


OnFailure = Callable[[str, VmError], None]
"""Called with a task's name and its error."""


class Guard:
    """procrastinate's middleware around every job.

    Args:
        database: The team's.
        rules: How often a job is tried again.
        on_failure: Called with each task's name and error.
    """

    def __init__(self, database: "PostgresDatabase", rules: RetryRules, on_failure: OnFailure) -> None:
        self._database = database
        self._rules = rules
        self._on_failure = on_failure

    async def guarded(self, run: Callable[[], Awaitable[Any]], context: JobContext, _worker: "Worker") -> None:
        """Run a job, and end its error.

        Raises:
            Later: It is to be tried again.
            GivenUp: It is not.
        """
        try:
            await run()
        except VmError as error:
            problem = error
        except Later:
            raise
        except Exception as error:  # noqa: BLE001 - a bug, which must not stop the worker
            # Without the exception's words, which may be a caller's.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("%s failed unexpectedly: %s\n%s", context.job.task_name, type(error).__name__, where)  # noqa: TRY400
            problem = VmError(_BUG)
        else:
            return
        self._on_failure(context.job.task_name, problem)
        if context.job.task_name in UPKEEP:
            logger.warning("%s failed: %s", context.job.task_name, problem)
            return
        raise await self._outcome(problem, context.job) from None

    async def _outcome(self, error: VmError, job: "Job") -> Later | GivenUp:
        kind = type(error).__name__
        try:
            async with self._database.operation() as connection:
                values = {"id": job.id, "kind": kind, "problem": str(error)}
                row = await (await connection.execute(_NOTE, values)).fetchone()
        except ArchiveError:  # PostgreSQL is away, so that nothing can be decided or kept
            return Later(self._rules.first_seconds)
        failures = row["failures"] if row else 1
        seconds = self._rules.seconds_until_next(error, failures)
        if seconds is None:
            logger.warning("%s failed %d times and is given up (%s)", job.task_name, failures, kind)
            return GivenUp()
        logger.info("%s failed (%s), for the %d. time; again in %.0f s", job.task_name, kind, failures, seconds)
        if isinstance(error, ConfigError):  # nothing but a person's correction ends it
            logger.warning("%s failed: %s", job.task_name, error)
        return Later(seconds)


def error_of(kind: str, problem: str) -> VmError:
    """Return the error that a job failed with, from its class name and text."""
    found = getattr(errors, kind, None)
    known = found if isinstance(found, type) and issubclass(found, VmError) else TranscriptionError
    return known(problem)


def _is_messages(error: VmError) -> bool:
    return isinstance(error, _BY_MESSAGE) and not isinstance(error, EngineUnavailableError)
