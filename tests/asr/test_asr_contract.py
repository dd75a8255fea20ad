"""What all engines have in common."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stamina
from support.sounds import wav
from support.speech_api import SpeechApi, voice

from vm_mcp.asr import TranscribeOptions, Transcriber, open_transcriber, openai_whisper
from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.asr.worker_client import WorkerTranscriber
from vm_mcp.config import Settings
from vm_mcp.errors import AudioDecodeError, ConfigError, EngineUnavailableError, TranscriptionError
from vm_mcp.text import fold_words

pytestmark = pytest.mark.anyio
pytest_plugins = ["support.engine_fixtures"]

ENGINES = [
    pytest.param("faster-whisper", marks=pytest.mark.model),
    pytest.param("openai-whisper", marks=pytest.mark.model),
    "remote",
]
ANY = TranscribeOptions()
EMPTY_WAV = wav(np.zeros(0))


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def api() -> Iterator[SpeechApi]:
    with SpeechApi() as api:
        yield api


@pytest.fixture(scope="module", params=ENGINES)
def settings(request: pytest.FixtureRequest, data_dir: Path) -> Settings:
    given: dict[str, Any] = {"engine": request.param, "data_dir": data_dir, "device": "cpu"}
    if request.param == "remote":
        return Settings(remote_url=request.getfixturevalue("api").url, **given)
    weights = request.getfixturevalue("checkpoint") if request.param == "openai-whisper" else "base"
    return Settings(model=str(weights), **given)


@pytest.fixture(scope="module")
async def engine(settings: Settings) -> AsyncIterator[Transcriber]:
    transcriber = open_transcriber(settings)
    yield transcriber
    await transcriber.aclose()


async def test_speech_becomes_text_in_order_within_the_recording(engine: Transcriber, settings: Settings) -> None:
    fractions = list[float]()
    transcript = await engine.transcribe(voice("en01_callback"), ANY, fractions.append)
    assert "please call me back" in fold_words(transcript.text)
    assert (transcript.language, transcript.engine) == ("en", settings.engine)
    assert "base" in transcript.model
    times = [moment for segment in transcript.segments for moment in (segment.start_seconds, segment.end_seconds)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= transcript.duration_seconds + 0.01
    assert transcript.duration_seconds == pytest.approx(8.3, abs=0.1)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


@pytest.mark.parametrize("asked", ["", "tr"])
async def test_the_language_is_the_requested_or_the_detected_one(engine: Transcriber, asked: str) -> None:
    transcript = await engine.transcribe(voice("tr01_randevu"), TranscribeOptions(language=asked))
    assert transcript.language == "tr"
    assert "randevumu" in fold_words(transcript.text)


async def test_no_text_without_speech_in_any_engine(engine: Transcriber) -> None:
    transcript = await engine.transcribe(voice("sil1_noise"), ANY)
    assert (transcript.segments, transcript.text, transcript.language) == ((), "", "")
    assert transcript.duration_seconds == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("data", [b"", EMPTY_WAV], ids=["no bytes", "a header"])
async def test_an_empty_recording_is_one_without_speech_in_any_engine(engine: Transcriber, data: bytes) -> None:
    transcript = await engine.transcribe(data, ANY)
    assert (transcript.segments, transcript.language, transcript.duration_seconds) == ((), "", 0)
    assert "empty recording" in transcript.notice


@pytest.mark.parametrize("data", [b"<html>Not found</html>", bytes(5_000)])
async def test_bytes_that_are_not_audio_are_refused(engine: Transcriber, data: bytes) -> None:
    with pytest.raises(AudioDecodeError, match="Save it with get_recording"):
        await engine.transcribe(data, ANY)


async def test_preparing_again_changes_nothing(engine: Transcriber) -> None:
    await asyncio.gather(engine.prepare(), engine.prepare())
    await engine.prepare()


async def test_a_cancelled_call_leaves_the_engine_usable(engine: Transcriber) -> None:
    await engine.prepare()
    options = TranscribeOptions(caller_name="Nobody before")  # what was transcribed already is only looked up
    task = asyncio.ensure_future(engine.transcribe(voice("tr01_randevu"), options))
    await asyncio.wait([task], timeout=0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await engine.transcribe(voice("en01_callback"), ANY)).text


async def test_after_closing_any_number_of_times_calls_raise(settings: Settings) -> None:
    transcriber = open_transcriber(settings)
    await transcriber.aclose()
    await transcriber.aclose()
    for call in (transcriber.transcribe(voice("en01_callback"), ANY), transcriber.prepare()):
        with pytest.raises(TranscriptionError, match="stopping"):
            await call


async def test_an_engine_that_cannot_work_says_what_to_do_before_a_recording_is_retrieved(
    settings: Settings, tmp_path: Path
) -> None:
    broken = settings.model_copy(update={"model": str(tmp_path / "nowhere"), "remote_url": "http://127.0.0.1:9"})
    transcriber = open_transcriber(broken)
    with stamina.set_testing(True, attempts=5, cap=True):  # no pause between the tries
        for _ in range(2):
            with pytest.raises(EngineUnavailableError, match=r"VM_MCP_(MODEL|REMOTE_URL)"):
                await transcriber.prepare()
    await transcriber.aclose()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Choose which modules can be found."""

    def only(*names: str) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in names else None)

    return only


def test_without_the_voice_detector_an_empty_recording_has_no_window_either(installed: Callable[..., None]) -> None:
    installed("whisper")
    assert openai_whisper._find_speech(np.zeros(0, np.float32)) == []
    assert len(openai_whisper._find_speech(np.zeros(1, np.float32))) == 1


@pytest.mark.parametrize(
    ("modules", "factory"),
    [
        (("faster_whisper", "whisper"), "vm_mcp.asr.faster_whisper:load"),
        (("whisper",), "vm_mcp.asr.openai_whisper:load"),
    ],
)
async def test_auto_uses_the_first_engine_that_is_installed(
    modules: tuple[str, ...], factory: str, installed: Callable[..., None], tmp_path: Path
) -> None:
    installed(*modules)
    transcriber = open_transcriber(Settings(data_dir=tmp_path))
    assert isinstance(transcriber, WorkerTranscriber)
    assert transcriber._factory == factory


async def test_auto_uses_the_speech_server_if_one_is_set(installed: Callable[..., None], tmp_path: Path) -> None:
    installed("faster_whisper", "whisper")
    there = Settings(data_dir=tmp_path, remote_url="http://gpu.lan")
    assert isinstance(open_transcriber(there), RemoteTranscriber)
    here = there.model_copy(update={"engine": "faster-whisper"})
    assert isinstance(open_transcriber(here), WorkerTranscriber)


@pytest.mark.parametrize(
    ("engine", "advice"),
    [
        ("auto", r"vm-mcp\[whisper\]"),
        ("faster-whisper", r"vm-mcp\[whisper\]"),
        ("openai-whisper", r"vm-mcp\[openai-whisper\]"),
        ("remote", "VM_MCP_REMOTE_URL"),
        ("none", "VM_MCP_ENGINE"),
    ],
)
async def test_a_missing_engine_says_what_to_do(
    engine: Any,  # noqa: ANN401 - one of the setting's
    advice: str,
    installed: Callable[..., None],
    tmp_path: Path,
) -> None:
    installed()
    transcriber = open_transcriber(Settings(engine=engine, data_dir=tmp_path))
    for call in (transcriber.prepare(), transcriber.transcribe(voice("en01_callback"), ANY)):
        with pytest.raises(EngineUnavailableError, match=advice):
            await call
    await transcriber.aclose()


async def test_an_address_that_must_not_get_recordings_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VM_MCP_REMOTE_URL"):
        open_transcriber(Settings(remote_url="http://speech.example.com", data_dir=tmp_path))
