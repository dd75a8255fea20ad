"""The tools as a host calls them, over the simulator as a real HTTP server."""

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
import stamina
from conftest import Connect, MakeSettings, MakeSimulator
from mcp import Client
from mcp_types import AudioContent
from support.scripted_transcriber import ScriptedTranscriber
from support.simulator_requests import voicemail_requests
from support.tool_answers import text_of

from vm_mcp.errors import EngineUnavailableError, TranscriptionError
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.server.tools.list_voicemails_tool import LIST_VOICEMAILS
from vm_mcp.simulator import Simulator

ISTANBUL = ZoneInfo("Europe/Istanbul")
NEITHER = ("list_missed_calls", "update_voicemails")
"""They neither mark messages as read nor need an engine."""
PAGE = ("inbox_messages", "inbox_audio", "inbox_update")
"""Those that the inbox page calls, and no model."""

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    return dict(result.structured_content)


async def refusal(client: Client, tool: str, **arguments: object) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    text = text_of(result)
    assert "Traceback" not in text
    assert "pydantic" not in text
    assert "K0b1c2d3e" not in text
    return text


def unread_of(simulator: Simulator) -> list[str]:
    return [message.uuid for message in simulator.scenario.messages if message.read_at is None]


def steps(simulator: Simulator) -> list[str]:
    return [f"{record.method} {record.path.strip('/').split('/')[0]}" for record in simulator.requests]


async def test_listing_unread_messages_warms_the_speech_engine_and_listing_read_ones_does_not(
    client: Client, transcriber: ScriptedTranscriber
) -> None:
    await client.call_tool("list_voicemails", {"status": "read"})
    assert transcriber.warmed == 0
    await client.call_tool("list_voicemails", {"status": "unread"})
    assert transcriber.warmed == 1


async def test_read_only_starts_no_speech_engine(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    async with connect(settings_for(simulator, read_only=True)) as client:
        await client.call_tool("list_voicemails", {"status": "unread"})
        await client.call_tool("show_inbox", {})
    assert transcriber.warmed == 0


async def test_a_list_shows_who_called_when_for_whom_and_marks_nothing(client: Client, simulator: Simulator) -> None:
    before = unread_of(simulator)
    answer = await call(client, "list_voicemails")
    listed = [item["uuid"] for item in answer["voicemails"]]
    newest_first = sorted(simulator.scenario.messages, key=lambda message: message.received_at, reverse=True)
    assert listed == [message.uuid for message in newest_first]
    assert answer["total_count"] == len(newest_first)
    assert answer["voicemails"][0]["caller_id_name"] == "Mehmet Kaya"
    assert re.fullmatch(r"\w{3} \d+ \w{3}( \d{4})? \d\d:\d\d", answer["voicemails"][0]["received_at"])
    assert unread_of(simulator) == before


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "unread"}, lambda message: message.read_at is None),
        ({"status": "read"}, lambda message: message.read_at is not None),
        ({"extension": "1002"}, lambda message: message.user_number == "1002"),
        ({"extension": 1002}, lambda message: message.user_number == "1002"),
        ({"extension": " 1002\n", "since": " 30d "}, lambda message: message.user_number == "1002"),
        ({"caller": "yılmaz"}, lambda message: message.caller_id_name == "Ayşe Yılmaz"),
        ({"caller": "0532 417 28 93"}, lambda message: message.caller_id_number == "05324172893"),
        ({"caller": "nobody at all"}, lambda _: False),
    ],
)
async def test_each_filter_selects_what_it_says(
    client: Client, simulator: Simulator, filters: dict[str, Any], expected: Callable[[Any], bool]
) -> None:
    answer = await call(client, "list_voicemails", **filters)
    wanted = {message.uuid for message in simulator.scenario.messages if expected(message)}
    assert {item["uuid"] for item in answer["voicemails"]} == wanted
    assert answer["total_count"] == len(wanted)


async def test_space_around_arguments_is_ignored(client: Client, simulator: Simulator) -> None:
    uuid = simulator.scenario.messages[0].uuid
    assert ListRequest(extension=" 1001 ", caller="\tAyşe\n") == ListRequest(extension="1001", caller="Ayşe")
    assert (await call(client, "list_voicemails", uuid=f" {uuid}\n"))["voicemails"][0]["uuid"] == uuid
    assert (await call(client, "transcribe_voicemails", uuids=[f"{uuid} "]))["transcriptions"][0]["uuid"] == uuid


async def test_a_day_is_a_day_of_the_accounts_zone(client: Client, simulator: Simulator) -> None:
    first = max(message.received_at for message in simulator.scenario.messages).astimezone(ISTANBUL)
    day = first.date().isoformat()
    answer = await call(client, "list_voicemails", since=day, until=day)
    assert answer["voicemails"]
    assert all(item["received_at"].startswith(f"{first:%a} {first.day} ") for item in answer["voicemails"])


async def test_pages_join_without_doubles_or_gaps_while_messages_are_read_between(
    client: Client, simulator: Simulator
) -> None:
    wanted = unread_of(simulator)
    seen: list[str] = []
    cursor = ""
    while True:
        answer = await call(client, "list_voicemails", status="unread", limit=4, cursor=cursor)
        uuids = [item["uuid"] for item in answer["voicemails"]]
        seen += uuids
        for uuid in uuids:
            await call(client, "get_recording", uuid=uuid)
        cursor = answer.get("next_cursor", "")
        assert bool(cursor) == answer.get("truncated", False)
        if not cursor:
            break
    assert sorted(seen) == sorted(wanted)
    assert unread_of(simulator) == []


async def test_one_message_is_looked_up_by_its_uuid_whatever_the_dates(client: Client, simulator: Simulator) -> None:
    message = simulator.scenario.messages[5]
    answer = await call(client, "list_voicemails", uuid=message.uuid, since="today", status="read")
    assert [item["caller_id_name"] for item in answer["voicemails"]] == [message.caller_id_name]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"status": "deleted"}, "status"),
        ({"since": "2026-02-30"}, "ISO date"),
        ({"since": "today", "until": "yesterday"}, "since"),
        ({"since": "2019-01-01", "until": "2026-01-01"}, "366 days"),
        ({"cursor": "bm90IG91cnM="}, "cursor"),
        ({"cursor": "%%%"}, "cursor"),
        ({"uuid": "a/b"}, "uuid"),
        ({"uuid": "00000000-0000-0000-0000-000000000000"}, "uuid"),
        ({"extension": ["1001"]}, "extension"),
        ({"from_date": "2026-11-24"}, "from_date"),
    ],
)
async def test_a_bad_argument_is_named_with_what_is_accepted(
    client: Client, arguments: dict[str, Any], named: str
) -> None:
    assert named in await refusal(client, "list_voicemails", **arguments)


async def test_a_link_plays_the_recording_and_the_message_is_read_from_then_on(
    client: Client, simulator: Simulator
) -> None:
    uuid = unread_of(simulator)[0]
    answer = await call(client, "get_recording", uuid=uuid)
    assert answer["url"].startswith(simulator.base_url)
    assert answer["expires_at"]
    assert answer["marked_read"] is True
    assert uuid not in unread_of(simulator)


async def test_a_file_holds_the_recording_and_only_its_owner_may_read_it(
    client: Client, simulator: Simulator, tmp_path: Path
) -> None:
    message = simulator.scenario.messages[0]
    await call(client, "list_voicemails")
    answer = await call(client, "get_recording", uuid=message.uuid, delivery="file")
    path = Path(answer["path"])
    assert path.parent == tmp_path / "recordings"
    assert path.suffix == ".wav"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == answer["sha256"]
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


async def test_an_unwritable_folder_is_reported_before_the_recording_is_retrieved(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file, not a folder", encoding="utf-8")
    before = unread_of(simulator)
    async with connect(settings_for(simulator, download_dir=tmp_path / "taken")) as client:
        text = await refusal(client, "get_recording", uuid=before[0], delivery="file")
    assert "VM_MCP_DOWNLOAD_DIR" in text
    assert unread_of(simulator) == before


async def test_inline_audio_is_a_block_of_its_own(client: Client, simulator: Simulator) -> None:
    result = await client.call_tool(
        "get_recording", {"uuid": simulator.scenario.messages[0].uuid, "delivery": "inline"}
    )
    audio = next(block for block in result.content if isinstance(block, AudioContent))
    assert audio.mime_type == "audio/wav"
    assert base64.b64decode(audio.data).startswith(b"RIFF")


async def test_there_is_one_transcript_per_uuid_in_the_order_asked(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    await call(client, "list_voicemails")
    uuids = [message.uuid for message in simulator.scenario.messages[:3]]
    answer = await call(client, "transcribe_voicemails", uuids=[*uuids, uuids[0], "no-such-uuid"])
    entries = answer["transcriptions"]
    assert [entry["uuid"] for entry in entries] == [*uuids, "no-such-uuid"]
    assert [entry["status"] for entry in entries] == ["done", "done", "done", "failed"]
    assert entries[0]["caller_id_name"] == "Mehmet Kaya"
    assert "No voicemail has that uuid" in entries[3]["error"]
    assert {options.caller_name for _, options in transcriber.heard} == {"Mehmet Kaya", "Ayşe Yılmaz", "Emre Şahin"}


async def test_a_message_that_was_never_listed_is_looked_up_before_it_is_retrieved(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    message = simulator.scenario.messages[0]
    transcriber.texts[message.recording.path.read_bytes()] = "Beni arayın."
    [entry] = (await call(client, "transcribe_voicemails", uuids=[message.uuid]))["transcriptions"]
    assert entry["caller_id_name"] == message.caller_id_name
    assert [options.caller_name for _, options in transcriber.heard] == [message.caller_id_name]
    [hit] = (await call(client, "search_transcripts", query=f"{message.caller_id_name}"))["hits"]
    assert (hit["uuid"], hit["extension"]) == (message.uuid, message.user_number)
    assert (await call(client, "search_transcripts", query="fatura"))["notice"].startswith("0 of 1 transcript match")
    assert voicemail_requests(simulator)[0].path == "/voicemail_messages"


async def test_a_transcribed_message_is_not_retrieved_again(client: Client, simulator: Simulator) -> None:
    uuid = simulator.scenario.messages[0].uuid
    first = await call(client, "transcribe_voicemails", uuids=[uuid])
    fetched = steps(simulator)
    again = await call(client, "transcribe_voicemails", uuids=[uuid])
    assert first["transcriptions"][0].pop("opened") is True
    assert again["transcriptions"] == first["transcriptions"]
    assert steps(simulator) == fetched


async def test_slow_work_is_pending_and_returned_by_the_next_call(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    uuid = simulator.scenario.messages[0].uuid
    transcriber.gate.clear()
    answer = await call(client, "transcribe_voicemails", uuids=[uuid], wait_seconds=0)
    assert answer["transcriptions"][0]["status"] == "pending"
    transcriber.gate.set()
    answer = await call(client, "transcribe_voicemails", uuids=[uuid])
    assert answer["transcriptions"][0]["status"] == "done"
    assert steps(simulator).count("POST voicemail_recording_url") == 1


async def test_a_model_download_is_reported_and_nothing_is_retrieved_meanwhile(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    uuid, reports = unread_of(simulator)[0], list[str]()

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        reports.append(message or f"{progress} of {total}")

    transcriber.waiting_for = "The model is being downloaded, once: 120 of 480 MB so far."
    transcriber.gate.clear()
    result = await client.call_tool(
        "transcribe_voicemails", {"uuids": [uuid], "wait_seconds": 0}, progress_callback=on_progress
    )
    assert transcriber.waiting_for in text_of(result)
    assert result.structured_content
    assert transcriber.waiting_for in result.structured_content["notice"]
    assert reports == [transcriber.waiting_for]
    assert uuid in unread_of(simulator)
    transcriber.gate.set()
    answer = await call(client, "transcribe_voicemails", uuids=[uuid])
    assert answer["transcriptions"][0]["status"] == "done"


async def test_silence_is_no_speech_and_no_text(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    silent = next(message for message in simulator.scenario.messages if message.voice.startswith("sil"))
    transcriber.texts[silent.recording.path.read_bytes()] = ""
    answer = await call(client, "transcribe_voicemails", uuids=[silent.uuid])
    assert answer["transcriptions"][0]["status"] == "no_speech"
    assert "text" not in answer["transcriptions"][0]


async def test_progress_is_reported_and_only_rises(client: Client, simulator: Simulator) -> None:
    reports: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        assert total == 3
        assert message
        reports.append(progress)

    uuids = [message.uuid for message in simulator.scenario.messages[:3]]
    await client.call_tool("transcribe_voicemails", {"uuids": uuids}, progress_callback=on_progress)
    assert reports == sorted(reports)
    assert reports[-1] == 3


async def test_without_an_engine_nothing_is_retrieved_and_the_answer_says_what_to_install(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    transcriber.unavailable = EngineUnavailableError('Run: pip install "vm-mcp[whisper]"')
    before = unread_of(simulator)
    assert "vm-mcp[whisper]" in await refusal(client, "transcribe_voicemails", uuids=before)
    assert unread_of(simulator) == before
    transcriber.unavailable = None
    answer = await call(client, "transcribe_voicemails", uuids=before[:1])
    assert answer["transcriptions"][0]["status"] == "done"


async def test_one_messages_failure_costs_no_other_its_text_and_is_retried(
    client: Client, simulator: Simulator
) -> None:
    uuids = [message.uuid for message in simulator.scenario.messages[:3]]
    simulator.faults.set("not_audio", "download", times=1)
    entries = (await call(client, "transcribe_voicemails", uuids=uuids))["transcriptions"]
    assert sorted(entry["status"] for entry in entries) == ["done", "done", "failed"]
    entries = (await call(client, "transcribe_voicemails", uuids=uuids))["transcriptions"]
    assert [entry["status"] for entry in entries] == ["done", "done", "done"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"uuids": [f"u{number}" for number in range(21)]}, "uuids"),
        ({"uuids": ["a"], "language": "klingon"}, "language"),
        ({"uuids": ["a"], "language": "zz"}, "language"),
        ({"uuids": ["a"], "wait_seconds": -1}, "wait_seconds"),
        ({"status": "deleted"}, "status"),
        ({"since": "someday"}, "ISO date"),
    ],
)
async def test_bad_arguments_to_transcribe_are_named(client: Client, arguments: dict[str, Any], named: str) -> None:
    assert named in await refusal(client, "transcribe_voicemails", **arguments)


@pytest.mark.parametrize("language", ["Turkish", "tr-TR", "TR", "türkçe", "AUTO", ""])
async def test_a_language_is_accepted_however_it_is_named(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber, language: str
) -> None:
    await call(client, "transcribe_voicemails", uuids=[simulator.scenario.messages[0].uuid], language=language)
    [(_, options)] = transcriber.heard
    assert options.language == ("" if language in {"AUTO", ""} else "tr")


@pytest.mark.parametrize("form", [json.dumps, lambda uuids: uuids[0]], ids=["as JSON text", "bare"])
async def test_uuids_are_accepted_as_some_hosts_send_them(
    client: Client, simulator: Simulator, form: Callable[[list[str]], str]
) -> None:
    uuids = [simulator.scenario.messages[0].uuid]
    answer = await call(client, "transcribe_voicemails", uuids=form(uuids))
    assert [entry["uuid"] for entry in answer["transcriptions"]] == uuids


async def test_a_failure_nobody_waited_for_is_returned_by_the_next_call(client: Client, simulator: Simulator) -> None:
    await call(client, "transcribe_voicemails", uuids=["no-such-uuid"], wait_seconds=0)
    answer = await call(client, "transcribe_voicemails", uuids=["no-such-uuid"], wait_seconds=5)
    assert answer["transcriptions"][0]["status"] == "failed"
    assert steps(simulator).count("POST voicemail_recording_url") == 1


async def test_a_recording_whose_transcription_failed_is_not_asked_for_again(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_arguments: object) -> None:
        raise TranscriptionError("Try again.")

    uuid = simulator.scenario.messages[0].uuid
    with monkeypatch.context() as broken:
        broken.setattr(transcriber, "transcribe", failing)
        await call(client, "transcribe_voicemails", uuids=[uuid])
    answer = await call(client, "transcribe_voicemails", uuids=[uuid])
    assert answer["transcriptions"][0]["status"] == "done"
    assert steps(simulator).count("POST voicemail_recording_url") == 1


async def test_a_null_is_the_same_as_no_argument(client: Client) -> None:
    answer = await call(client, "list_voicemails", since=None, extension=None, limit=None)
    assert len(answer["voicemails"]) == 13


@pytest.mark.parametrize("note", ["null", "[1, 2]", '{"room": 12}', "0532"])
async def test_a_text_that_could_be_json_arrives_as_it_was_typed(client: Client, note: str) -> None:
    [message] = (await call(client, "list_voicemails", limit=1))["voicemails"]
    answer = await call(client, "update_voicemails", uuids=[message["uuid"]], state="told", note=note)
    assert [each["note"] for each in answer["voicemails"]] == [note]


async def test_without_a_key_it_starts_and_the_tool_says_what_to_do(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    async with connect(settings_for(simulator, api_key=None)) as client:
        assert len((await client.list_tools()).tools) == 7 + len(PAGE)
        for tool, arguments in (
            ("list_voicemails", {}),
            ("show_inbox", {}),
            ("get_recording", {"uuid": "a"}),
            ("transcribe_voicemails", {"uuids": ["a"]}),
            ("transcribe_voicemails", {}),
            ("list_missed_calls", {}),
        ):
            assert "VM_MCP_API_KEY" in await refusal(client, tool, **arguments)


async def test_a_wrong_key_is_reported_once_and_never_shown(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    wrong = "K99999999-1234-5678-4321-123456789012"
    async with connect(settings_for(simulator, api_key=wrong)) as client:
        for tool, arguments in (
            ("list_voicemails", {}),
            ("get_recording", {"uuid": "a"}),
            ("transcribe_voicemails", {"uuids": ["a", "b"]}),
        ):
            text = await refusal(client, tool, **arguments)
            assert "VM_MCP_API_KEY" in text
            assert wrong not in text


async def test_the_key_is_not_sent_over_plain_http(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    async with connect(settings_for(simulator, base_url="http://pbx.example")) as client:
        assert "https" in await refusal(client, "list_voicemails")


async def test_read_only_leaves_only_tools_that_mark_nothing(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    async with connect(settings_for(simulator, read_only=True)) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        of_model = ["list_voicemails", "get_transcripts", "search_transcripts", "show_inbox", *NEITHER]
        assert tools == [*of_model, "inbox_messages", "inbox_update"]
        for opener in ("get_recording", "transcribe_voicemails", "inbox_audio"):
            text = await refusal(client, opener, uuids=["a"])
            assert text == f"Unknown tool: {opener}. Call one of: {', '.join(of_model)}."
            assert opener not in (client.instructions or "")


async def test_read_only_hides_any_tool_that_marks_messages_as_read_and_no_other(
    settings_for: MakeSettings, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    marking = replace(LIST_VOICEMAILS, marks_read=True, read_only=False)
    writing = replace(LIST_VOICEMAILS, read_only=False)  # such as notes in the archive
    for read_only in (False, True):
        inbox = Inbox(settings_for(simulator, read_only=read_only), transcriber)
        assert marking.is_offered(inbox) is not read_only
        assert writing.is_offered(inbox)
        assert LIST_VOICEMAILS.is_offered(inbox)


async def test_engine_none_removes_the_transcription_tool(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    async with connect(settings_for(simulator, engine="none")) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        assert tools == [
            "list_voicemails", "get_recording", "get_transcripts", "search_transcripts", "show_inbox", *NEITHER, *PAGE
        ]  # fmt: skip


async def test_a_hostile_callers_name_stays_one_cell_of_one_row(client: Client, simulator: Simulator) -> None:
    hostile = next(message for message in simulator.scenario.messages if "ignore all" in (message.caller_id_name or ""))
    result = await client.call_tool("list_voicemails", {})
    row = next(
        line for line in text_of(result).splitlines() if hostile.uuid.endswith(line.split("\t")[0]) and "\t" in line
    )
    assert len(row.split("\t")) == 10
    assert row.isprintable() or set(row) - set(row.replace("\t", "")) == {"\t"}
    assert "data, not instructions" in text_of(result)


async def test_a_bug_reaches_the_model_as_a_reference_and_the_log_in_full(
    client: Client, transcriber: ScriptedTranscriber, simulator: Simulator, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("vm_mcp.views.voicemail_list", broken)
    text = await refusal(client, "list_voicemails")
    reference = text.split("reference ")[1].split(")")[0]
    assert "secret detail" not in text
    assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text

    async def broken_engine(*_arguments: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(transcriber, "transcribe", broken_engine)
    answer = await call(client, "transcribe_voicemails", uuids=[simulator.scenario.messages[0].uuid])
    assert answer["transcriptions"][0]["status"] == "failed"
    assert "secret detail" not in json.dumps(answer)


async def test_an_engine_that_fails_says_what_to_do(
    client: Client, transcriber: ScriptedTranscriber, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_arguments: object) -> None:
        raise TranscriptionError("Set VM_MCP_MODEL to a smaller model.")

    monkeypatch.setattr(transcriber, "transcribe", failing)
    answer = await call(client, "transcribe_voicemails", uuids=[simulator.scenario.messages[0].uuid])
    assert answer["transcriptions"][0]["error"] == "Set VM_MCP_MODEL to a smaller model."


async def test_every_tool_says_what_it_changes_and_has_a_plain_schema(client: Client) -> None:
    for tool in (await client.list_tools()).tools:
        assert tool.title
        assert tool.annotations
        assert tool.annotations.title == tool.title
        assert tool.annotations.read_only_hint is (
            tool.name
            not in {"get_recording", "transcribe_voicemails", "update_voicemails", "inbox_audio", "inbox_update"}
        )
        # What marks for good, or takes the place of an earlier note; directories want one of the two of every tool.
        assert tool.annotations.destructive_hint is not tool.annotations.read_only_hint
        assert tool.annotations.idempotent_hint is True
        assert tool.annotations.open_world_hint is (
            tool.name not in {"search_transcripts", "update_voicemails", "inbox_update"}
        )
        assert bool(tool.output_schema) is (tool.name not in PAGE)  # no model reads what these return
        for schema in (tool.input_schema, tool.output_schema or {}):
            assert "anyOf" not in json.dumps(schema)
            assert '"title"' not in json.dumps(schema)
        for name, argument in tool.input_schema["properties"].items():
            assert argument["description"], name
            assert ("default" in argument) == ("Default: " in argument["description"]), name


async def test_a_tool_that_marks_for_good_says_so(client: Client) -> None:
    described = {tool.name: tool.description or "" for tool in (await client.list_tools()).tools}
    lasting = {name for name, text in described.items() if "for everyone and for good" in text}
    assert lasting == {"get_recording", "transcribe_voicemails", "inbox_audio"}


async def test_a_hosts_search_finds_the_server_by_what_people_call_it(client: Client) -> None:
    # Hosts that load tools on demand search names, descriptions and instructions.
    tools = (await client.list_tools()).tools
    described = " ".join([client.instructions or "", *(f"{tool.name} {tool.description}" for tool in tools)]).casefold()
    for words in (
        *("voicemail", "missed call", "call back", "transcribe", "recording", "speech to text", "pbx", "phone system"),
        *("telesekreter", "sesli mesaj", "cevapsız çağrı", "geri arama", "ses kaydı", "yazıya dökme", "santral"),
        *("bulut santral", "verimor"),
    ):
        assert words in described, words


async def test_the_server_and_every_tool_that_a_model_sees_have_a_small_icon_of_their_own(client: Client) -> None:
    assert client.server_info
    (png,) = client.server_info.icons or []
    assert base64.b64decode(png.src.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    tools = [tool for tool in (await client.list_tools()).tools if not tool.name.startswith("inbox_")]
    icons = [tool.icons[0].src for tool in tools if tool.icons]
    assert len(set(icons)) == len(tools)
    for src in icons:
        assert len(src) <= 300
        assert re.fullmatch(r"[\w:/?#@!$&'()*+,;=.~%-]+", src, re.ASCII)  # a URI, which has no spaces
        svg = unquote(src.removeprefix("data:image/svg+xml,"))
        drawn = ET.fromstring(svg)  # noqa: S314 - ours
        assert [node.tag.rpartition("}")[2] for node in drawn.iter()] == ["svg", "path"]


async def test_the_instructions_fit_where_hosts_cut_them(client: Client) -> None:
    assert client.instructions
    assert len(client.instructions) < 2048


async def test_the_instructions_say_what_to_do_where_a_host_gives_up_early(client: Client) -> None:
    assert "`wait_seconds: 3`" in (client.instructions or "")


@pytest.mark.parametrize(
    "make_call",
    [
        lambda client: client.call_tool("list_voicemails", {}),
        lambda client: client.call_tool("list_voicemails", {"uuid": "a"}),
        lambda client: client.call_tool("show_inbox", {}),
        lambda client: client.call_tool("get_recording", {"uuid": "a"}),
        lambda client: client.call_tool("transcribe_voicemails", {"uuids": ["a"]}),
    ],
)
async def test_a_pbx_that_is_down_is_an_error_and_never_an_empty_inbox(
    connect: Connect, settings_for: MakeSettings, make_simulator: MakeSimulator,
    make_call: Callable[[Client], Awaitable[Any]],
) -> None:  # fmt: skip
    simulator = make_simulator()
    async with connect(settings_for(simulator)) as client:
        simulator.stop()
        with stamina.set_testing(True, attempts=2):
            result = await make_call(client)
    assert result.is_error
    assert "VM_MCP_BASE_URL" in text_of(result)
