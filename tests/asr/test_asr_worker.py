"""The worker process answers, survives bad messages, and goes when it should."""

import asyncio
import io
import os
import subprocess
import sys
import time
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from conftest import MakeSettings

from vm_mcp.asr import TranscribeOptions, open_transcriber
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.worker_client import WorkerTranscriber, _environment
from vm_mcp.config import Settings
from vm_mcp.errors import AudioDecodeError, EngineUnavailableError, TranscriptionError
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio

TESTS = Path(__file__).parents[1]
OPTIONS = TranscribeOptions(language="tr", caller_name="Ayşe")

Make = Callable[..., WorkerTranscriber]


def sound() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(16_000))
    return buffer.getvalue()


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    made = []

    def start(engine: str, at_once: int = 1, **patience: float) -> WorkerTranscriber:
        told = EngineSettings(model="base", languages=("tr", "en"), device="cpu", data_dir=tmp_path, at_once=at_once)
        made.append(WorkerTranscriber(told, f"support.scripted_engines:{engine}", "scripted", **patience))
        return made[-1]

    yield start
    for transcriber in made:
        await transcriber.aclose()


async def test_a_message_goes_to_the_worker_and_its_transcript_comes_back(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", "Ksecret")
    monkeypatch.setenv("vm_mcp_api_key", "Ksecret")
    transcriber, shares = make("echo"), list[float]()
    transcript = await transcriber.transcribe(sound(), OPTIONS, shares.append)
    assert transcript.text == "Ayşe|", "the worker sees no API key, and what it prints is no answer"
    assert (transcript.language, transcript.model) == ("tr", "base")
    assert transcript.duration_seconds == pytest.approx(1, abs=0.01)
    assert shares == [0.5]


async def test_one_process_serves_calls_made_at_once(make: Make) -> None:
    transcriber = make("echo")
    transcripts = await asyncio.gather(*(transcriber.transcribe(sound(), OPTIONS) for _ in range(3)))
    assert len({transcript.engine for transcript in transcripts}) == 1


async def test_a_models_download_is_told_of_in_words_and_as_a_share_until_it_is_there(
    make: Make, tmp_path: Path
) -> None:
    transcriber, shares, told = make("downloads"), list[float](), asyncio.Event()
    assert not transcriber.waiting_for

    def on_progress(share: float) -> None:
        shares.append(share)
        told.set()

    preparing = asyncio.ensure_future(transcriber.prepare(on_progress))
    await told.wait()
    assert "120 of 480 MB" in transcriber.waiting_for
    (tmp_path / "allowed").touch()
    await preparing
    assert (transcriber.waiting_for, shares) == ("", [0.25])


async def test_a_models_download_goes_on_when_who_waited_for_it_is_cancelled(make: Make, tmp_path: Path) -> None:
    transcriber, told = make("downloads"), asyncio.Event()
    preparing = asyncio.ensure_future(transcriber.prepare(lambda _: told.set()))
    await told.wait()
    worker = transcriber._worker
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    (tmp_path / "allowed").touch()
    await transcriber.prepare()
    assert worker
    assert transcriber._worker is worker
    assert worker.is_alive


async def test_a_download_whose_requester_was_cancelled_is_reported_to_the_next_caller(
    make: Make, tmp_path: Path
) -> None:
    transcriber, started, reported = make("downloads_in_two_parts"), asyncio.Event(), asyncio.Event()
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


async def test_a_download_after_a_crash_is_reported_as_well(make: Make, tmp_path: Path) -> None:
    transcriber, fractions = make("crash_while_loading_once"), list[float]()
    (tmp_path / "allowed").touch()
    await transcriber.prepare(fractions.append)
    assert fractions == [0.25]


async def test_preparing_does_not_wait_for_a_message_once_the_engine_was_warmed_up(make: Make) -> None:
    transcriber = make("hang_once")
    await transcriber.warm_up()
    hung = await hanging(transcriber)
    async with asyncio.timeout(10):
        await transcriber.prepare()
    hung.cancel()


async def test_errors_come_back_as_what_they_were(make: Make) -> None:
    failing, missing = make("fail"), make("unavailable")
    with pytest.raises(AudioDecodeError, match="web console"):
        await failing.transcribe(b"<html>", OPTIONS)
    with pytest.raises(TranscriptionError, match="Do that"):
        await failing.transcribe(sound(), OPTIONS)
    with pytest.raises(EngineUnavailableError, match="Install it"):
        await missing.transcribe(sound(), OPTIONS)


@pytest.mark.parametrize("engine", ["crash_once", "bug_once"])
async def test_a_message_whose_worker_died_is_tried_once_more(make: Make, engine: str) -> None:
    transcript = await make(engine).transcribe(sound(), OPTIONS)
    assert transcript.text == "Ayşe|"


async def test_a_message_that_always_kills_its_worker_is_reported(make: Make) -> None:
    with pytest.raises(TranscriptionError, match="stopped twice"):
        await make("crash").transcribe(sound(), OPTIONS)


async def hanging(transcriber: WorkerTranscriber) -> "asyncio.Task[object]":
    """A call that has reached the engine, and stays there."""
    reached = asyncio.Event()
    task = asyncio.ensure_future(transcriber.transcribe(sound(), OPTIONS, lambda _: reached.set()))
    await reached.wait()
    return task


async def test_cancelling_kills_the_worker_and_the_next_call_starts_another(make: Make) -> None:
    transcriber = make("hang_once")
    task = await hanging(transcriber)
    worker = transcriber._worker
    assert worker
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(1):
        assert await worker.wait() != 0
    assert (await transcriber.transcribe(sound(), OPTIONS)).engine != str(worker.pid)


async def test_the_worker_goes_on_after_a_call_was_cancelled_and_the_next_call_finds_its_messages_done(
    make: Make, simulator: Simulator, settings_for: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.inbox.jobs.PROGRESS_SECONDS", 0.01)
    transcriber, reached = make("slow", at_once=8), asyncio.Event()
    inbox = Inbox(settings_for(simulator), transcriber)
    await inbox.list_voicemails(ListRequest())
    uuids = [message.uuid for message in simulator.scenario.messages[:8]]

    async def on_progress(done: float, _total: int) -> None:
        if done == len(uuids) / 2:
            reached.set()

    calling = asyncio.ensure_future(inbox.transcribing.transcribe(uuids, on_progress=on_progress))
    await reached.wait()
    worker = transcriber._worker
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    (tmp_path / "allowed").touch()
    entries = await inbox.transcribing.transcribe(uuids)
    assert worker
    assert {entry.transcript and entry.transcript.engine for entry in entries} == {str(worker.pid)}
    assert sum(record.method == "POST" for record in simulator.requests) == len(uuids)
    await inbox.aclose()


async def test_a_call_cancelled_while_it_queues_harms_no_other(make: Make) -> None:
    transcriber = make("echo")
    first = asyncio.ensure_future(transcriber.transcribe(sound(), OPTIONS))
    second = asyncio.ensure_future(transcriber.transcribe(sound(), OPTIONS))
    await asyncio.wait([second], timeout=0)
    second.cancel()
    assert (await first).text == "Ayşe|"


async def test_messages_are_read_at_once(make: Make) -> None:
    transcriber, reached = make("meet", at_once=2), list[float]()
    await asyncio.gather(*(transcriber.transcribe(sound(), OPTIONS, reached.append) for _ in range(2)))
    assert reached == [0.5, 0.5], "each message waited for the other in the engine"


async def test_a_message_is_read_again_when_another_is_cancelled(make: Make) -> None:
    transcriber = make("hang_once", at_once=2)
    cancelled = await hanging(transcriber)
    other = asyncio.ensure_future(transcriber.transcribe(sound(), OPTIONS))
    await asyncio.wait([other], timeout=0)
    cancelled.cancel()
    assert (await other).text == "Ayşe|"


async def test_a_message_that_kills_its_worker_takes_no_other_along(make: Make) -> None:
    transcriber = make("crash_when_asked", at_once=2)
    deadly = TranscribeOptions(caller_name="deadly")
    outcomes = await asyncio.gather(
        transcriber.transcribe(sound(), deadly), transcriber.transcribe(sound(), OPTIONS), return_exceptions=True
    )
    assert isinstance(outcomes[0], TranscriptionError)
    assert not isinstance(outcomes[1], BaseException)
    assert (await transcriber.transcribe(sound(), OPTIONS)).text == "Ayşe|"


async def test_a_bug_in_any_lane_ends_the_worker_rather_than_the_lane(make: Make) -> None:
    transcriber = make("bug_once", at_once=3)
    transcripts = await asyncio.gather(*(transcriber.transcribe(sound(), OPTIONS) for _ in range(3)))
    assert [transcript.text for transcript in transcripts] == ["Ayşe|"] * 3


async def test_a_worker_that_hangs_is_ended_and_its_message_tried_once_more(make: Make) -> None:
    transcriber = make("hang_once", silent_seconds=3.0)
    assert (await transcriber.transcribe(sound(), OPTIONS)).text == "Ayşe|"


async def test_an_idle_worker_goes_and_the_next_message_starts_another(make: Make) -> None:
    transcriber = make("echo", idle_seconds=0.0)
    first = await transcriber.transcribe(sound(), OPTIONS)
    worker = transcriber._worker
    assert worker
    async with asyncio.timeout(5):
        await worker.wait()
    assert worker.is_over
    assert (await transcriber.transcribe(sound(), OPTIONS)).engine != first.engine


async def test_closing_ends_within_a_second_whatever_is_in_flight(make: Make) -> None:
    transcriber = make("hang_once")
    running = await hanging(transcriber)
    worker = transcriber._worker
    waiting = asyncio.ensure_future(transcriber.transcribe(sound(), OPTIONS))
    started = time.monotonic()
    await transcriber.aclose()
    assert time.monotonic() - started < 1
    assert worker
    assert worker.is_over
    for call in (running, waiting, transcriber.transcribe(sound(), OPTIONS)):
        with pytest.raises(TranscriptionError, match="stopping"):
            await call


PARENT = """
import asyncio, sys
from pathlib import Path
from vm_mcp.asr.transcriber import EngineSettings, TranscribeOptions
from vm_mcp.asr.worker_client import WorkerTranscriber

told = EngineSettings(model="base", languages=("tr",), device="cpu", data_dir=Path(sys.argv[1]))
transcriber = WorkerTranscriber(told, "support.scripted_engines:" + sys.argv[2])
call = transcriber.transcribe(sys.stdin.buffer.read(), TranscribeOptions(), lambda _: print("reached", flush=True))
asyncio.run(call)
heavy = {"numpy", "av", "faster_whisper", "ctranslate2", "huggingface_hub"} & set(sys.modules)
print(sorted(heavy))
"""


def parent(tmp_path: Path, engine: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), engine],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(sound())
    process.stdin.close()
    process.stdin = None
    return process


def test_no_worker_outlives_a_server_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    with parent(tmp_path, "hang_once") as process:
        assert process.stdout
        assert process.stdout.readline().strip() == b"reached"
        process.kill()
        # The worker holds the same stderr: its end means that both are gone.
        process.communicate(timeout=5)


def test_the_server_process_loads_no_engine_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    with parent(tmp_path, "echo") as process:
        output, _ = process.communicate(timeout=60)
    assert output.split() == [b"reached", b"[]"]


async def test_a_missing_engine_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    transcriber = open_transcriber(Settings(data_dir=tmp_path))
    with pytest.raises(EngineUnavailableError, match=r"vm-mcp\[whisper\]"):
        await transcriber.transcribe(sound(), OPTIONS)
    await transcriber.aclose()


async def test_an_engine_switched_off_says_how_to_switch_it_on(tmp_path: Path) -> None:
    transcriber = open_transcriber(Settings(engine="none", data_dir=tmp_path))
    with pytest.raises(EngineUnavailableError, match="VM_MCP_ENGINE"):
        await transcriber.transcribe(sound(), OPTIONS)


async def test_warming_up_starts_the_worker_but_downloads_nothing(make: Make) -> None:
    local, remote = make("echo"), make("needs_download")
    await local.warm_up()
    assert local._worker
    pid = local._worker.pid
    assert (await local.transcribe(sound(), OPTIONS)).engine == str(pid)
    await remote.warm_up()
    assert (await remote.transcribe(sound(), OPTIONS)).text == "Ayşe|"


def test_the_library_that_finds_speech_reports_to_nobody(tmp_path: Path) -> None:
    """It would keep a device's id and events for its maker in the home folder, and send them when it can."""
    code = "import numpy as np; from vm_mcp.asr.voice_activity import find_speech; find_speech(np.zeros(16_000, 'f4'))"
    homes = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=os.environ | _environment() | homes, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
