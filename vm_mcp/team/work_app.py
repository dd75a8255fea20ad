"""procrastinate's app: its connection, its tasks, and what it does when PostgreSQL is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from vm_mcp.archive.postgres.connections import APP_SETTING, address_of, configure, connection_options
from vm_mcp.team.job_failures import Retries
from vm_mcp.team.work_queue import FETCH, POLL, SPEECH, UPKEEP_PRIORITY, Work

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import SecretStr

    from vm_mcp.team.worker_tasks import WorkerTasks

# It logs every job with its arguments, and the tracebacks of errors; `vm_mcp.team.job_failures` says what went wrong.
logging.getLogger("procrastinate").setLevel(logging.CRITICAL)

logger = logging.getLogger(__name__)

TASKS = "tasks"
"""Key of the `WorkerTasks` in a job's context."""
POOL_SIZE, WAIT_SECONDS = 6, 3.0
_TRIES, _PAUSE_SECONDS = 2, 2.0


def open_app(url: "SecretStr", on_lost: Callable[[], None] = lambda: None) -> App:
    """Return the app, with its tasks; it connects when it is opened.

    Args:
        url: ``VM_MCP_DATABASE_URL``.
        on_lost: Called if the outcome of a job could not be stored.

    Raises:
        ConfigError: The address is unusable.
    """
    options = {name: value for name, value in connection_options(WAIT_SECONDS).items() if name != "autocommit"}
    connector = PsycopgConnector(
        conninfo=address_of(url, APP_SETTING),
        kwargs=options,
        configure=_configure,
        min_size=1,
        max_size=POOL_SIZE,
        timeout=WAIT_SECONDS,
        name="work",
    )
    app = App(connector=connector)
    app.job_manager = _PatientJobs(connector, on_lost)
    _register(app)
    return app


async def _configure(connection: Any) -> None:  # noqa: ANN401 - procrastinate's connections have no row type
    await configure(connection)
    # To take a job, procrastinate calls a function. From its sixth call on, PostgreSQL would plan it for any queue, and
    # look through all waiting jobs for one of a queue that has few: 60 ms in place of 1 behind 40,000 others.
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    await connection.commit()  # unlike ours, they don't commit by themselves


class _PatientJobs(JobManager):
    """Stores outcomes of jobs also when PostgreSQL is away for a moment.

    Otherwise the job would stay "doing" forever: its worker still sends heartbeats, so it is never rescued.
    """

    def __init__(self, connector: PsycopgConnector, on_lost: Callable[[], None]) -> None:
        super().__init__(connector)
        self._on_lost = on_lost

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - procrastinate's
        await self._stored(lambda: super(_PatientJobs, self).finish_job(job, status, delete_job))

    async def retry_job(
        self,
        job: Job,
        retry_at: "datetime | None" = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        try:
            await self._stored(lambda: super(_PatientJobs, self).retry_job(job, retry_at, priority, queue, lock))
        except UniqueViolation:  # the same work waits already
            await self.finish_job(job, Status.SUCCEEDED, delete_job=True)

    async def _stored(self, store: Callable[[], Awaitable[None]]) -> None:
        for left in reversed(range(_TRIES)):
            try:
                await store()
            except UniqueViolation:
                raise
            except ConnectorException as error:
                if type(error.__cause__).__name__ == "RaiseException":
                    logger.info("another worker has taken the job in the meantime")
                    return
                if not left:
                    self._on_lost()
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return


def _register(app: App) -> None:
    retries = Retries()
    app.task(name="poll", queue=POLL, pass_context=True, retry=retries)(_poll)
    app.task(name="fetch", queue=FETCH, pass_context=True, retry=retries)(_fetch)
    app.task(name="transcribe", queue=SPEECH, pass_context=True, retry=retries)(_transcribe)
    for name, cron, periodic in (
        ("poll_due", "* * * * * */5", _poll_due),
        ("rescue", "* * * * * */10", _rescue),
        ("forget", "17 * * * *", _forget),
    ):
        task = app.task(
            name=name, queue=POLL, queueing_lock=name, priority=UPKEEP_PRIORITY, pass_context=True, retry=retries
        )
        app.periodic(cron=cron)(task(periodic))


def _tasks(context: JobContext) -> "WorkerTasks":
    tasks: WorkerTasks = context.additional_context[TASKS]
    return tasks


async def _poll_due(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    await _tasks(context).poll_due()


async def _rescue(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the same
    await _tasks(context).rescue()


async def _forget(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the same
    await _tasks(context).forget()


async def _poll(context: JobContext, account: str) -> None:
    await _tasks(context).poll(account)


async def _fetch(context: JobContext, /, **work: Any) -> None:  # noqa: ANN401 - the fields of `Work`
    await _tasks(context).fetch(context.job.priority, Work(**work))


async def _transcribe(context: JobContext, /, **work: Any) -> None:  # noqa: ANN401 - the same
    await _tasks(context).transcribe(context.job.priority, Work(**work))
