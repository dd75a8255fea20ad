"""What a worker does for each kind of job."""

import logging
import time
from typing import TYPE_CHECKING

from vm_mcp.errors import ConfigError, EngineFailedError, EngineUnavailableError, VmError
from vm_mcp.team import fetching, polling, upkeep
from vm_mcp.team.job_failures import Later
from vm_mcp.team.shared_turns import urgent
from vm_mcp.team.work_queue import ASKED_PRIORITY, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from procrastinate.manager import JobManager

    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.inbox import Inbox
    from vm_mcp.team.fetching import MessageFetcher
    from vm_mcp.team.team_accounts import TeamAccounts
    from vm_mcp.team.transcribers import Transcribers
    from vm_mcp.team.transcribing import MessageTranscriber
    from vm_mcp.team.work_queue import WorkQueue
    from vm_mcp.team.worker_metrics import WorkerMetrics

logger = logging.getLogger(__name__)

MOST_ENGINE_FAILURES = 3
"""Messages in a row that the engine may fail on until the worker ends: it would fail on all others as well."""
_ENGINE_AGAIN_SECONDS = 30.0
_NO_KEY = (
    "This worker has no VM_MCP_RECORDINGS_KEY, while others of the team hold recordings. Set the same key on all "
    "machines of the team."
)


class WorkerTasks:
    """One worker's tasks, for the jobs of all accounts."""

    def __init__(  # noqa: PLR0913 - it joins all parts
        self,
        *,
        jobs: "JobManager",
        database: "PostgresDatabase",
        queue: "WorkQueue",
        message_fetcher: "MessageFetcher | None",
        accounts: "TeamAccounts",
        transcribers: "Transcribers",
        message_transcriber: "MessageTranscriber",
        metrics: "WorkerMetrics",
        on_broken: "Callable[[VmError], None]",
        stalled_seconds: float = upkeep.STALLED_SECONDS,
    ) -> None:
        self._jobs = jobs
        self._database = database
        self._queue = queue
        self._message_fetcher = message_fetcher
        self._accounts = accounts
        self._transcribers = transcribers
        self._message_transcriber = message_transcriber
        self._metrics = metrics
        self._on_broken = on_broken
        self._stalled_seconds = stalled_seconds
        self._failed_on: set[tuple[str, str]] = set()
        """Messages that the engine has failed on since it last transcribed one."""

    async def poll_due(self) -> None:
        """Add jobs for accounts whose time has come."""
        await polling.defer_due(self._database, self._accounts.entries)

    async def rescue(self) -> None:
        """Have jobs of dead workers start again."""
        self._metrics.rescued(await upkeep.rescue(self._jobs, self._database, self._stalled_seconds))

    async def forget(self) -> None:
        """Delete what is past its time."""
        await upkeep.forget(self._jobs, self._database, self._accounts)

    async def poll(self, account: str) -> None:
        """List an account's new messages; a failure is noted for the account, and the next poll follows by itself."""
        try:
            async with self._accounts.using(account) as inbox:
                await polling.poll(self._database, self._queue, self._accounts.entry(account), inbox)
        except VmError as error:
            self._metrics.failed("poll", error)

    async def fetch(self, priority: int, work: Work) -> None:
        """Retrieve and hold a message's recording."""
        if self._message_fetcher is None:
            raise ConfigError(_NO_KEY)
        is_asked = priority >= ASKED_PRIORITY
        if not is_asked:
            await fetching.wait_for_room(self._database, list(self._accounts.entries))
        with urgent(is_urgent=is_asked):
            async with self._accounts.using(work.account) as inbox:
                may_open = await self._may_open(inbox, work, is_asked=is_asked)
                await self._message_fetcher.fetch(inbox, work, may_open=may_open)

    async def transcribe(self, priority: int, work: Work) -> None:
        """Transcribe a message's recording."""
        began = time.monotonic()
        is_asked = priority >= ASKED_PRIORITY
        with urgent(is_urgent=is_asked):
            async with self._accounts.using(work.account) as inbox:
                transcriber = self._transcribers.of(inbox.settings)
                may_open = await self._may_open(inbox, work, is_asked=is_asked)
                try:
                    is_read = await self._message_transcriber.transcribe(
                        transcriber, inbox, work, priority, may_open=may_open
                    )
                except EngineUnavailableError as error:  # this machine's trouble: another one may have an engine
                    self._on_broken(error)
                    raise Later(_ENGINE_AGAIN_SECONDS) from error
                except EngineFailedError as error:
                    self._failed_on.add((work.account, work.uuid))
                    if len(self._failed_on) >= MOST_ENGINE_FAILURES:
                        self._on_broken(error)
                    raise
        if is_read:
            self._failed_on.clear()
            self._metrics.transcribed(time.monotonic() - began)

    async def _may_open(self, inbox: "Inbox", work: Work, *, is_asked: bool) -> bool:
        """Return whether a message may be opened by what the accounts file says now, or was opened already.

        One that the archive no longer knows was purged after its job was added, and stays so.
        """
        entry = self._accounts.entry(work.account)
        archive = await inbox.account.archive()
        if not await archive.voicemail(work.uuid):
            return False
        if entry.opens_new or (is_asked and not entry.settings.read_only):
            return True
        return work.uuid in await archive.retrievals([work.uuid])
