"""The inbox page as hosts are offered it, and the tools that it calls."""

import base64
import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Connect, MakeSettings
from mcp import Client
from mcp_types import ReadResourceResult, TextResourceContents
from support.scripted_transcriber import ScriptedTranscriber
from support.tool_answers import text_of

from vm_mcp import page
from vm_mcp.inbox import playing
from vm_mcp.models import Segment, Transcript, Word
from vm_mcp.server import page_app
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.voicebank import load_voices
from vm_mcp.views import page_view

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

PAGE = "ui://vm-mcp/inbox.html"
HELPERS = ("inbox_messages", "inbox_audio", "inbox_update")


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    return dict(result.structured_content)


async def page_of(client: Client) -> TextResourceContents:
    read: ReadResourceResult = await client.read_resource(PAGE)
    [content] = read.contents
    assert isinstance(content, TextResourceContents)
    return content


def retrievals(simulator: Simulator) -> int:
    return sum(record.path.startswith("/voicemail_recording_url") for record in simulator.requests)


def an_unread(simulator: Simulator) -> str:
    return next(message.uuid for message in simulator.scenario.messages if message.read_at is None)


class WordyTranscriber(ScriptedTranscriber):
    """Transcribes every recording as five words, one of them doubtful, each with its time."""

    async def transcribe(self, audio: bytes, *arguments: Any, **options: Any) -> Transcript:  # noqa: ANN401 - of the protocol
        plain = await super().transcribe(audio, *arguments, **options)
        said = [("Merhaba,", 0.9), ("ben", 0.95), ("Arzlan", 0.02), ("yarın", 0.97), ("ararım.", 0.9)]
        words = tuple(
            Word(text=text, start_seconds=at, end_seconds=at + 0.5, probability=sure, least_probability=sure,
                 logprob=-0.1 if sure > 0.5 else -4.0, tokens=2)
            for at, (text, sure) in enumerate(said)
        )  # fmt: skip
        segment = Segment(
            text=" ".join(text for text, _ in said), start_seconds=0, end_seconds=5, avg_logprob=-0.2,
            no_speech_prob=0.01, words=words,
        )  # fmt: skip
        return plain.model_copy(update={"segments": (segment,), "peaks": "AP8="})


@pytest.fixture
def transcriber() -> ScriptedTranscriber:
    return WordyTranscriber()


async def test_the_page_is_an_app_that_show_inbox_names_in_both_spellings(client: Client) -> None:
    tools = {tool.name: tool.meta for tool in (await client.list_tools()).tools}
    assert tools["show_inbox"] == {"ui": {"resourceUri": PAGE}, "ui/resourceUri": PAGE}
    assert [tools[name] for name in HELPERS] == [{"ui": {"visibility": ["app"]}}] * 3
    assert [name for name, meta in tools.items() if meta is None] == [
        name for name in tools if name not in {"show_inbox", *HELPERS}
    ]


async def test_the_page_is_listed_and_read_as_an_app_beside_the_messages(client: Client) -> None:
    listed = [resource for resource in (await client.list_resources()).resources if str(resource.uri) == PAGE]
    assert [resource.mime_type for resource in listed] == ["text/html;profile=mcp-app"]
    content = await page_of(client)
    assert content.mime_type == "text/html;profile=mcp-app"
    assert content.text == page.FILE.read_text(encoding="utf-8")


async def test_the_page_is_announced_as_an_extension(client: Client) -> None:
    extensions = client.server_capabilities.extensions or {}
    assert "io.modelcontextprotocol/ui" in extensions


async def test_the_page_is_read_from_disk_whenever_it_is_asked_for_and_not_before(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "inbox.html"
    monkeypatch.setattr(page_app, "FILE", file)
    async with connect(settings_for(simulator)) as client:
        await client.list_resources()
        for text in ("<p>first</p>", "<p>second</p>"):
            file.write_text(text)
            assert (await page_of(client)).text == text


async def test_a_message_has_its_words_with_times_and_doubts(client: Client, simulator: Simulator) -> None:
    uuid = an_unread(simulator)
    await call(client, "transcribe_voicemails", uuids=[uuid])
    [message] = (await call(client, "inbox_messages", uuid=uuid[-8:]))["voicemails"]
    assert message["uuid"] == uuid
    assert message["transcript"]["segments"][0]["words"] == [
        ["Merhaba,", 0, 0], ["ben", 1, 0], ["Arzlan", 2, 1], ["yarın", 3, 0], ["ararım.", 4, 0]
    ]  # fmt: skip
    assert message["peaks"] == "AP8="
    assert [said["heard"] for said in message["times"]] == ["yarın"]
    assert (message["is_open"], message["is_read"], message["playing_marks_read"]) == (True, True, False)
    assert "T" in message["received_at"]


async def test_pages_of_messages_join_to_the_whole_list(client: Client, simulator: Simulator) -> None:
    seen, cursor = list[str](), ""
    while True:
        answer = await call(client, "inbox_messages", status="all", limit=4, cursor=cursor)
        seen += [message["uuid"] for message in answer["voicemails"]]
        cursor = answer.get("next_cursor", "")
        if not cursor:
            break
    newest_first = sorted(simulator.scenario.messages, key=lambda message: message.received_at, reverse=True)
    assert seen == [message.uuid for message in newest_first]
    assert answer["mailboxes"] == ["1001", "1002", "1003"]
    assert (answer["can_play"], answer["can_update"], answer["timezone"]) == (True, True, "Europe/Istanbul")


async def test_a_search_finds_messages_by_what_was_said(client: Client, simulator: Simulator) -> None:
    uuid = an_unread(simulator)
    await call(client, "transcribe_voicemails", uuids=[uuid])
    found = await call(client, "inbox_messages", query="ararım")
    [hit] = [message for message in found["voicemails"] if message["uuid"] == uuid]
    assert "**ararım**" in hit["snippet"]
    assert found["total_count"] == len(found["voicemails"])
    assert "next_cursor" not in found


async def test_playing_says_before_and_after_that_it_marks_the_message_as_read(
    client: Client, simulator: Simulator
) -> None:
    uuid = an_unread(simulator)
    [before] = (await call(client, "inbox_messages", uuid=uuid))["voicemails"]
    assert before["playing_marks_read"]
    first = await call(client, "inbox_audio", uuid=uuid, seconds=2)
    assert first["marked_read"]
    [after] = (await call(client, "inbox_messages", uuid=uuid))["voicemails"]
    assert (after["playing_marks_read"], after["is_read"], after["heard_by"]) == (False, True, "assistant")
    again = await call(client, "inbox_audio", uuid=uuid, start_seconds=2)
    assert not again["marked_read"]
    assert retrievals(simulator) == 1


async def test_pieces_of_a_sound_join_without_gaps(
    client: Client, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "MOST_BYTES", 7_001)
    uuid, sound = an_unread(simulator), b""
    while True:
        piece = await call(client, "inbox_audio", uuid=uuid, start_seconds=len(sound) / 8_000)
        assert (piece["offset"], piece["sample_rate"], piece["encoding"]) == (len(sound), 8_000, "mulaw")
        sound += base64.b64decode(piece["data"])
        if len(sound) == piece["total_samples"]:
            break
    whole = await call(client, "inbox_audio", uuid=uuid, start_seconds=86_400)
    assert (whole["offset"], whole["data"]) == (len(sound), "")
    assert len(set(sound)) > 50, "somebody speaks"


async def test_what_is_fetched_to_be_transcribed_is_played_without_asking_the_pbx_again(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    uuid = an_unread(simulator)
    transcriber.gate.clear()
    await call(client, "transcribe_voicemails", uuids=[uuid], wait_seconds=0)
    await transcriber.arrived(1)
    [message] = (await call(client, "inbox_messages", uuid=uuid))["voicemails"]
    assert not message["playing_marks_read"]
    assert not (await call(client, "inbox_audio", uuid=uuid))["marked_read"]
    assert retrievals(simulator) == 1
    transcriber.gate.set()


async def test_where_nothing_can_decode_a_recording_none_is_retrieved(
    client: Client, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "av" else find(name))
    assert not (await call(client, "inbox_messages"))["can_play"]
    result = await client.call_tool("inbox_audio", {"uuid": an_unread(simulator)})
    assert result.is_error
    assert "Install vm-mcp again as vm-mcp[whisper]" in text_of(result)
    assert retrievals(simulator) == 0


@pytest.mark.parametrize(("kept", "problem"), [(b"\xd5\x55" * 4_000, "not in an audio format"), (None, "No voicemail")])
async def test_what_cannot_be_played_is_told_in_words_of_ours_and_asked_for_once(
    client: Client, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bytes | None,
    problem: str,
) -> None:  # fmt: skip
    message = simulator.scenario.messages[0]
    if kept:
        file = tmp_path / "recording.wav"
        file.write_bytes(kept)
        monkeypatch.setitem(load_voices(), message.voice, replace(message.recording, path=file))
    for _ in range(2):
        result = await client.call_tool("inbox_audio", {"uuid": message.uuid if kept else "no-such-message"})
        assert result.is_error
        assert problem in text_of(result)
    assert retrievals(simulator) == (1 if kept else 2)


async def test_closing_with_a_note_returns_the_message_as_it_is_then(client: Client, simulator: Simulator) -> None:
    uuid = an_unread(simulator)
    await call(client, "inbox_messages", status="all")
    [closed] = (await call(client, "inbox_update", uuids=uuid, state="done", note="Aradım"))["voicemails"]
    assert (closed["uuid"], closed["state"], closed["note"], closed["is_open"]) == (uuid, "done", "Aradım", False)
    assert closed["mark"]["state"] == "done"
    listed = [message["uuid"] for message in (await call(client, "inbox_messages", limit=50))["voicemails"]]
    assert uuid not in listed
    [reopened] = (await call(client, "inbox_update", uuids=[uuid], state="open"))["voicemails"]
    assert (reopened["is_open"], reopened["note"]) == (True, "Aradım")


async def test_a_note_alone_leaves_the_state_and_can_be_emptied(client: Client, simulator: Simulator) -> None:
    uuid = an_unread(simulator)
    await call(client, "inbox_messages", status="all")
    [noted] = (await call(client, "inbox_update", uuids=uuid, note="Salı arayacak"))["voicemails"]
    assert (noted["state"], noted["note"], noted["is_open"], noted.get("mark")) == ("new", "Salı arayacak", True, None)
    assert "handled" not in noted
    [emptied] = (await call(client, "inbox_update", uuids=uuid, note=""))["voicemails"]
    assert (emptied["state"], "note" in emptied) == ("new", False)


async def test_errors_and_notices_are_in_the_pages_language(client: Client, simulator: Simulator) -> None:
    simulator.faults.set("http500", "cdrs", 100)
    assert "Arama kayıtları okunuyor" in (await call(client, "inbox_messages", language="tr"))["notice"]
    simulator.faults.clear()
    simulator.faults.set("wrong_key", "list", 10)
    refused = {
        language: text_of(await client.call_tool("inbox_messages", {"language": language})) for language in ("en", "tr")
    }
    assert "The PBX refuses the API key." in refused["en"]
    assert "vm-mcp login" in refused["tr"]
    assert "key" not in refused["tr"]
    assert "\n" not in refused["tr"], "no second language"


async def test_read_only_has_the_page_without_sound(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    async with connect(settings_for(simulator, read_only=True)) as client:
        assert "inbox_audio" not in [tool.name for tool in (await client.list_tools()).tools]
        assert not (await call(client, "inbox_messages"))["can_play"]
        assert (await client.call_tool("inbox_audio", {"uuid": an_unread(simulator)})).is_error
        assert (await page_of(client)).text
    assert retrievals(simulator) == 0


async def test_a_very_long_message_is_cut_in_a_list_and_whole_alone(
    client: Client, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_view, "MOST_WORDS", 3)
    uuid = an_unread(simulator)
    await call(client, "transcribe_voicemails", uuids=[uuid])

    def words(answer: dict[str, Any]) -> Iterator[tuple[bool, int]]:
        for message in answer["voicemails"]:
            if message["uuid"] == uuid:
                transcript = message["transcript"]
                yield transcript.get("is_cut", False), sum(len(each["words"]) for each in transcript["segments"])

    assert [*words(await call(client, "inbox_messages", status="all"))] == [(True, 3)]
    assert [*words(await call(client, "inbox_messages", uuid=uuid))] == [(False, 5)]
