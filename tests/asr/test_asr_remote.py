"""What a speech server is sent, and what its answers become."""

from typing import Any

import pytest
from support.speech_api import MANIFEST, MakeRemote, SpeechApi, voice

from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.remote import remote_transcriber
from vm_mcp.asr.remote.transcription_response import UNKNOWN_LOGPROB
from vm_mcp.errors import EngineFailedError, EngineUnavailableError
from vm_mcp.models import Transcript

pytestmark = pytest.mark.anyio
pytest_plugins = ["support.engine_fixtures"]

KEY = "sk-0123456789abcdef"
ANY = TranscribeOptions(caller_name="Ayşe Yılmaz")
RECORDING = voice("tr01_randevu")


async def heard(make_remote: MakeRemote, speech_api: SpeechApi, answer: dict[str, Any]) -> Transcript:
    speech_api.answer = answer
    return await make_remote().transcribe(RECORDING, ANY)


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
async def test_a_recording_is_sent_as_the_api_describes(
    make_remote: MakeRemote, speech_api: SpeechApi, suffix: str
) -> None:
    speech_api.key = KEY
    transcript = await make_remote(speech_api.url + suffix, key=KEY).transcribe(RECORDING, ANY)
    assert transcript.text == MANIFEST["tr01_randevu"]["text"]
    assert (transcript.engine, transcript.model) == ("remote", "openai/whisper-base")
    assert speech_api.asked == [
        {"model": "openai/whisper-base", "response_format": "verbose_json", "temperature": "0", "file": "10.5 s"}
    ]


@pytest.mark.parametrize("name", ["en03_dentist", "en01_callback"])
async def test_every_format_is_sent_under_its_own_name_and_type(make_remote: MakeRemote, name: str) -> None:
    assert (await make_remote().transcribe(voice(name), ANY)).text == MANIFEST[name]["text"]


async def test_the_requested_language_is_sent(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    transcript = await make_remote().transcribe(RECORDING, TranscribeOptions(language="en"))
    assert transcript.language == "en"
    assert [fields["language"] for fields in speech_api.asked] == ["en"]


async def test_an_accounts_only_language_is_sent(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    await make_remote(languages=("tr",)).transcribe(RECORDING, ANY)
    assert [fields.get("language") for fields in speech_api.asked] == ["tr"]


async def test_if_no_caller_speaks_the_detected_language_the_first_is_requested(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.detects = "nn"
    transcript = await make_remote().transcribe(RECORDING, ANY)
    assert transcript.language == "tr"
    assert [fields.get("language") for fields in speech_api.asked] == [None, "tr"]


async def test_a_server_without_details_is_asked_for_them_only_once(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.is_verbose = False
    remote = make_remote()
    await remote.prepare()
    transcript = await remote.transcribe(RECORDING, ANY)
    assert transcript.text == MANIFEST["tr01_randevu"]["text"]
    assert transcript.segments[0].avg_logprob == UNKNOWN_LOGPROB
    await remote.transcribe(RECORDING, ANY)
    assert [fields["response_format"] for fields in speech_api.asked] == ["verbose_json", "json", "json"]


async def test_an_answer_needs_only_a_text(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    bare = await heard(make_remote, speech_api, {"text": " Merhaba. ", "language": "unknown", "segments": None})
    assert (bare.text, bare.language) == ("Merhaba.", "")
    assert (bare.duration_seconds, bare.segments[0].end_seconds) == (10.4975, 10.5)
    odd = await heard(
        make_remote, speech_api, {"segments": [{"text": "Alo", "end": "2.5"}, {"start": 3}, {"text": "Evet"}]}
    )
    assert (odd.text, odd.duration_seconds) == ("Alo Evet", 10.4975)


async def test_text_is_one_line_without_control_characters_and_of_bounded_length(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    transcript = await heard(make_remote, speech_api, {"text": "Alo\x1b[31m\n\u202eabc\u200b" + " ı" * 200_000})
    assert transcript.text.startswith("Alo abc ı ı")
    assert transcript.text.isprintable()
    assert len(transcript.text) <= 100_000


async def test_hallucinations_are_dropped(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    segments = [
        {"text": "Altyazı M.K.", "start": 0, "end": 1, "avg_logprob": -0.1},
        {"text": "İzlediğiniz için teşekkür ederim.", "start": 1, "end": 2},
        {"text": "Teşekkür ederim.", "start": 2, "end": 3},
    ]
    assert (await heard(make_remote, speech_api, {"text": "", "segments": segments})).text == "Teşekkür ederim."


async def test_a_greeting_is_transcribed_before_the_first_message(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    remote = make_remote()
    await remote.prepare()
    await remote.prepare()
    await remote.transcribe(RECORDING, ANY)
    await remote.prepare()
    assert [request.path for request in speech_api.requests] == ["models", "transcriptions", "transcriptions"]


async def test_a_server_is_checked_again_some_time_after_its_last_answer(
    make_remote: MakeRemote, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_transcriber, "FRESH_SECONDS", -1)
    remote = make_remote()
    await remote.prepare()
    await remote.prepare()
    assert [request.path for request in speech_api.requests] == ["models", "transcriptions", "models"]


async def test_a_server_without_a_list_of_models_is_ready_for_a_model_that_is_set(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.lists_models = False
    await make_remote(model="openai/whisper-base").prepare()
    with pytest.raises(EngineUnavailableError, match="VM_MCP_MODEL"):  # this one doesn't have the usual model
        await make_remote().prepare()
    speech_api.models.append("whisper-1")
    await make_remote().prepare()


async def test_the_model_is_the_one_set_or_the_only_whisper(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    speech_api.models = ["qwen", "openai/whisper-large-v3"]
    assert (await make_remote().transcribe(RECORDING, ANY)).model == "openai/whisper-large-v3"
    assert (await make_remote(model="qwen").transcribe(RECORDING, ANY)).model == "qwen"
    speech_api.models.append("whisper-1")
    with pytest.raises(EngineUnavailableError, match="VM_MCP_MODEL"):
        await make_remote().prepare()


async def test_a_server_that_may_have_unloaded_its_model_is_tried_before_the_next_message(
    make_remote: MakeRemote, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = make_remote()
    await remote.prepare()
    await remote.transcribe(RECORDING, ANY)
    monkeypatch.setattr(remote_transcriber, "FRESH_SECONDS", -1)
    monkeypatch.setattr(remote_transcriber, "LOADED_SECONDS", -1)
    await remote.prepare()
    assert [request.fields.get("file") for request in speech_api.requests] == [None, "1.5 s", "10.5 s", None, "1.5 s"]


async def test_a_server_at_work_on_something_else_need_not_list_its_models(
    make_remote: MakeRemote, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """faster-whisper-server 0.0.3 and WhisperLive 0.10 transcribe on the event loop that is to answer this."""
    monkeypatch.setattr(remote_transcriber, "FRESH_SECONDS", -1)
    monkeypatch.setattr(remote_transcriber, "LIST_BUDGET", 0.2)
    found, given = make_remote(), make_remote(model="openai/whisper-base")
    await found.prepare()
    speech_api.is_busy = True
    for remote in (found, given):
        await remote.prepare()
        assert (await remote.transcribe(RECORDING, ANY)).text
    monkeypatch.setattr(remote_transcriber, "LOAD_BUDGET", 0.2)
    with pytest.raises(EngineFailedError, match="too long"):
        await make_remote().prepare()


async def test_a_server_that_refuses_the_accounts_language_is_tried_without_it(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.behaves_as = lambda _, fields: 400 if "language" in fields else {"text": "Hello"}
    await make_remote().prepare()
