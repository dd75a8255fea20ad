"""The worker loads its engine once, ahead of time if it can, and reports a model's download to everybody who waits."""

import asyncio
from pathlib import Path

import pytest
from support.worker_calls import OPTIONS, MakeWorker, hanging_call, silent_wav

from vm_mcp.errors import EngineUnavailableError

pytestmark = pytest.mark.anyio
pytest_plugins = ["support.engine_fixtures"]


async def test_warming_up_starts_the_worker_but_downloads_nothing(make_worker: MakeWorker) -> None:
    local, remote = make_worker("echo"), make_worker("needs_download")
    await local.warm_up()
    assert local._worker
    pid = local._worker.pid
    assert (await local.transcribe(silent_wav(), OPTIONS)).engine == str(pid)
    await remote.warm_up()
    assert (await remote.transcribe(silent_wav(), OPTIONS)).text == "Ayşe|"


async def test_after_a_warm_up_preparing_does_not_wait_for_a_message(make_worker: MakeWorker) -> None:
    transcriber = make_worker("hang_once")
    await transcriber.warm_up()
    call = await hanging_call(transcriber)
    async with asyncio.timeout(10):
        await transcriber.prepare()
    call.cancel()


async def test_a_download_is_reported_in_words_and_as_a_fraction_until_it_ends(
    make_worker: MakeWorker, tmp_path: Path
) -> None:
    transcriber, fractions, reported = make_worker("downloads"), list[float](), asyncio.Event()
    assert not transcriber.waiting_for

    def on_progress(fraction: float) -> None:
        fractions.append(fraction)
        reported.set()

    preparing = asyncio.ensure_future(transcriber.prepare(on_progress))
    await reported.wait()
    assert "120 of 480 MB" in transcriber.waiting_for
    (tmp_path / "allowed").touch()
    await preparing
    assert (transcriber.waiting_for, fractions) == ("", [0.25])


async def test_a_download_goes_on_when_its_caller_is_cancelled(make_worker: MakeWorker, tmp_path: Path) -> None:
    transcriber, started = make_worker("downloads"), asyncio.Event()
    preparing = asyncio.ensure_future(transcriber.prepare(lambda _: started.set()))
    await started.wait()
    worker = transcriber._worker
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    (tmp_path / "allowed").touch()
    await transcriber.prepare()
    assert worker
    assert transcriber._worker is worker
    assert worker.is_alive


async def test_a_download_whose_caller_was_cancelled_is_reported_to_the_next_caller(
    make_worker: MakeWorker, tmp_path: Path
) -> None:
    transcriber, started, reported = make_worker("downloads_in_two_parts"), asyncio.Event(), asyncio.Event()
    fractions = list[float]()

    def on_progress(fraction: float) -> None:
        fractions.append(fraction)
        reported.set()

    cancelled = asyncio.ensure_future(transcriber.prepare(lambda _: started.set()))
    await started.wait()
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    preparing = asyncio.ensure_future(transcriber.prepare(on_progress))
    await asyncio.wait([preparing], timeout=0)
    (tmp_path / "half").touch()
    async with asyncio.timeout(10):
        await reported.wait()
    assert "240 of 480 MB" in transcriber.waiting_for
    (tmp_path / "allowed").touch()
    await preparing
    assert (transcriber.waiting_for, fractions) == ("", [0.5])


async def test_a_download_after_a_crash_is_reported_as_well(make_worker: MakeWorker, tmp_path: Path) -> None:
    transcriber, fractions = make_worker("crash_while_loading_once"), list[float]()
    (tmp_path / "allowed").touch()
    await transcriber.prepare(fractions.append)
    assert fractions == [0.25]


async def test_a_gpu_that_kills_the_worker_while_it_loads_is_left_out_next_time(make_worker: MakeWorker) -> None:
    preparing, warming = make_worker("crash_while_loading_on_gpu"), make_worker("crash_while_loading_on_gpu")
    await preparing.prepare()
    await warming.warm_up()
    await warming.prepare()
    assert (await warming.transcribe(silent_wav(), OPTIONS)).text == "Ayşe|"


async def test_an_engine_that_cannot_be_started_is_unavailable(make_worker: MakeWorker) -> None:
    with pytest.raises(EngineUnavailableError, match="VM_MCP_DEVICE"):
        await make_worker("crash_while_loading").prepare()
