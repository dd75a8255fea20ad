"""Recordings that are empty, or in no known format: each is retrieved once, and nobody loses one."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import Connect, MakeSettings
from mcp_types import CallToolResult
from support.sounds import wav
from support.worker_calls import MakeWorker

from vm_mcp.inbox import Inbox
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.voicebank import load_voices

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]
pytest_plugins = ["support.engine_fixtures"]

UNKNOWN = b"\xd5\x55\xd4\x54\x80\0" * 4_000
"""As telephones send A-law, without any header."""

SetRecording = Callable[[bytes], str]


@pytest.fixture
def set_recording(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetRecording:
    """Give the first message another recording, and return its uuid."""

    def set_it(data: bytes) -> str:
        message = simulator.scenario.messages[0]
        file = tmp_path / "recording.wav"
        file.write_bytes(data)
        monkeypatch.setitem(load_voices(), message.voice, replace(message.recording, path=file))
        return message.uuid

    return set_it


@pytest.fixture
async def inbox(simulator: Simulator, settings_for: MakeSettings, make_worker: MakeWorker) -> AsyncIterator[Inbox]:
    opened = Inbox(settings_for(simulator), make_worker("echo"))
    yield opened
    await opened.aclose()


def fetches(simulator: Simulator) -> int:
    return sum(record.method == "POST" for record in simulator.requests)


@pytest.mark.parametrize("recording", [b"", wav(np.zeros(0))], ids=["no bytes", "a header"])
async def test_an_empty_recording_is_no_speech_and_retrieved_only_once(
    inbox: Inbox, simulator: Simulator, set_recording: SetRecording, recording: bytes
) -> None:
    uuid = set_recording(recording)
    for _ in range(2):
        [entry] = await inbox.transcribing.transcribe([uuid])
        assert (entry.status, entry.error) == ("no_speech", "")
        assert entry.transcript
        assert "empty recording" in entry.transcript.notice
    assert fetches(simulator) == 1
    [kept] = await inbox.history.look_up([uuid])
    assert kept.status == "no_speech"


async def test_damaged_audio_stays_a_failure(inbox: Inbox, set_recording: SetRecording) -> None:
    [entry] = await inbox.transcribing.transcribe([set_recording(b"fLaC\0\0\0\x22" + UNKNOWN)])
    assert entry.status == "failed"
    assert "damaged" in entry.error


async def test_what_can_not_be_transcribed_says_how_to_listen_to_it(inbox: Inbox, set_recording: SetRecording) -> None:
    [entry] = await inbox.transcribing.transcribe([set_recording(UNKNOWN)])
    assert entry.status == "failed"
    assert "get_recording, delivery `file`" in entry.error


async def test_a_recording_in_an_unknown_format_is_saved_as_it_is(
    connect: Connect,
    settings_for: MakeSettings,
    simulator: Simulator,
    set_recording: SetRecording,
    tmp_path: Path,
) -> None:
    uuid = set_recording(UNKNOWN)
    async with connect(settings_for(simulator, download_dir=tmp_path / "saved")) as client:
        saved = await client.call_tool("get_recording", {"uuid": uuid, "delivery": "file"})
        inline = await client.call_tool("get_recording", {"uuid": uuid, "delivery": "inline"})
    assert isinstance(saved, CallToolResult)
    assert saved.structured_content
    assert saved.structured_content["mime_type"] == "application/octet-stream"
    path = Path(saved.structured_content["path"])
    assert path.suffix == ".bin"
    assert path.read_bytes() == UNKNOWN
    assert inline.is_error
    assert "delivery `file`" in str(inline.content)


@pytest.mark.parametrize("page", ["<html><body>Bakım çalışması</body></html>", "Kayıt şu anda hazırlanıyor.\n" * 40])
async def test_a_page_in_place_of_a_recording_is_not_saved(
    inbox: Inbox, set_recording: SetRecording, page: str
) -> None:
    for encoding in ("utf-8", "iso-8859-9"):
        [entry] = await inbox.transcribing.transcribe([set_recording(page.encode(encoding))])
        assert entry.status == "failed"
        assert "no audio" in entry.error
