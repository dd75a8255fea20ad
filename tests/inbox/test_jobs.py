"""Jobs: how long they run, for whom, and what a repeated call gets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from vm_mcp.inbox.jobs import Job, Jobs

pytestmark = pytest.mark.anyio

Work = Callable[[Job[str]], Coroutine[Any, Any, str]]
NEVER = 3600.0
"""A grace that no test outlives."""


@pytest.fixture
async def jobs() -> AsyncIterator[Jobs[str, str]]:
    opened: Jobs[str, str] = Jobs(keep=10, grace_seconds=NEVER)
    yield opened
    await opened.aclose()


@pytest.fixture
async def impatient_jobs() -> AsyncIterator[Jobs[str, str]]:
    """Jobs without a grace."""
    opened: Jobs[str, str] = Jobs(keep=10, grace_seconds=0)
    yield opened
    await opened.aclose()


def gated(gate: asyncio.Event, answer: str = "text", *, commits: bool = False) -> Work:
    async def work(job: Job[str]) -> str:
        if commits:
            job.commit()
        await gate.wait()
        return answer

    return work


async def watch_and_cancel(jobs: Jobs[str, str], *watched: Job[str]) -> None:
    watching = asyncio.create_task(jobs.watch(watched, seconds=60))
    await asyncio.sleep(0)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


async def the_grace_is_over() -> None:
    """Wait until timers of zero seconds have run; they run in the order in which they were set."""
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(0, over.set)
    await over.wait()


async def test_a_job_that_outlasts_its_watcher_is_returned_by_the_next_call(jobs: Jobs[str, str]) -> None:
    gate = asyncio.Event()
    job = jobs.start("a", gated(gate))
    await jobs.watch([job], seconds=0)
    assert not job.is_done
    gate.set()
    again = jobs.start("a", gated(asyncio.Event()))
    await jobs.watch([again], seconds=5)
    assert again is job
    assert again.task.result() == "text"


async def test_a_failure_is_returned_before_it_is_retried_and_a_done_job_stays(jobs: Jobs[str, str]) -> None:
    calls = 0

    async def work(_: Job[str]) -> str:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError("first try")
        return "second try"

    for _ in range(2):
        job = jobs.start("a", work)
        await jobs.watch([job], seconds=5)
    assert calls == 1
    assert isinstance(job.error, ValueError)
    job.reported = True
    for _ in range(2):
        job = jobs.start("a", work)
        await jobs.watch([job], seconds=5)
    assert calls == 2
    assert job.task.result() == "second try"


async def test_an_uncommitted_job_is_stopped_with_its_last_watcher_only(
    jobs: Jobs[str, str],
) -> None:
    gate = asyncio.Event()
    shared, own = jobs.start("shared", gated(gate)), jobs.start("own", gated(gate))
    patient = asyncio.create_task(jobs.watch([shared], seconds=60))
    await asyncio.sleep(0)
    await watch_and_cancel(jobs, shared, own)
    gate.set()
    await patient
    assert shared.task.result() == "text"
    await asyncio.wait([own.task])
    assert isinstance(own.error, asyncio.CancelledError)


async def test_a_call_right_after_a_cancelled_one_gets_a_new_job(jobs: Jobs[str, str]) -> None:
    dying, ended = jobs.start("a", gated(asyncio.Event())), asyncio.Event()
    dying.task.add_done_callback(lambda _: ended.set())
    await watch_and_cancel(jobs, dying)
    again = jobs.start("a", answer)
    assert again is not dying
    await jobs.watch([again], seconds=5)
    assert again.task.result() == "text"
    await ended.wait()


async def test_a_committed_job_outlives_its_last_watcher_and_is_returned_by_the_next_call(
    jobs: Jobs[str, str],
) -> None:
    gate = asyncio.Event()
    running, done = jobs.start("a", gated(gate, commits=True)), jobs.start("b", gated(gate, commits=True))
    await watch_and_cancel(jobs, running, done)
    assert jobs.start("a", answer) is running
    gate.set()
    await jobs.watch([running], seconds=5)
    assert jobs.start("b", answer) is done
    assert running.task.result() == done.task.result() == "text"


async def test_a_call_within_the_grace_ends_it(jobs: Jobs[str, str]) -> None:
    job = jobs.start("a", gated(asyncio.Event(), commits=True))
    await watch_and_cancel(jobs, job)
    grace = job.grace
    assert grace
    await jobs.watch([jobs.start("a", answer)], seconds=0)
    assert grace.cancelled()
    await watch_and_cancel(jobs, job)
    assert job.grace is None, "its caller got `pending`, so it goes on"
    assert not job.is_done


async def test_a_committed_job_is_stopped_after_the_grace_and_started_again_by_the_next_call(
    impatient_jobs: Jobs[str, str],
) -> None:
    job = impatient_jobs.start("a", gated(asyncio.Event(), commits=True))
    await watch_and_cancel(impatient_jobs, job)
    await asyncio.wait([job.task])
    assert isinstance(job.error, asyncio.CancelledError)
    again = impatient_jobs.start("a", answer)
    await impatient_jobs.watch([again], seconds=5)
    assert again.task.result() == "text"


async def test_a_committed_job_finishes_its_uninterrupted_block_before_it_stops(
    impatient_jobs: Jobs[str, str],
) -> None:
    gate, began, kept, went_on = asyncio.Event(), asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(job: Job[str]) -> str:
        with job.uninterrupted():
            job.commit()
            began.set()
            await gate.wait()
            kept.set()
        went_on.set()
        return "text"

    job = impatient_jobs.start("a", work)
    await began.wait()
    await watch_and_cancel(impatient_jobs, job)
    await the_grace_is_over()
    assert "a" not in impatient_jobs
    assert not job.is_done
    gate.set()
    await asyncio.wait([job.task])
    assert kept.is_set()
    assert not went_on.is_set()
    assert isinstance(job.error, asyncio.CancelledError)


async def test_an_uncommitted_job_stops_within_its_uninterrupted_block(jobs: Jobs[str, str]) -> None:
    async def work(job: Job[str]) -> str:
        with job.uninterrupted():
            await asyncio.Event().wait()
        return "text"

    job = jobs.start("a", work)
    await watch_and_cancel(jobs, job)
    await asyncio.wait([job.task])
    assert isinstance(job.error, asyncio.CancelledError)


async def test_a_failure_within_the_grace_is_returned_until_the_grace_ends(
    jobs: Jobs[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def work(job: Job[str]) -> str:
        job.commit()
        await gate.wait()
        raise ValueError

    job = jobs.start("a", work)
    await watch_and_cancel(jobs, job)
    gate.set()
    await asyncio.wait([job.task])
    assert jobs.start("a", answer) is job
    loop, now = asyncio.get_running_loop(), asyncio.get_running_loop().time
    with monkeypatch.context() as later:
        later.setattr(loop, "time", lambda: now() + NEVER)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert jobs.start("a", answer) is not job


async def test_a_failing_watcher_leaves_its_jobs_as_a_cancelled_one_does(jobs: Jobs[str, str]) -> None:
    async def broken(_done: float, _total: int) -> None:
        raise ConnectionError

    idle, opened = (
        jobs.start("idle", gated(asyncio.Event())),
        jobs.start("opened", gated(asyncio.Event(), commits=True)),
    )
    await asyncio.sleep(0)
    with pytest.raises(ConnectionError):
        await jobs.watch([idle, opened], 60, broken)
    await asyncio.wait([idle.task])
    assert opened.grace
    assert not opened.is_done


async def test_a_job_whose_caller_got_pending_survives_a_later_watchers_cancel(jobs: Jobs[str, str]) -> None:
    gate = asyncio.Event()
    job = jobs.start("a", gated(gate))
    await jobs.watch([job], seconds=0)
    await watch_and_cancel(jobs, job)
    gate.set()
    await jobs.watch([job], seconds=5)
    assert job.task.result() == "text"


async def test_progress_counts_what_is_done_and_never_falls(jobs: Jobs[str, str]) -> None:
    seen: list[tuple[float, int]] = []
    halfway, gate = asyncio.Event(), asyncio.Event()

    async def work(job: Job[str]) -> str:
        job.report(0.5)
        job.report(0.25)
        halfway.set()
        await gate.wait()
        return "text"

    async def on_progress(done: float, total: int) -> None:
        seen.append((done, total))
        gate.set()

    running = [jobs.start("half", work), jobs.start("whole", gated(halfway))]
    await halfway.wait()
    await jobs.watch(running, 5, on_progress)
    amounts = [done for done, _ in seen]
    assert amounts == sorted(amounts)
    assert amounts[0] >= 0.5
    assert seen[-1] == (2.0, 2)


async def test_only_finished_jobs_are_forgotten() -> None:
    jobs: Jobs[int, str] = Jobs(keep=2, grace_seconds=NEVER)
    gate = asyncio.Event()
    endless = jobs.start(0, gated(gate))
    for key in range(1, 5):
        await jobs.watch([jobs.start(key, answer)], seconds=5)
    assert 0 in jobs
    assert 4 in jobs
    assert 1 not in jobs
    await jobs.aclose()
    assert endless.is_done


async def answer(_: Job[str]) -> str:
    return "text"


async def test_closing_stops_every_job_at_once() -> None:
    jobs: Jobs[str, str] = Jobs(keep=10, grace_seconds=0)

    async def downloading(job: Job[str]) -> str:
        job.commit()
        with job.uninterrupted():
            await asyncio.Event().wait()
        return "text"

    job, stopped = jobs.start("a", gated(asyncio.Event())), jobs.start("b", downloading)
    await asyncio.sleep(0)
    await watch_and_cancel(jobs, stopped)
    await the_grace_is_over()
    assert "b" not in jobs
    assert not stopped.is_done
    async with asyncio.timeout(5):
        await jobs.aclose()
    assert isinstance(job.error, asyncio.CancelledError)
    assert isinstance(stopped.error, asyncio.CancelledError)


async def test_a_job_that_gives_back_what_it_holds_is_not_cancelled_a_second_time() -> None:
    jobs: Jobs[str, str] = Jobs(10, 0)
    started, given_back = asyncio.Event(), []

    async def work(_: Job[str]) -> str:
        try:
            started.set()
            return await asyncio.Future[str]()
        finally:
            await asyncio.sleep(0)
            given_back.append("the lease")

    job = jobs.start("message", work)
    await started.wait()
    closing = asyncio.create_task(jobs.aclose())
    await asyncio.sleep(0)
    job.stop()
    await asyncio.gather(closing, jobs.aclose())
    assert given_back == ["the lease"]
