import asyncio
from collections.abc import Awaitable, Callable

import pytest

from vm_mcp.inbox.jobs import Job, Jobs

pytestmark = pytest.mark.anyio

Report = Callable[[float], None]
Work = Callable[[Report], Awaitable[str]]


def gated(gate: asyncio.Event, answer: str = "text") -> Work:
    async def work(_report: Report) -> str:
        await gate.wait()
        return answer

    return work


async def test_a_job_that_outlasts_its_watcher_is_there_at_the_next_call() -> None:
    jobs: Jobs[str, str] = Jobs(keep=10)
    gate = asyncio.Event()
    job = jobs.start("a", gated(gate))
    await jobs.watch([job], seconds=0)
    assert not job.is_done
    gate.set()
    again = jobs.start("a", gated(asyncio.Event()))
    await jobs.watch([again], seconds=5)
    assert again is job
    assert again.task.result() == "text"


async def test_a_failure_is_handed_out_before_it_is_tried_again_and_a_done_job_stays() -> None:
    jobs: Jobs[str, str] = Jobs(keep=10)
    calls = 0

    async def work(_report: Report) -> str:
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
    job.is_told = True
    for _ in range(2):
        job = jobs.start("a", work)
        await jobs.watch([job], seconds=5)
    assert calls == 2
    assert job.task.result() == "second try"


async def test_a_cancelled_watcher_takes_its_jobs_along_unless_another_watches_too() -> None:
    jobs: Jobs[str, str] = Jobs(keep=10)
    gate = asyncio.Event()
    shared, own = jobs.start("shared", gated(gate)), jobs.start("own", gated(gate))
    impatient = asyncio.create_task(jobs.watch([shared, own], seconds=60))
    patient = asyncio.create_task(jobs.watch([shared], seconds=60))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    gate.set()
    await patient
    assert shared.task.result() == "text"
    assert isinstance(own.error, asyncio.CancelledError)


async def test_a_job_that_was_promised_to_go_on_survives_a_later_watchers_cancel() -> None:
    jobs: Jobs[str, str] = Jobs(keep=10)
    gate = asyncio.Event()
    job = jobs.start("a", gated(gate))
    await jobs.watch([job], seconds=0)
    impatient = asyncio.create_task(jobs.watch([job], seconds=60))
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    gate.set()
    await jobs.watch([job], seconds=5)
    assert job.task.result() == "text"


async def test_progress_counts_what_is_done_and_never_falls() -> None:
    jobs: Jobs[str, str] = Jobs(keep=10)
    seen: list[tuple[float, int]] = []
    halfway, gate = asyncio.Event(), asyncio.Event()

    async def work(report: Report) -> str:
        report(0.5)
        report(0.25)
        halfway.set()
        await gate.wait()
        return "text"

    async def on_progress(share: float, total: int) -> None:
        seen.append((share, total))
        gate.set()

    running = [jobs.start("half", work), jobs.start("whole", gated(halfway))]
    await halfway.wait()
    await jobs.watch(running, 5, on_progress)
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert shares[0] >= 0.5
    assert seen[-1] == (2.0, 2)


async def test_only_finished_jobs_are_forgotten() -> None:
    jobs: Jobs[int, str] = Jobs(keep=2)
    gate = asyncio.Event()
    endless = jobs.start(0, gated(gate))
    for key in range(1, 5):
        await jobs.watch([jobs.start(key, answer)], seconds=5)
    assert 0 in jobs
    assert 4 in jobs
    assert 1 not in jobs
    await jobs.aclose()
    assert endless.is_done


async def answer(_report: Report) -> str:
    return "text"


async def test_closing_ends_what_runs() -> None:
    jobs: Jobs[str, str] = Jobs(keep=10)
    job: Job[str] = jobs.start("a", gated(asyncio.Event()))
    await jobs.aclose()
    assert isinstance(job.error, asyncio.CancelledError)
