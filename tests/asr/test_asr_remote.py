"""What is sent to a speech server, what is made of its answers, and what of its failures."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from support.speech_api import MANIFEST, SpeechApi, voice
from support.tls_servers import answering, certificate, leave_surroundings, listening

from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.remote import RemoteTranscriber, remote_transcriber
from vm_mcp.asr.remote.endpoint import api_base
from vm_mcp.asr.remote.speech_server import ATTEMPTS
from vm_mcp.asr.remote.transcription_response import UNKNOWN_LOGPROB, parse_heard, parse_models
from vm_mcp.asr.whisper_languages import language_code
from vm_mcp.errors import ConfigError, EngineUnavailableError, TranscriptionError, VmError
from vm_mcp.models import Transcript

pytestmark = pytest.mark.anyio
pytest_plugins = ["support.engine_fixtures"]

KEY = "sk-0123456789abcdef"
ANY = TranscribeOptions(caller_name="Ayşe Yılmaz")
RECORDING = voice("tr01_randevu")

Make = Callable[..., RemoteTranscriber]


@pytest.fixture(autouse=True)
def no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@pytest.fixture
async def make(speech_api: SpeechApi) -> AsyncIterator[Make]:
    made = []

    def connect(
        url: str = "", *, key: str = "", model: str = "", languages: tuple[str, ...] = ("tr", "en")
    ) -> RemoteTranscriber:
        made.append(RemoteTranscriber(url or speech_api.url, SecretStr(key), model, languages))
        return made[-1]

    yield connect
    for remote in made:
        await remote.aclose()


async def heard(make: Make, speech_api: SpeechApi, answer: dict[str, Any]) -> Transcript:
    speech_api.answer = answer
    return await make().transcribe(RECORDING, ANY)


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
async def test_a_recording_is_sent_as_the_api_describes(make: Make, speech_api: SpeechApi, suffix: str) -> None:
    speech_api.key = KEY
    transcript = await make(speech_api.url + suffix, key=KEY).transcribe(RECORDING, ANY)
    assert transcript.text == MANIFEST["tr01_randevu"]["text"]
    assert (transcript.engine, transcript.model) == ("remote", "openai/whisper-base")
    assert speech_api.asked == [
        {"model": "openai/whisper-base", "response_format": "verbose_json", "temperature": "0", "file": "10.5 s"}
    ]


@pytest.mark.parametrize("name", ["en03_dentist", "en01_callback"])
async def test_every_format_reaches_the_server_as_what_it_is(make: Make, name: str) -> None:
    assert (await make().transcribe(voice(name), ANY)).text == MANIFEST[name]["text"]


async def test_the_language_asked_for_is_passed_on(make: Make, speech_api: SpeechApi) -> None:
    transcript = await make().transcribe(RECORDING, TranscribeOptions(language="en"))
    assert transcript.language == "en"
    assert [fields["language"] for fields in speech_api.asked] == ["en"]


async def test_an_accounts_only_language_is_not_guessed(make: Make, speech_api: SpeechApi) -> None:
    await make(languages=("tr",)).transcribe(RECORDING, ANY)
    assert [fields.get("language") for fields in speech_api.asked] == ["tr"]


async def test_a_language_nobody_speaks_here_is_asked_again_as_the_first(make: Make, speech_api: SpeechApi) -> None:
    speech_api.detects = "nn"
    transcript = await make().transcribe(RECORDING, ANY)
    assert transcript.language == "tr"
    assert [fields.get("language") for fields in speech_api.asked] == [None, "tr"]


async def test_a_server_without_details_gives_the_text_alone_and_is_not_asked_for_more(
    make: Make, speech_api: SpeechApi
) -> None:
    speech_api.is_verbose = False
    remote = make()
    await remote.prepare()
    transcript = await remote.transcribe(RECORDING, ANY)
    assert transcript.text == MANIFEST["tr01_randevu"]["text"]
    assert transcript.segments[0].avg_logprob == UNKNOWN_LOGPROB
    assert [fields["response_format"] for fields in speech_api.asked] == ["json"]


async def test_answers_may_lack_nearly_everything(make: Make, speech_api: SpeechApi) -> None:
    bare = await heard(make, speech_api, {"text": " Merhaba. ", "language": "unknown", "segments": None})
    assert (bare.text, bare.language, bare.duration_seconds) == ("Merhaba.", "", 0)
    odd = await heard(make, speech_api, {"segments": [{"text": "Alo", "end": "2.5"}, {"start": 3}, {"text": "Evet"}]})
    assert (odd.text, odd.duration_seconds) == ("Alo Evet", 2.5)


async def test_text_is_one_line_without_control_characters_and_of_bounded_length(
    make: Make, speech_api: SpeechApi
) -> None:
    transcript = await heard(make, speech_api, {"text": "Alo\x1b[31m\n\u202eabc\u200b" + " ı" * 200_000})
    assert transcript.text.startswith("Alo abc ı ı")
    assert transcript.text.isprintable()
    assert len(transcript.text) <= 100_000


async def test_credits_that_nobody_spoke_stay_out(make: Make, speech_api: SpeechApi) -> None:
    segments = [
        {"text": "Altyazı M.K.", "start": 0, "end": 1, "avg_logprob": -0.1},
        {"text": "İzlediğiniz için teşekkür ederim.", "start": 1, "end": 2},
        {"text": "Teşekkür ederim.", "start": 2, "end": 3},
    ]
    assert (await heard(make, speech_api, {"text": "", "segments": segments})).text == "Teşekkür ederim."


async def test_before_a_message_is_opened_a_second_of_silence_goes_the_whole_way(
    make: Make, speech_api: SpeechApi
) -> None:
    remote = make()
    await remote.prepare()
    await remote.prepare()
    await remote.transcribe(RECORDING, ANY)
    await remote.prepare()
    assert [request.path for request in speech_api.requests] == ["models", "transcriptions", "transcriptions"]


async def test_a_server_not_heard_of_for_a_while_is_asked_whether_it_is_there(
    make: Make, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_transcriber, "FRESH_SECONDS", -1)
    remote = make()
    await remote.prepare()
    await remote.prepare()
    assert [request.path for request in speech_api.requests] == ["models", "transcriptions", "models"]


async def test_a_server_that_lists_no_models_is_ready_all_the_same(make: Make, speech_api: SpeechApi) -> None:
    speech_api.lists_models = False
    await make(model="openai/whisper-base").prepare()
    with pytest.raises(EngineUnavailableError, match="VM_MCP_MODEL"):
        await make().prepare()


async def test_the_model_is_the_one_set_else_the_only_whisper(make: Make, speech_api: SpeechApi) -> None:
    speech_api.models = ["qwen", "openai/whisper-large-v3"]
    assert (await make().transcribe(RECORDING, ANY)).model == "openai/whisper-large-v3"
    assert (await make(model="qwen").transcribe(RECORDING, ANY)).model == "qwen"
    speech_api.models.append("whisper-1")
    with pytest.raises(EngineUnavailableError, match="VM_MCP_MODEL"):
        await make().prepare()


async def test_a_silence_that_the_server_refuses_is_no_reason_to_do_nothing(make: Make, speech_api: SpeechApi) -> None:
    speech_api.faults.extend([400, 400])
    await make().prepare()


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"key": "sk-other"}, "VM_MCP_REMOTE_API_KEY"),
        ({"model": "whisper-9"}, "VM_MCP_MODEL"),
        ({"url": "{}/speech"}, "VM_MCP_REMOTE_URL"),
    ],
)
async def test_what_is_set_wrong_shows_before_a_message_is_opened(
    make: Make, speech_api: SpeechApi, changes: dict[str, str], advice: str
) -> None:
    speech_api.key = KEY
    given = {"key": KEY, "model": "openai/whisper-base", **changes}
    with pytest.raises(EngineUnavailableError, match=advice):
        await make(**{name: value.format(speech_api.url) for name, value in given.items()}).prepare()


async def test_a_server_that_is_not_there_shows_before_a_message_is_opened(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(EngineUnavailableError, match="VM_MCP_REMOTE_URL"):
        await make(f"http://127.0.0.1:{port}").prepare()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS_PROXY", "ftp://me:geheim@proxy.example"),
        ("ALL_PROXY", "socks5://me:geheim@proxy.example"),
        ("SSL_CERT_FILE", "/nowhere/geheim.pem"),
    ],
)
async def test_surroundings_that_no_connection_can_use_are_a_clear_error(
    make: Make, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    leave_surroundings(monkeypatch)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        await make("https://speech.example").prepare()
    assert "geheim" not in _chain(caught.value)


async def test_a_certificate_of_ones_own_is_trusted_on_this_computer_too(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, context = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with listening(answering(b'{"data": [{"id": "whisper-1"}], "text": "Alo"}'), context) as port:
        assert (await make(f"https://localhost:{port}").transcribe(RECORDING, ANY)).text == "Alo"


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_failure_that_passes_goes_unnoticed(make: Make, speech_api: SpeechApi, status: int) -> None:
    speech_api.faults.append(status)
    assert (await make().transcribe(RECORDING, ANY)).text
    assert len(speech_api.asked) == 2


@pytest.mark.parametrize(
    ("fault", "attempts", "advice"),
    [
        (500, ATTEMPTS, "its log"),
        (429, ATTEMPTS, "overloaded"),
        (413, 1, "web console"),
        (400, 2, "web console"),
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
async def test_a_failure_that_stays_is_told_with_what_to_do_and_nothing_of_the_answer(
    make: Make,
    speech_api: SpeechApi,
    fault: int | str,
    attempts: int,
    advice: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    speech_api.key = KEY
    remote = make(key=KEY, model="openai/whisper-base")
    speech_api.faults.extend([fault] * attempts)
    with pytest.raises(TranscriptionError, match=advice) as caught:
        await remote.transcribe(RECORDING, ANY)
    assert len(speech_api.asked) == attempts
    told = f"{_chain(caught.value)} {remote!r} {caplog.text}"
    assert [secret for secret in (KEY, "vendor", "sk-secret", speech_api.url) if secret in told] == []
    assert (await remote.transcribe(RECORDING, ANY)).text


def _chain(error: BaseException | None) -> str:
    return f"{error!r} {_chain(error.__cause__ or error.__context__)}" if error else ""


async def test_after_a_failure_the_server_is_tried_out_again(make: Make, speech_api: SpeechApi) -> None:
    remote = make()
    await remote.prepare()
    speech_api.key = "changed"
    with pytest.raises(EngineUnavailableError):
        await remote.transcribe(RECORDING, ANY)
    with pytest.raises(EngineUnavailableError, match="VM_MCP_REMOTE_API_KEY"):
        await remote.prepare()


async def test_a_server_that_never_answers_is_given_up_after_the_recordings_budget(
    make: Make, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_transcriber, "_QUEUE_SECONDS", 0.3)
    monkeypatch.setattr(remote_transcriber, "_BYTES_A_SECOND", 10_000_000)
    speech_api.faults.append("hang")
    remote = make(model="openai/whisper-base")
    with pytest.raises(TranscriptionError, match="too long"):
        await remote.transcribe(RECORDING, ANY)
    assert len(speech_api.asked) == 1


async def _hanging(remote: RemoteTranscriber, speech_api: SpeechApi) -> "asyncio.Task[Transcript]":
    """A call that the server is working on, and never answers."""
    speech_api.faults.append("hang")
    task = asyncio.ensure_future(remote.transcribe(RECORDING, ANY))
    assert await asyncio.to_thread(speech_api.hanging.wait, 10)
    return task


async def test_cancelling_hangs_up_and_the_next_call_works(make: Make, speech_api: SpeechApi) -> None:
    remote = make()
    task = await _hanging(remote, speech_api)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await remote.transcribe(RECORDING, ANY)).text


async def test_closing_ends_what_is_in_flight(make: Make, speech_api: SpeechApi) -> None:
    remote = make()
    task = await _hanging(remote, speech_api)
    await remote.aclose()
    with pytest.raises(TranscriptionError, match="stopping"):
        await task


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://speech.example.com", "https://speech.example.com/v1"),
        ("https://speech.example.com/v1/", "https://speech.example.com/v1"),
        ("https://example.com:8443/speech/v1", "https://example.com:8443/speech/v1"),
        (" http://localhost:8000 ", "http://localhost:8000/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
        ("http://192.168.1.20", "http://192.168.1.20/v1"),
        ("http://10.0.0.5:8000", "http://10.0.0.5:8000/v1"),
        ("http://100.100.1.2", "http://100.100.1.2/v1"),
        ("http://[fd00::5]", "http://[fd00::5]/v1"),
        ("http://gpu:8000", "http://gpu:8000/v1"),
        ("http://GPU.local", "http://GPU.local/v1"),
        ("http://gpu.lan", "http://gpu.lan/v1"),
    ],
)
def test_an_address_may_be_https_or_near(url: str, base: str) -> None:
    assert api_base(url) == base


@pytest.mark.parametrize(
    "url",
    [
        *("http://speech.example.com", "http://8.8.8.8", "http://134744072", "http://0x08080808"),
        *("http://[2606:4700::1]", "http://[::ffff:8.8.8.8]", "http://lan.example.com", "http://gpu.lan.example"),
        *("ftp://gpu.lan", "gpu.lan:8000", "", "https://", "https://user:secret@example.com", "http://gpu lan"),
        *("https://example.com/v1?key=secret", "https://example.com/#v1", "http://gpu:port", "http://[::1"),
        *("https://example.com\x00", "https://bücher.example"),
    ],
)
def test_any_other_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="VM_MCP_REMOTE_URL") as caught:
        api_base(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["şifre", "a\nb", "a\x7f"])
def test_a_key_that_no_header_can_hold_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(ConfigError, match="VM_MCP_REMOTE_API_KEY") as caught:
        RemoteTranscriber("https://example.com", SecretStr(key), "", ("tr",))
    assert key not in _chain(caught.value)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("turkish", "tr"), ("Turkish ", "tr"), ("tr", "tr"), ("TR", "tr"), ("tr-TR", "tr"), ("en_US", "en")),
        *(("haitian creole", "ht"), ("unknown", ""), ("", ""), ("xx", "")),
    ],
)
def test_languages_go_by_many_names(name: str, code: str) -> None:
    assert language_code(name) == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("text", "language", "duration", "segments", "start", "end", "avg_logprob", "no_speech_prob")
SHAPED = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_server_answers_is_a_transcription_or_our_error(body: bytes) -> None:
    try:
        heard = parse_heard(body)
    except VmError:
        return
    finally:
        assert isinstance(parse_models(body), list)
    assert isinstance(heard.spoken(), tuple)


@given(SHAPED, st.lists(SHAPED, max_size=3))
def test_segments_are_sound_whatever_the_numbers(answer: dict[str, Any], segments: list[dict[str, Any]]) -> None:
    heard = parse_heard(json.dumps({"text": "", **answer, "segments": segments}).encode())
    for segment in heard.spoken():
        assert 0 <= segment.start_seconds <= segment.end_seconds
        assert segment.text.isprintable()
        assert segment.avg_logprob <= 0 <= segment.no_speech_prob <= 1


@pytest.mark.timeout(30)
def test_an_answer_of_a_hundred_thousand_segments_is_read_in_time() -> None:
    segments = [{"text": "a", "start": 0, "end": 1}] * 100_000
    assert len(parse_heard(json.dumps({"segments": segments}).encode()).spoken()) == 100_000
