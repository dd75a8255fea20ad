"""Work that outlives the call that asked for it: started once, watched by many, kept until it is read."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

OnProgress = Callable[[float, int], Awaitable[None]]
"""Told how many jobs are done, fractions included, and out of how many."""

PROGRESS_SECONDS = 1.0
"""How often a watcher is told at the most, when nothing finishes meanwhile."""


@dataclass
class Job(Generic[T]):
    """One piece of work and how far it has come."""

    task: asyncio.Task[T]
    watchers: int = 0
    share: float = 0.0
    is_promised: bool = False
    """Somebody was told that it goes on: only closing ends it."""
    is_told: bool = False
    """How it ended was handed out: whoever asks again wants it begun anew."""

    @property
    def is_done(self) -> bool:
        """True once it ended, however it ended."""
        return self.task.done()

    @property
    def error(self) -> BaseException | None:
        """Why it failed; None while it runs and after a success."""
        if not self.task.done():
            return None
        return asyncio.CancelledError() if self.task.cancelled() else self.task.exception()


class Jobs(Generic[K, T]):
    """Jobs by key. At most ``keep`` finished ones are remembered, the latest."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._jobs: dict[K, Job[T]] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._jobs

    def start(self, key: K, work: Callable[[Callable[[float], None]], Awaitable[T]]) -> Job[T]:
        """Return the job of that key, started now unless it runs, or ended and nobody was told how.

        Args:
            key: What makes two requests the same work.
            work: Called with a function that it may tell the share done, 0 to 1.
        """
        job = self._jobs.get(key)
        if job is None or (job.is_done and job.is_told):
            job = Job(asyncio.ensure_future(_run(work, lambda share: self._report(key, share))))
            self._jobs.pop(key, None)
            self._jobs[key] = job
            self._forget_oldest()
        return job

    async def watch(self, jobs: Iterable[Job[T]], seconds: float, on_progress: OnProgress | None = None) -> None:
        """Wait until all are done, at most ``seconds``; what is left goes on.

        A watcher that is cancelled takes along the jobs that nobody else watches or was promised.
        """
        watched = list(jobs)
        for job in watched:
            job.watchers += 1
        try:
            await _watch(watched, seconds, on_progress)
        except asyncio.CancelledError:
            for job in watched:
                if job.watchers == 1 and not job.is_promised:
                    job.task.cancel()
                    job.is_told = True
            raise
        finally:
            for job in watched:
                job.watchers -= 1

    async def aclose(self) -> None:
        """Cancel what still runs, and wait until it has ended."""
        running = [job.task for job in self._jobs.values() if not job.is_done]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _report(self, key: K, share: float) -> None:
        if job := self._jobs.get(key):
            job.share = min(max(share, job.share), 1.0)

    def _forget_oldest(self) -> None:
        finished = [key for key, job in self._jobs.items() if job.is_done and not job.watchers]
        for key in finished[: max(0, len(self._jobs) - self._keep)]:
            del self._jobs[key]


async def _run(work: Callable[[Callable[[float], None]], Awaitable[T]], report: Callable[[float], None]) -> T:
    return await work(report)


async def _watch(jobs: list[Job[T]], seconds: float, on_progress: OnProgress | None) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    told = -1.0
    while True:
        running = {job.task for job in jobs if not job.is_done}
        share = sum(1.0 if job.is_done else job.share for job in jobs)
        if on_progress and share > told:
            await on_progress(share, len(jobs))
            told = share
        left = deadline - loop.time()
        if not running:
            return
        if left <= 0:
            for job in jobs:
                job.is_promised = True
            return
        await asyncio.wait(running, timeout=min(left, PROGRESS_SECONDS), return_when=asyncio.FIRST_COMPLETED)
