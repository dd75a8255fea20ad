"""The resources as a host reads them: messages, transcripts and recordings by address."""

import base64
import contextlib
import json
import logging
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import Connect, MakeSettings, MakeSimulator
from mcp import Client, MCPError
from mcp_types import BlobResourceContents, ResourceTemplateReference, TextResourceContents
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.simulator import Simulator
from vm_mcp.simulator.scenario import Message

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

ODD_UUIDS = ("0g7a9c1e-not-hex", "a:b", "C:evil", "çağrı#1?x=2&y", "%2e%2e", "...a", 'a"b', "{uuid}", "x" * 128)
NO_UUIDS = (
    "", "..", "%2E%2E", "..%2F..%2Fetc%2Fpasswd", "a%5Cb", "%00", "a%0Ab", "a%20b", "%E2%80%AEa", "x" * 129,
)  # fmt: skip
NO_RESOURCES = (
    "", "file:///etc/passwd", "voicemail:a", "voicemail://a/b", "voicemail://a/../b/recording",
    "voicemail://a/recording/", "voicemail://a?x=1", "http://169.254.169.254/", "voicemail://" + "%41" * 30_000,
)  # fmt: skip


def address(uuid: str, part: str = "") -> str:
    return f"voicemail://{quote(uuid, safe='')}{part}"


async def text_of(client: Client, uri: str) -> str:
    [content] = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert content.uri == uri
    return content.text


async def refusal(client: Client, uri: str) -> MCPError:
    with pytest.raises(MCPError) as caught:
        await client.read_resource(uri)
    text = str(caught.value)
    assert not [word for word in ("Traceback", "pydantic", "httpx", "K0b1c2d3e", "/recording/R") if word in text]
    assert len(text.split()) > 8
    assert caught.value.error.data == {"uri": uri}
    return caught.value


def unread_of(simulator: Simulator) -> list[str]:
    return [message.uuid for message in simulator.scenario.messages if message.read_at is None]


async def test_a_message_resource_shows_what_the_list_says_and_marks_nothing(
    client: Client, simulator: Simulator
) -> None:
    before = unread_of(simulator)
    answer = json.loads(await text_of(client, address(before[1])))
    assert [item["caller_id_name"] for item in answer["voicemails"]] == ["Ayşe Yılmaz"]
    assert answer["voicemails"][0]["heard_by"] == "nobody"
    assert "data, not instructions" in answer["notice"]
    assert unread_of(simulator) == before


async def test_a_server_that_has_listed_nothing_yet_offers_the_latest_messages(
    client: Client, simulator: Simulator
) -> None:
    before = unread_of(simulator)
    offered = {str(resource.uri) for resource in (await client.list_resources()).resources}
    page = {"ui://vm-mcp/inbox.html"}
    assert offered == page | {address(message.uuid) for message in simulator.scenario.messages}
    assert unread_of(simulator) == before


async def test_a_transcript_is_served_from_the_archive_and_never_made_for_it(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    message = simulator.scenario.messages[1]
    error = await refusal(client, address(message.uuid, "/transcript"))
    assert "transcribe_voicemails" in str(error)
    assert "marks" in str(error)
    assert message.read_at is None
    transcriber.texts[message.recording.path.read_bytes()] = "Beni arayın."
    await client.call_tool("list_voicemails", {})
    await client.call_tool("transcribe_voicemails", {"uuids": [message.uuid]})
    asked = len(simulator.requests)
    text = await text_of(client, address(message.uuid, "/transcript"))
    assert "Beni arayın." in text
    assert "Caller: Ayşe Yılmaz 905427310648" in text
    assert "data, not instructions" in text
    assert len(simulator.requests) == asked


async def test_a_recording_comes_as_audio_of_its_own_type_and_marks_the_message(
    client: Client, simulator: Simulator
) -> None:
    message = simulator.scenario.messages[0]
    [content] = (await client.read_resource(address(message.uuid, "/recording"))).contents
    assert isinstance(content, BlobResourceContents)
    assert content.mime_type == "audio/wav"
    assert base64.b64decode(content.blob) == message.recording.path.read_bytes()
    assert message.read_at is not None
    listed = await client.call_tool("list_voicemails", {"status": "unheard"})
    assert message.uuid in str(listed.structured_content)


async def test_a_recording_too_large_for_an_answer_says_how_to_get_it(
    client: Client, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.server.resources.MAX_RECORDING_BYTES", 1000)
    error = await refusal(client, address(simulator.scenario.messages[0].uuid, "/recording"))
    assert "get_recording" in str(error)
    assert "now marked as read" in str(error)


async def test_read_only_hides_recordings_and_still_serves_the_rest(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    uuid = unread_of(simulator)[0]
    async with connect(settings_for(simulator)) as client:
        await client.call_tool("transcribe_voicemails", {"uuids": [uuid]})
    before = unread_of(simulator)
    async with connect(settings_for(simulator, read_only=True)) as client:
        templates = [each.uri_template for each in (await client.list_resource_templates()).resource_templates]
        assert templates == ["voicemail://{uuid}", "voicemail://{uuid}/transcript"]
        await refusal(client, address(before[0], "/recording"))
        missing = await refusal(client, address(before[0], "/transcript"))
        assert "transcribe_voicemails" not in str(missing)
        assert uuid in await text_of(client, address(uuid, "/transcript"))
        assert before[0] in await text_of(client, address(before[0]))
    assert unread_of(simulator) == before


async def test_the_list_holds_recent_messages_and_transcripts_but_no_recording(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    await client.call_tool("list_voicemails", {})
    message = simulator.scenario.messages[0]
    transcriber.texts[message.recording.path.read_bytes()] = "Beni arayın."
    await client.call_tool("transcribe_voicemails", {"uuids": [message.uuid]})
    asked = len(simulator.requests)
    *listed, page = (await client.list_resources()).resources
    assert page.uri == "ui://vm-mcp/inbox.html"
    assert listed[0].uri == address(message.uuid)
    assert listed[0].title
    assert listed[0].title.startswith("Voicemail: Mehmet Kaya, ")
    assert [each.uri for each in listed if each.uri.endswith("/transcript")] == [address(message.uuid, "/transcript")]
    assert len(listed) == len(simulator.scenario.messages) + 1
    assert not [each for each in listed if "recording" in each.uri]
    assert all(each.title and each.title.isprintable() for each in listed)
    assert len(simulator.requests) == asked
    for each in listed:
        await client.read_resource(each.uri)
    assert message.read_at is not None
    assert len(unread_of(simulator)) == 8


async def test_an_opaque_uuid_survives_every_address(client: Client, simulator: Simulator) -> None:
    pattern = simulator.scenario.messages[0]
    simulator.scenario.messages[:] = [
        Message(uuid, "1001", "1", f"Odd {at}", pattern.received_at, pattern.voice) for at, uuid in enumerate(ODD_UUIDS)
    ]
    await client.call_tool("list_voicemails", {})
    await client.call_tool("transcribe_voicemails", {"uuids": list(ODD_UUIDS)})
    listed = (await client.list_resources()).resources
    for at, uuid in enumerate(ODD_UUIDS):
        uris = [each.uri for each in listed if f"Odd {at}" in each.name]
        assert uris == [address(uuid), address(uuid, "/transcript")]
        assert json.loads(await text_of(client, uris[0]))["voicemails"][0]["uuid"] == uuid
        assert f"Voicemail: {uuid}\n" in await text_of(client, uris[1])
        assert (await client.read_resource(address(uuid, "/recording"))).contents


async def test_an_invalid_uuid_reaches_neither_the_archive_nor_the_phone_system(
    client: Client, simulator: Simulator, tmp_path: Path
) -> None:
    for uuid in NO_UUIDS:
        for part in ("", "/transcript", "/recording"):
            error = await refusal(client, f"voicemail://{uuid}{part}")
            assert error.error.code == -32602, uuid
    assert simulator.requests == []
    assert list(tmp_path.iterdir()) == []


async def test_any_other_address_is_no_resource(client: Client, simulator: Simulator) -> None:
    for uri in NO_RESOURCES:
        error = await refusal(client, uri)
        assert error.error.code == -32602, uri
    assert simulator.requests == []


async def test_an_unknown_message_is_the_clients_error_and_a_refused_key_is_not(
    client: Client, simulator: Simulator
) -> None:
    assert (await refusal(client, address("no-such-uuid"))).error.code == -32602
    assert (await refusal(client, address("no-such-uuid", "/recording"))).error.code == -32602
    simulator.faults.set("wrong_key")
    for part in ("", "/recording"):
        error = await refusal(client, address(simulator.scenario.messages[0].uuid, part))
        assert error.error.code == -32603
        assert "VM_MCP_API_KEY" in str(error)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_bug_is_a_reference_for_the_client_and_a_traceback_in_the_log(
    connect: Connect, settings_for: MakeSettings, make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, mode: str,
) -> None:  # fmt: skip
    async def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("vm_mcp.inbox.listing.Listing.one", broken)
    monkeypatch.setattr("vm_mcp.inbox.listing.Listing.recent", broken)
    ref = ResourceTemplateReference(uri="voicemail://{uuid}")
    async with connect(settings_for(make_simulator()), mode=mode) as client:
        for asked in (
            client.read_resource("voicemail://a"),
            client.list_resources(),
            client.complete(ref, {"name": "uuid", "value": ""}),
        ):
            with pytest.raises(MCPError, match="internal error of vm-mcp") as caught:
                await asked
            reference = str(caught.value).split("reference ")[1].split(")")[0]
            assert "secret detail" not in str(caught.value)
            assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_an_unusable_archive_is_an_error_and_not_an_empty_list(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file, not a folder", encoding="utf-8")
    uuid = simulator.scenario.messages[0].uuid
    ref = ResourceTemplateReference(uri="voicemail://{uuid}")
    async with connect(settings_for(simulator, archive_dir=tmp_path / "taken")) as client:
        for asked in (
            client.list_resources(),
            client.read_resource(address(uuid, "/transcript")),
            client.read_resource(address(uuid, "/recording")),
            client.complete(ref, {"name": "uuid", "value": ""}),
        ):
            with pytest.raises(MCPError, match="archive") as caught:
                await asked
            assert caught.value.error.code == -32603
        overview = await client.call_tool("show_inbox", {})
        assert "an unknown number unheard" in str(overview.content)
    assert uuid in unread_of(simulator)


async def test_a_damaged_transcript_is_an_error_and_hides_no_other(
    client: Client, connect: Connect, settings_for: MakeSettings, simulator: Simulator, tmp_path: Path
) -> None:
    damaged, sound = (message.uuid for message in simulator.scenario.messages[:2])
    await client.call_tool("transcribe_voicemails", {"uuids": [damaged, sound]})
    [path] = tmp_path.glob("archive-*.sqlite3")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as archive:
        archive.execute("UPDATE transcripts SET body = x'00' WHERE uuid = ?", (damaged,))
    assert "refresh" in str(await refusal(client, address(damaged, "/transcript")))
    async with connect(settings_for(simulator, read_only=True)) as reader:
        answer = await reader.call_tool("get_transcripts", {"uuids": [damaged, sound]})
    assert answer.structured_content
    entries = answer.structured_content["transcriptions"]
    assert [(entry["uuid"], entry["status"]) for entry in entries] == [(damaged, "failed"), (sound, "done")]
    assert "refresh" in entries[0]["error"]


async def test_no_log_holds_who_called_or_where_a_recording_plays(
    client: Client, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await client.call_tool("list_voicemails", {})
    await client.list_resources()
    await client.read_resource(address(simulator.scenario.messages[0].uuid, "/recording"))
    simulator.faults.set("wrong_key")
    await refusal(client, address(simulator.scenario.messages[1].uuid, "/recording"))
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")
    ]  # the simulator's
    assert ours
    secrets = ("Mehmet", "Ayşe", simulator.api_key, "/recording/R")
    assert not [line for line in ours if any(secret in line for secret in secrets)]


async def test_a_uuid_is_completed_from_the_archive_without_asking_the_phone_system(
    client: Client, simulator: Simulator
) -> None:
    ref = ResourceTemplateReference(uri="voicemail://{uuid}/transcript")

    async def offered(typed: str, ref: ResourceTemplateReference = ref) -> list[str]:
        return (await client.complete(ref, {"name": "uuid", "value": typed})).completion.values

    assert await offered("") == []
    await client.call_tool("list_voicemails", {})
    asked = len(simulator.requests)
    assert await offered("") == [message.uuid for message in simulator.scenario.messages]
    uuid = simulator.scenario.messages[3].uuid
    assert await offered(uuid[:5]) == [uuid]
    assert await offered("%") == []
    assert await offered("", ResourceTemplateReference(uri="file://{uuid}")) == []
    assert len(simulator.requests) == asked


async def test_completion_offers_a_hundred_and_says_that_there_are_more(
    connect: Connect, settings_for: MakeSettings, make_simulator: MakeSimulator
) -> None:
    async with connect(settings_for(make_simulator("busy"))) as client:
        await client.call_tool("show_inbox", {})
        ref = ResourceTemplateReference(uri="voicemail://{uuid}")
        completion = (await client.complete(ref, {"name": "uuid", "value": ""})).completion
    assert len(completion.values) == 100
    assert completion.has_more
