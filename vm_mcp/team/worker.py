"""A worker: takes jobs from the queues until it is told to stop, or PostgreSQL or the engine is gone."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.archive.postgres.connections import translated_errors
from vm_mcp.asr import open_transcriber
from vm_mcp.errors import ArchiveError, ConfigError, VmError
from vm_mcp.team.backing import TeamBacking
from vm_mcp.team.database_watch import wait_for_database, watch_database
from vm_mcp.team.engine_name import engine_name
from vm_mcp.team.fetching import MessageFetcher
from vm_mcp.team.held_recordings import HeldRecordings
from vm_mcp.team.job_failures import Guard, RetryRules
from vm_mcp.team.team_accounts import TeamAccounts
from vm_mcp.team.transcribers import OpenTranscriber, Transcribers
from vm_mcp.team.transcribing import MessageTranscriber
from vm_mcp.team.upkeep import STALLED_SECONDS
from vm_mcp.team.work_app import TASKS, open_app
from vm_mcp.team.work_queue import FETCH, POLL, QUEUES, SPEECH, WorkQueue
from vm_mcp.team.worker_metrics import WorkerMetrics
from vm_mcp.team.worker_tasks import WorkerTasks

if TYPE_CHECKING:
    from procrastinate import App

    from vm_mcp.config import Settings
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.config.team_settings import TeamSettings

logger = logging.getLogger(__name__)

REQUESTS_AT_ONCE = 8
"""Polls of one worker at a time, and retrievals: they mostly wait for the PBX."""
FINISH_SECONDS = {POLL: 4.0, FETCH: 8.0, SPEECH: 1.0}
"""How long jobs may take to finish once the worker is told to stop. A retrieval that is interrupted has to ask the PBX
again; a transcription only starts again. Docker waits for ten seconds."""
_HEARTBEATS = 4
"""Heartbeats in the time after which a worker counts as dead."""
_LOOKS = 10
"""How often in that time to check that PostgreSQL is still there."""
_WAIT_SECONDS = 3.0
"""How long a job waits for a connection; without one, the worker soon ends, and the job starts again."""
_METRICS_SECONDS = 10.0
_END_SECONDS, _GIVE_UP_SECONDS = 20.0, 4.0
"""How long workers may take to end, and where they end because of a problem."""
_NO_DATABASE = "A team needs a database. Set VM_MCP_DATABASE_URL, see docs/team.md."
_GONE = (
    "The team's database went away or was restarted. Start the worker again once PostgreSQL runs; a supervisor such as "
    "systemd does."
)


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker works."""

    queues: Collection[str] = QUEUES
    concurrency: int = 1
    """Messages that are transcribed at a time."""
    rules: RetryRules = field(default_factory=RetryRules)
    stalled_seconds: float = STALLED_SECONDS
    look_seconds: float = 2.0
    """How often to poll the queues: PostgreSQL notifies of new jobs, but not of retries that are due."""
    wait_seconds: float = 60.0
    """How long to wait for the database at the start."""
    opener: OpenTranscriber = open_transcriber
    on_ready: Callable[[], None] = lambda: None
    """Called once it takes work."""


class TeamWorker:
    """One worker process's work. Use it from one event loop."""

    def __init__(
        self,
        settings: "Settings",
        team: "TeamSettings",
        entries: Mapping[str, "AccountEntry"],
        options: WorkerOptions | None = None,
    ) -> None:
        if not team.database_url:
            raise ConfigError(_NO_DATABASE)
        self._options = options or WorkerOptions()
        self._url = team.database_url
        self._settings = settings
        self._entries = entries
        self._engine = engine_name(settings)
        self._stop = asyncio.Event()
        self._problem: VmError | None = None
        self.metrics = WorkerMetrics()
        self.database = PostgresDatabase(self._url, wait_seconds=_WAIT_SECONDS)
        self._held = HeldRecordings(self.database, team.recordings_key) if team.recordings_key else None
        self._transcribers = Transcribers(self._engine, self._options.opener)

    def stop(self) -> None:
        """Have `run` finish or hand back what is in hand, and return."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop, or ends because of a problem."""
        return self._stop.is_set()

    async def run(self) -> None:
        """Work until `stop`.

        Raises:
            ConfigError: The settings, the database or the engine are unusable.
            ArchiveError: The database could not be reached in time, or is gone.
            EngineUnavailableError: The engine can't compute.
            EngineFailedError: The engine failed on several messages in a row.
        """
        async with AsyncExitStack() as ends:
            ends.push_async_callback(self.database.aclose)
            await wait_for_database(self.database, self._options.wait_seconds, self._stop)
            if SPEECH in self._options.queues:
                ends.push_async_callback(self._transcribers.aclose)
                await self._unless_stopped(self._transcribers.of(self._settings).prepare())
            app = open_app(self._url, on_lost=lambda: self._end(ArchiveError(_GONE)))
            await ends.enter_async_context(_opened(app))
            await self._work(app, ends)
        if self._problem:
            raise self._problem

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Await work that may take minutes, such as the download of a model, until the worker is told to stop."""
        working, stopping = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
        finally:
            working.cancel()
            stopping.cancel()

    async def _work(self, app: "App", ends: AsyncExitStack) -> None:
        queue = WorkQueue(self.database, holds_recordings=self._held is not None)
        backing = TeamBacking(self.database, queue, is_backlog=True, on_busy=self.metrics.busy)
        accounts = TeamAccounts(self._entries, backing, self._engine)
        ends.push_async_callback(accounts.aclose)
        tasks = WorkerTasks(
            jobs=app.job_manager,
            database=self.database,
            queue=queue,
            message_fetcher=self._message_fetcher(),
            accounts=accounts,
            transcribers=self._transcribers,
            message_transcriber=MessageTranscriber(self.database, self._held, self._engine, self.metrics.asked_again),
            metrics=self.metrics,
            on_broken=self._end,
            stalled_seconds=self._options.stalled_seconds,
        )
        workers = self._workers(app, tasks)
        running = [asyncio.create_task(worker.run()) for worker in workers]  # type: ignore[no-untyped-call]
        self._options.on_ready()
        stopping = asyncio.create_task(self._stop.wait())
        aside = [asyncio.create_task(self._count()), asyncio.create_task(self._watch_database())]
        await asyncio.wait([*running, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not self._stop.is_set():  # one ended by itself, as they do when a statement of theirs fails
            self._end(ArchiveError(_GONE))
        for worker in workers:
            worker.stop()  # type: ignore[no-untyped-call]
        stopping.cancel()
        for task in aside:
            task.cancel()
        await self._await_end(running)

    def _message_fetcher(self) -> MessageFetcher | None:
        """Return what retrieves recordings, where they are held."""
        return MessageFetcher(self._held, self._engine, self.metrics.asked_again) if self._held else None

    async def _await_end(self, running: list[asyncio.Task[None]]) -> None:
        """Wait until workers have finished or handed back what is in hand; not for long where PostgreSQL is away."""
        done, hanging = await asyncio.wait(running, timeout=_GIVE_UP_SECONDS if self._problem else _END_SECONDS)
        for worker in hanging:  # their jobs start again elsewhere, as those of a dead worker
            worker.cancel()
            self._end(ArchiveError(_GONE))
        for worker in done:
            if isinstance(error := worker.exception(), ConnectorException):
                self._end(ArchiveError(_GONE))
            elif error:
                raise error

    def _workers(self, app: "App", tasks: WorkerTasks) -> list[Worker]:
        """Return one of procrastinate's workers for each queue, so that none waits for another's jobs."""
        guard = Guard(self.database, self._options.rules, self.metrics.failed)
        at_once = {POLL: REQUESTS_AT_ONCE, FETCH: REQUESTS_AT_ONCE, SPEECH: self._options.concurrency}
        return [
            Worker(
                app,
                queues=[queue],
                concurrency=at_once[queue],
                shutdown_graceful_timeout=FINISH_SECONDS[queue],
                fetch_job_polling_interval=self._options.look_seconds,
                delete_jobs="successful",
                additional_context={TASKS: tasks},
                install_signal_handlers=False,
                update_heartbeat_interval=self._options.stalled_seconds / _HEARTBEATS,
                stalled_worker_timeout=self._options.stalled_seconds,
                task_middleware=[guard.guarded],
            )
            for queue in QUEUES
            if queue in self._options.queues
        ]

    def _end(self, problem: VmError) -> None:
        """End because of a problem, the first of which is raised."""
        self._problem = self._problem or problem
        self._stop.set()

    async def _watch_database(self) -> None:
        await watch_database(self.database, self._options.stalled_seconds / _LOOKS)
        self._end(ArchiveError(_GONE))

    async def _count(self) -> None:
        while self.metrics.is_served:
            with suppress(ArchiveError):
                await self.metrics.refresh(self.database)
            await asyncio.sleep(_METRICS_SECONDS)


@asynccontextmanager
async def _opened(app: "App") -> AsyncIterator[None]:
    try:
        with translated_errors(lost=_GONE):
            async with app.open_async():
                yield
    except ConnectorException as error:
        raise ArchiveError(_GONE) from error
