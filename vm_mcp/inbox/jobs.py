"""Work that outlives the call that asked for it: started once, watched by many, kept until its outcome is returned.

How long a job runs depends on who still wants it:

- While a call watches it, as long as it takes. The same after a watcher's time ran out: that caller got ``pending`` and
  will ask again.
- After its last watcher was cancelled, a committed job runs for the grace time, so that the next call finds it. Any
  other job is stopped at once.

A stopped job leaves the table at that moment. The next call starts a new one, and never gets a failure that is only
another caller's cancellation.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from vm_mcp.asr import Demand

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

OnProgress = Callable[[float, int], Awaitable[None]]
"""Called with the number of jobs done, fractions included, and the number of all."""

PROGRESS_SECONDS = 1.0
"""Seconds between two progress reports, unless a job finishes sooner."""


class Job(Generic[T]):
    """One piece of work, as the work itself and its watchers see it."""

    def __init__(self, work: "Work[T]") -> None:
        self.fraction = 0.0
        """How much is done, 0 to 1."""
        self.watchers = 0
        self.demand = Demand()
        """Whether a call watches it."""
        self.detached = False
        """A caller got ``pending``, so cancelling no longer cancels it."""
        self.reported = False
        """Its outcome was returned, so the next call starts a new job."""
        self.committed = False
        """It did what can't be undone, and is worth finishing although nobody watches it for a while."""
        self.grace: asyncio.TimerHandle | None = None
        """The timer that stops it, while it runs without a watcher."""
        self._is_stopping = False
        self._is_uninterrupted = False
        self.task = asyncio.create_task(work(self))
        self.task.add_done_callback(_retrieve)

    @property
    def is_done(self) -> bool:
        """Whether it has ended: finished, failed or cancelled."""
        return self.task.done()

    @property
    def error(self) -> BaseException | None:
        """The reason it failed; None while it runs and after a success."""
        if not self.task.done():
            return None
        return asyncio.CancelledError() if self.task.cancelled() else self.task.exception()

    def report(self, fraction: float) -> None:
        """Report how much is done, 0 to 1; a smaller fraction than before is ignored."""
        self.fraction = min(max(fraction, self.fraction), 1.0)

    def commit(self) -> None:
        """Mark the job as committed, right before it does what can't be undone."""
        self.committed = True

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Let a committed job finish the block before it stops; `Jobs.aclose` doesn't wait for that."""
        self._is_uninterrupted = True
        try:
            yield
        finally:
            self._is_uninterrupted = False
        if self._is_stopping:
            raise asyncio.CancelledError

    def stop(self) -> None:
        """Cancel the work, now or where its uninterrupted block ends."""
        self._is_stopping = True
        if not (self.committed and self._is_uninterrupted):
            _cancel_once(self.task)


Work = Callable[[Job[T]], Coroutine[Any, Any, T]]
"""What a job does. It gets the job itself, to report progress to it."""


class Jobs(Generic[K, T]):
    """Jobs by key.

    Args:
        keep: Finished jobs remembered at most, the latest.
        grace_seconds: How long a committed job runs after its last watcher was cancelled.
    """

    def __init__(self, keep: int, grace_seconds: float) -> None:
        self._keep = keep
        self._grace_seconds = grace_seconds
        self._jobs: dict[K, Job[T]] = {}
        self._tasks: set[asyncio.Task[T]] = set()
        """All that still run, including stopped jobs, which are no longer in ``_jobs``."""

    def __contains__(self, key: K) -> bool:
        """Return whether `start` would return a job that is there already."""
        return self._current(key) is not None

    def start(self, key: K, work: Work[T]) -> Job[T]:
        """Return the job of that key; start it unless it runs, or has ended and no call has returned its outcome.

        Args:
            key: Two requests with the same key are the same work.
            work: What to do.
        """
        job = self._current(key)
        if job is None:
            job = Job(work)
            self._tasks.add(job.task)
            job.task.add_done_callback(self._tasks.discard)
            self._jobs.pop(key, None)
            self._jobs[key] = job
            self._forget_oldest()
        return job

    async def watch(self, jobs: Iterable[Job[T]], seconds: float, on_progress: OnProgress | None = None) -> None:
        """Wait until all jobs are done, at most ``seconds``. Jobs that are not done by then go on in the background.

        If the caller is cancelled, jobs that nobody else watches are stopped, committed ones after the grace time.
        """
        watched = list(jobs)
        for job in watched:
            _join(job)
        try:
            await _watch(watched, seconds, on_progress)
        finally:
            for job in watched:
                self._leave(job)

    async def aclose(self) -> None:
        """Cancel all jobs and wait until they have ended; more than one may ask for it."""
        for job in self._jobs.values():
            if job.grace:
                job.grace.cancel()
        running = list(self._tasks)
        for task in running:
            _cancel_once(task)
        await asyncio.gather(*running, return_exceptions=True)

    def _current(self, key: K) -> Job[T] | None:
        job = self._jobs.get(key)
        return None if job and job.is_done and job.reported else job

    def _leave(self, job: Job[T]) -> None:
        job.watchers -= 1
        job.demand.is_waited_for = job.watchers > 0
        if job.watchers or job.detached or job.is_done:
            return
        if job.committed:
            job.grace = asyncio.get_running_loop().call_later(self._grace_seconds, self._drop, job)
        else:
            self._drop(job)

    def _drop(self, job: Job[T]) -> None:
        """Stop a job that nobody wants. A failure is forgotten too; a finished job stays for the next call."""
        if job.is_done and not job.error:
            return
        self._jobs = {key: kept for key, kept in self._jobs.items() if kept is not job}
        job.stop()

    def _forget_oldest(self) -> None:
        finished = [key for key, job in self._jobs.items() if job.is_done and not job.watchers]
        for key in finished[: max(0, len(self._jobs) - self._keep)]:
            del self._jobs[key]


def _join(job: Job[T]) -> None:
    job.watchers += 1
    job.demand.is_waited_for = True
    if job.grace:
        job.grace.cancel()
        job.grace = None


async def _watch(jobs: list[Job[T]], seconds: float, on_progress: OnProgress | None) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    reported = -1.0
    while True:
        running = {job.task for job in jobs if not job.is_done}
        done = sum(1.0 if job.is_done else job.fraction for job in jobs)
        if on_progress and done > reported:
            await on_progress(done, len(jobs))
            reported = done
        left = deadline - loop.time()
        if not running:
            return
        if left <= 0:
            for job in jobs:
                job.detached = True
            return
        await asyncio.wait(running, timeout=min(left, PROGRESS_SECONDS), return_when=asyncio.FIRST_COMPLETED)


def _retrieve(task: asyncio.Task[T]) -> None:
    """Retrieve a failure, which no call may ever ask for: asyncio logs an error for exceptions nobody retrieved."""
    if not task.cancelled():
        task.exception()


def _cancel_once(task: "asyncio.Task[Any]") -> None:
    """Cancel a task, unless it is giving back what it holds: another cancellation would break that off."""
    if not task.cancelling():
        task.cancel()
