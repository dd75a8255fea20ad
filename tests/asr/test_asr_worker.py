"""The worker answers, survives bad messages, and ends when it should."""

import asyncio
import base64
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import MakeSettings
from support.sounds import flac_of_silence, wav
from support.worker_calls import OPTIONS, TESTS, MakeWorker, hanging_call, silent_wav

from vm_mcp.asr import Demand, TranscribeOptions
from vm_mcp.asr.worker_client import _environment
from vm_mcp.errors import AudioDecodeError, EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio
pytest_plugins = ["support.engine_fixtures"]


async def test_a_message_goes_to_the_worker_and_its_transcript_comes_back(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", "Ksecret")
    monkeypatch.setenv("vm_mcp_api_key", "Ksecret")
    transcriber, fractions = make_worker("echo"), list[float]()
    transcript = await transcriber.transcribe(silent_wav(), OPTIONS, fractions.append)
    assert transcript.text == "Ayşe|", "the worker sees no API key, and what it prints is not taken for an answer"
    assert (transcript.language, transcript.model) == ("tr", "base")
    assert transcript.duration_seconds == pytest.approx(1, abs=0.01)
    assert base64.b64decode(transcript.peaks) == bytes(200), "the recording is silent"
    assert fractions == [0.5]


async def test_one_process_serves_calls_made_at_once(make_worker: MakeWorker) -> None:
    transcriber = make_worker("echo")
    transcripts = await asyncio.gather(*(transcriber.transcribe(silent_wav(), OPTIONS) for _ in range(3)))
    assert len({transcript.engine for transcript in transcripts}) == 1


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has its own ways with freed memory")
async def test_what_a_message_freed_is_returned_before_the_next(make_worker: MakeWorker) -> None:
    transcriber = make_worker("hoard")
    held = [int((await transcriber.transcribe(silent_wav(seconds), OPTIONS)).engine) for seconds in (1, 2, 3)]
    assert max(held) - held[0] < 50, "each message takes 100 MB"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
async def test_no_array_makes_the_kernel_fill_freed_memory_with_huge_pages(make_worker: MakeWorker) -> None:
    assert (await make_worker("large_arrays").transcribe(silent_wav(), OPTIONS)).engine == "0"


async def test_errors_keep_their_type(make_worker: MakeWorker) -> None:
    failing, missing = make_worker("fail"), make_worker("unavailable")
    with pytest.raises(AudioDecodeError, match="web console"):
        await failing.transcribe(b"<html>", OPTIONS)
    with pytest.raises(TranscriptionError, match="Do that"):
        await failing.transcribe(silent_wav(), OPTIONS)
    with pytest.raises(EngineUnavailableError, match="Install it"):
        await missing.transcribe(silent_wav(), OPTIONS)


@pytest.mark.parametrize(("minutes", "transcribed", "notices"), [(31, 1800, 1), (30, 1800, 0), (1, 60, 0)])
async def test_of_a_long_recording_the_first_half_hour_is_transcribed_and_the_reader_told(
    make_worker: MakeWorker, minutes: int, transcribed: int, notices: int
) -> None:
    transcript = await make_worker("echo").transcribe(flac_of_silence(minutes), OPTIONS)
    assert transcript.text
    assert transcript.duration_seconds == transcribed
    assert transcript.notice.count("only the first 30 minutes were transcribed") == notices


@pytest.mark.parametrize("recording", [b"", wav(np.zeros(0))], ids=["no bytes", "a header"])
async def test_an_empty_recording_is_one_without_speech(make_worker: MakeWorker, recording: bytes) -> None:
    transcript = await make_worker("echo").transcribe(recording, OPTIONS)
    assert (transcript.text, transcript.duration_seconds) == ("", 0)
    assert "empty recording" in transcript.notice


@pytest.mark.parametrize("engine", ["crash_once", "bug_once", "break_once", "break_on_gpu"])
async def test_a_message_whose_worker_died_is_retried_once(make_worker: MakeWorker, engine: str) -> None:
    transcript = await make_worker(engine).transcribe(silent_wav(), OPTIONS)
    assert transcript.text == "Ayşe|"


async def test_a_message_that_always_kills_its_worker_is_reported(make_worker: MakeWorker) -> None:
    with pytest.raises(EngineFailedError, match="stopped twice"):
        await make_worker("crash").transcribe(silent_wav(), OPTIONS)


@pytest.mark.parametrize("at_once", [1, 2])
async def test_cancelling_ends_a_worker_that_does_not_stop_and_the_next_call_starts_another(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("vm_mcp.asr.worker_client.CANCEL_SECONDS", 0.01)
    transcriber = make_worker("hang_once", at_once=at_once)
    task = await hanging_call(transcriber)
    worker = transcriber._worker
    assert worker
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(30):
        assert await worker.wait() != 0
    assert (await transcriber.transcribe(silent_wav(), OPTIONS)).engine != str(worker.pid)


async def test_cancelling_stops_one_message_of_a_worker_and_no_other(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.asr.worker_client.CANCEL_SECONDS", 30)
    transcriber = make_worker("watch_turn", at_once=2)
    cancelled = await hanging_call(transcriber)
    other = await hanging_call(transcriber)
    worker = transcriber._worker
    assert worker
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    await worker.ask({"type": "prepare", "may_download": False})  # answered after the cancelled one
    assert worker.is_alive
    assert not worker._cancelled
    other.cancel()


async def test_a_worker_is_told_whether_somebody_waits(make_worker: MakeWorker) -> None:
    transcriber, demand, reached = make_worker("watch_turn", at_once=2), Demand(), asyncio.Event()
    call = asyncio.ensure_future(transcriber.transcribe(silent_wav(), OPTIONS, lambda _: reached.set(), demand))
    await reached.wait()
    demand.is_waited_for = False
    assert (await call).text == "nobody waits"


async def test_the_worker_finishes_a_cancelled_call_and_the_next_call_gets_its_transcripts(
    make_worker: MakeWorker,
    simulator: Simulator,
    settings_for: MakeSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vm_mcp.inbox.jobs.PROGRESS_SECONDS", 0.01)
    monkeypatch.setattr("vm_mcp.inbox.opening.UNPROVEN", 8)  # as if the engine had already worked
    transcriber, reached = make_worker("slow", at_once=8), asyncio.Event()
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


async def test_cancelling_a_queued_call_affects_no_other(make_worker: MakeWorker) -> None:
    transcriber = make_worker("echo")
    first = asyncio.ensure_future(transcriber.transcribe(silent_wav(), OPTIONS))
    second = asyncio.ensure_future(transcriber.transcribe(silent_wav(), OPTIONS))
    await asyncio.wait([second], timeout=0)
    second.cancel()
    assert (await first).text == "Ayşe|"


async def test_messages_are_transcribed_side_by_side(make_worker: MakeWorker) -> None:
    transcriber, reached = make_worker("meet", at_once=2), list[float]()
    await asyncio.gather(*(transcriber.transcribe(silent_wav(), OPTIONS, reached.append) for _ in range(2)))
    assert reached == [0.5, 0.5], "each message waited for the other in the engine"


async def test_a_message_starts_again_when_another_is_cancelled(make_worker: MakeWorker) -> None:
    transcriber = make_worker("hang_once", at_once=2)
    cancelled = await hanging_call(transcriber)
    other = asyncio.ensure_future(transcriber.transcribe(silent_wav(), OPTIONS))
    await asyncio.wait([other], timeout=0)
    cancelled.cancel()
    assert (await other).text == "Ayşe|"


@pytest.mark.parametrize("engine", ["crash_when_asked", "break_when_asked"])
async def test_a_message_that_kills_its_worker_fails_alone(make_worker: MakeWorker, engine: str) -> None:
    transcriber = make_worker(engine, at_once=2)
    deadly = TranscribeOptions(caller_name="deadly")
    outcomes = await asyncio.gather(
        transcriber.transcribe(silent_wav(), deadly),
        transcriber.transcribe(silent_wav(), OPTIONS),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], EngineFailedError)
    assert not isinstance(outcomes[1], BaseException)
    assert (await transcriber.transcribe(silent_wav(), OPTIONS)).text == "Ayşe|"


async def test_after_a_failure_no_message_goes_to_an_engine_that_stays_broken(make_worker: MakeWorker) -> None:
    transcriber = make_worker("break_once", at_once=3)
    transcripts = await asyncio.gather(*(transcriber.transcribe(silent_wav(), OPTIONS) for _ in range(5)))
    assert [transcript.text for transcript in transcripts] == ["Ayşe|"] * 5


async def test_workers_do_without_a_gpu_that_failed_in_an_earlier_one(make_worker: MakeWorker) -> None:
    transcriber = make_worker("break_on_gpu")
    await transcriber.transcribe(silent_wav(), OPTIONS)
    pids = {(await transcriber.transcribe(silent_wav(), OPTIONS)).engine for _ in range(2)}
    assert len(pids) == 1, "the second message failed nowhere"


async def test_an_unexpected_error_in_any_thread_ends_the_worker_and_not_only_the_thread(
    make_worker: MakeWorker,
) -> None:
    transcriber = make_worker("bug_once", at_once=3)
    transcripts = await asyncio.gather(*(transcriber.transcribe(silent_wav(), OPTIONS) for _ in range(3)))
    assert [transcript.text for transcript in transcripts] == ["Ayşe|"] * 3


async def test_a_worker_that_hangs_is_killed_and_its_message_retried_once(make_worker: MakeWorker) -> None:
    transcriber = make_worker("hang_once", silent_seconds=3.0)
    assert (await transcriber.transcribe(silent_wav(), OPTIONS)).text == "Ayşe|"


async def test_an_idle_worker_ends_and_the_next_message_starts_another(make_worker: MakeWorker) -> None:
    transcriber = make_worker("echo", idle_seconds=0.0)
    first = await transcriber.transcribe(silent_wav(), OPTIONS)
    worker = transcriber._worker
    assert worker
    async with asyncio.timeout(5):
        await worker.wait()
    assert worker.is_over
    assert (await transcriber.transcribe(silent_wav(2), OPTIONS)).engine != first.engine


async def test_the_same_recording_is_transcribed_once(make_worker: MakeWorker) -> None:
    transcriber, reached = make_worker("echo"), list[float]()
    first = await transcriber.transcribe(silent_wav(), OPTIONS, reached.append)
    assert await transcriber.transcribe(silent_wav(), OPTIONS, reached.append) == first
    assert len(reached) == 1
    for other, options in ((silent_wav(2), OPTIONS), (silent_wav(), TranscribeOptions(caller_name="Başka"))):
        await transcriber.transcribe(other, options, reached.append)
    assert len(reached) == 3


async def test_closing_takes_less_than_a_second_in_the_middle_of_a_message(make_worker: MakeWorker) -> None:
    transcriber = make_worker("hang_once")
    running = await hanging_call(transcriber)
    worker = transcriber._worker
    waiting = asyncio.ensure_future(transcriber.transcribe(silent_wav(), OPTIONS))
    started = time.monotonic()
    await transcriber.aclose()
    assert time.monotonic() - started < 1
    assert worker
    assert worker.is_over
    for call in (running, waiting, transcriber.transcribe(silent_wav(), OPTIONS)):
        with pytest.raises(TranscriptionError, match="stopping"):
            await call


PARENT = """
import asyncio, sys
from pathlib import Path
from vm_mcp.asr.transcriber import EngineSettings, TranscribeOptions
from vm_mcp.asr.worker_client import WorkerTranscriber

settings = EngineSettings(model="base", languages=("tr",), device="cpu", data_dir=Path(sys.argv[1]))
transcriber = WorkerTranscriber(settings, "support.scripted_engines:" + sys.argv[2])
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
    process.stdin.write(silent_wav())
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


def test_the_voice_detector_sends_no_telemetry(tmp_path: Path) -> None:
    """By default onnxruntime keeps an id of the device and events in the home folder, and sends them when it can."""
    code = "import numpy as np; from vm_mcp.asr.voice_activity import find_speech; find_speech(np.zeros(16_000, 'f4'))"
    homes = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=os.environ | _environment() | homes, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
