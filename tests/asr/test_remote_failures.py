"""What becomes of a speech server's failures, of wrong settings for it, and of calls that are cancelled."""

import asyncio
import logging
import socket
from pathlib import Path

import pytest
from support.speech_api import MakeRemote, SpeechApi, voice
from support.tls_servers import answering, certificate, leave_surroundings, listening

from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.remote import RemoteTranscriber, conversation
from vm_mcp.asr.remote.speech_server import ATTEMPTS
from vm_mcp.errors import ConfigError, EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Transcript

pytestmark = pytest.mark.anyio
pytest_plugins = ["support.engine_fixtures"]

KEY = "sk-0123456789abcdef"
ANY = TranscribeOptions(caller_name="Ayşe Yılmaz")
RECORDING = voice("tr01_randevu")


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"key": "sk-other"}, "VM_MCP_REMOTE_API_KEY"),
        ({"model": "whisper-9"}, "VM_MCP_MODEL"),
        ({"url": "{}/speech"}, "VM_MCP_REMOTE_URL"),
    ],
)
async def test_a_wrong_setting_is_reported_before_a_recording_is_retrieved(
    make_remote: MakeRemote, speech_api: SpeechApi, changes: dict[str, str], advice: str
) -> None:
    speech_api.key = KEY
    settings = {"key": KEY, "model": "openai/whisper-base", **changes}
    with pytest.raises(EngineUnavailableError, match=advice):
        await make_remote(**{name: value.format(speech_api.url) for name, value in settings.items()}).prepare()


async def test_an_unreachable_server_is_reported_before_a_recording_is_retrieved(make_remote: MakeRemote) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(EngineUnavailableError, match="VM_MCP_REMOTE_URL"):
        await make_remote(f"http://127.0.0.1:{port}").prepare()


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_transient_failure_is_retried(make_remote: MakeRemote, speech_api: SpeechApi, status: int) -> None:
    speech_api.faults.append(status)
    assert (await make_remote().transcribe(RECORDING, ANY)).text
    assert len(speech_api.asked) == 2


@pytest.mark.parametrize(
    ("fault", "attempts", "advice"),
    [
        (500, 4 * ATTEMPTS, "server's log"),  # then as PCM, since A-law may be what it fails on
        (503, ATTEMPTS, "its log"),
        (429, ATTEMPTS, "overloaded"),
        (413, 1, "web console"),
        (400, 4, "web console"),  # with and without details, then as PCM
        (401, 1, "VM_MCP_REMOTE_API_KEY"),
        ("redirect", 1, "VM_MCP_REMOTE_URL"),
        ("huge", 1, "VM_MCP_REMOTE_URL"),
        ("bomb", 1, "garbled"),
        ("", 1, "VM_MCP_REMOTE_URL"),
        ("<html>Sign in</html>", 1, "VM_MCP_REMOTE_URL"),
        ("[" * 100_000, 1, "VM_MCP_REMOTE_URL"),
        ('{"error": "busy"}', 1, "VM_MCP_REMOTE_URL"),
    ],
)
async def test_a_lasting_failure_says_what_to_do_and_repeats_nothing_of_the_answer(
    make_remote: MakeRemote,
    speech_api: SpeechApi,
    fault: int | str,
    attempts: int,
    advice: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    speech_api.key = KEY
    remote = make_remote(key=KEY, model="openai/whisper-base")
    speech_api.faults.extend([fault] * attempts)
    with pytest.raises(TranscriptionError, match=advice) as caught:
        await remote.transcribe(RECORDING, ANY)
    assert len(speech_api.asked) == attempts
    shown = f"{_chain(caught.value)} {remote!r} {caplog.text}"
    assert [secret for secret in (KEY, "vendor", "sk-secret", speech_api.url) if secret in shown] == []
    assert (await remote.transcribe(RECORDING, ANY)).text


def _chain(error: BaseException | None) -> str:
    return f"{error!r} {_chain(error.__cause__ or error.__context__)}" if error else ""


async def test_a_server_that_fails_on_all_speech_is_broken_and_not_the_message(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.behaves_as = lambda _data, _fields: 500
    with pytest.raises(EngineFailedError, match="its log"):
        await make_remote(model="openai/whisper-base").transcribe(RECORDING, ANY)


async def test_after_a_failure_the_server_is_checked_again(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    remote = make_remote()
    await remote.prepare()
    speech_api.key = "changed"
    with pytest.raises(EngineUnavailableError):
        await remote.transcribe(RECORDING, ANY)
    with pytest.raises(EngineUnavailableError, match="VM_MCP_REMOTE_API_KEY"):
        await remote.prepare()


async def test_a_server_that_never_answers_is_given_up_after_the_budget(
    make_remote: MakeRemote, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "_QUEUE_SECONDS", 0.3)
    monkeypatch.setattr(conversation, "_BYTES_PER_SECOND", 10_000_000)
    speech_api.faults.append("hang")
    remote = make_remote(model="openai/whisper-base")
    with pytest.raises(TranscriptionError, match="too long"):
        await remote.transcribe(RECORDING, ANY)
    assert len(speech_api.asked) == 1


async def _hanging(remote: RemoteTranscriber, speech_api: SpeechApi) -> "asyncio.Task[Transcript]":
    """Return a call that has reached the server, which never answers."""
    speech_api.faults.append("hang")
    task = asyncio.ensure_future(remote.transcribe(RECORDING, ANY))
    assert await asyncio.to_thread(speech_api.hanging.wait, 10)
    return task


async def test_cancelling_closes_the_connection_and_the_next_call_works(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    remote = make_remote()
    task = await _hanging(remote, speech_api)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await remote.transcribe(RECORDING, ANY)).text


async def test_closing_ends_a_call_in_progress(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    remote = make_remote()
    task = await _hanging(remote, speech_api)
    await remote.aclose()
    with pytest.raises(TranscriptionError, match="stopping"):
        await task


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "ftp://me:geheim@proxy.example"),
        ("ALL_PROXY", "socks5://me:geheim@proxy.example"),
        ("SSL_CERT_FILE", "/nowhere/geheim.pem"),
    ],
)
async def test_surroundings_that_no_connection_can_use_are_a_clear_error(
    make_remote: MakeRemote, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    leave_surroundings(monkeypatch)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        await make_remote("https://speech.example").prepare()
    assert "geheim" not in _chain(caught.value)


async def test_a_certificate_of_ones_own_is_trusted_on_this_computer_too(
    make_remote: MakeRemote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, context = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with listening(answering(b'{"data": [{"id": "whisper-1"}], "text": "Alo"}'), context) as port:
        assert (await make_remote(f"https://localhost:{port}").transcribe(RECORDING, ANY)).text == "Alo"
