"""Make a transcript by asking the team's workers for it, and waiting."""

import asyncio
from typing import TYPE_CHECKING

from vm_mcp.errors import TranscriptionError
from vm_mcp.inbox.reading_recordings import list_once
from vm_mcp.inbox.transcript_maker import COMMON_CAUSES
from vm_mcp.team.job_failures import error_of
from vm_mcp.team.work_queue import JobState, Work, WorkQueue

if TYPE_CHECKING:
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.jobs import Job
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.inbox.transcript_maker import TranscribeCall
    from vm_mcp.models import Transcript, TranscriptKey

LOOK_SECONDS = 0.5
"""How often a waiting call looks for the transcript."""
_MOST_ASKED = 3
_FRACTIONS = {
    ("fetch", "todo"): 0.0,
    ("fetch", "doing"): 0.1,
    ("transcribe", "todo"): 0.2,
    ("transcribe", "doing"): 0.5,
}
"""How far a message is, by its job."""
_DROPPED = "The work on this message was dropped. Ask for it again, or see `vm-mcp jobs` on a machine of the team."
_TRIED_AGAIN = "It is tried again by itself; ask again later."


class QueuedMaker:
    """Has workers make one account's transcripts, before their backlog. Who gives up leaves the work to them."""

    def __init__(self, account: "Account", known: "KnownMessages", queue: WorkQueue) -> None:
        self._account = account
        self._known = known
        self._queue = queue

    async def make(
        self, key: "TranscriptKey", call: "TranscribeCall", job: "Job[Transcript]", *, refresh: bool
    ) -> "Transcript":
        """Return a transcript that a worker made; see `vm_mcp.inbox.transcript_maker.Maker`.

        Raises:
            VmError: Whatever the worker met, with its words.
        """
        archive = await self._account.archive()
        newest = await archive.newest_id(key.uuid) if refresh else 0
        work = Work(self._account.settings.account, key.uuid, key.language, newest, self._account.access.by)
        call.raise_cause()
        await self._list_once(key.uuid, call)
        for _ in range(_MOST_ASKED):
            job.commit()
            asked = await self._asked(work)
            while True:
                state = await self._queue.state(work)
                if await archive.newest_id(key.uuid) > newest and (made := await archive.transcript(key)):
                    return made
                if state is None:
                    break  # another message's language, an older request, or somebody dropped it
                self._raise_failure(state, asked, call)
                job.report(_FRACTIONS.get((state.task_name, state.status), 0.0))
                await asyncio.sleep(LOOK_SECONDS)
        raise TranscriptionError(_DROPPED)

    async def _list_once(self, uuid: str, call: "TranscribeCall") -> None:
        try:
            await list_once(self._account, self._known, uuid, call.listed)
        except COMMON_CAUSES as error:
            call.cause = error
            raise

    async def _asked(self, work: Work) -> JobState | None:
        """Ask for it; return the job as it was before, unless it had failed for good."""
        before = await self._queue.state(work)
        await self._queue.ask(work)
        return before if before and before.status != "failed" else None

    def _raise_failure(self, state: JobState, before: JobState | None, call: "TranscribeCall") -> None:
        """Raise the error of a job that failed since it was asked for."""
        known = before.failures if before and before.id == state.id else 0
        if state.status != "failed" and state.failures <= known:
            return
        text = state.problem if state.status == "failed" else f"{state.problem} {_TRIED_AGAIN}"
        error = error_of(state.kind, text.strip() or _DROPPED)
        if isinstance(error, COMMON_CAUSES):
            call.cause = error
        raise error
