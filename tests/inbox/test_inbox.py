"""The use cases over the simulator: what is kept, what is shown of it, and what happens when that fails."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stamina
from conftest import Connect, MakeSettings, MakeSimulator
from support.scripted_transcriber import ScriptedTranscriber
from support.tool_answers import text_of

from vm_mcp.errors import ArchiveError, PbxError
from vm_mcp.inbox import Inbox, ListRequest, SearchRequest
from vm_mcp.models import HeardBy
from vm_mcp.simulator import Simulator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]


@pytest.fixture
async def inbox(
    simulator: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber
) -> AsyncIterator[Inbox]:
    opened = Inbox(settings_for(simulator), transcriber)
    yield opened
    await opened.aclose()


def unread_of(simulator: Simulator) -> list[str]:
    return [message.uuid for message in simulator.scenario.messages if message.read_at is None]


def fetches(simulator: Simulator) -> int:
    return sum(record.method == "POST" for record in simulator.requests)


async def heard(inbox: Inbox) -> dict[str, HeardBy | None]:
    page = await inbox.list_voicemails(ListRequest(limit=100))
    return {item.uuid: item.heard_by for item in page.voicemails}


async def unheard(inbox: Inbox) -> set[str]:
    page = await inbox.list_voicemails(ListRequest(status="unheard", limit=100))
    assert page.next_cursor == ""
    return {item.uuid for item in page.voicemails}


async def test_the_unheard_list_through_a_whole_day(
    make_simulator: MakeSimulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber
) -> None:
    morning = datetime.now(UTC)
    now = morning
    simulator = make_simulator(clock=lambda: now)
    inbox = Inbox(settings_for(simulator), transcriber, clock=lambda: now)
    new = unread_of(simulator)
    ours, theirs, ours_first, theirs_first, theirs_unnoticed, link = new[:6]

    def listen(uuid: str) -> None:
        message = simulator.scenario.find(uuid)
        assert message
        message.mark_read(now)

    assert await unheard(inbox) == set(new)
    now += timedelta(hours=1)
    await inbox.transcribing.transcribe([ours, ours_first])
    await inbox.recordings.link(link)
    assert await unheard(inbox) == set(new)
    now += timedelta(hours=1)
    for uuid in (theirs, theirs_first, ours_first):
        listen(uuid)
    assert await unheard(inbox) == set(new) - {theirs, theirs_first}
    now += timedelta(hours=1)
    listen(theirs_unnoticed)
    now += timedelta(minutes=5)
    await inbox.transcribing.transcribe([theirs_first, theirs_unnoticed])
    expected = set(new) - {theirs, theirs_first, theirs_unnoticed}
    assert await unheard(inbox) == expected
    now += timedelta(hours=8)
    await inbox.transcribing.transcribe(new, refresh=True)  # in the evening, everything again
    assert unread_of(simulator) == []
    assert await unheard(inbox) == expected
    listeners = await heard(inbox)
    assert {uuid for uuid, by in listeners.items() if by == "assistant"} == expected
    assert {listeners[uuid] for uuid in (theirs, theirs_first, theirs_unnoticed)} == {"person"}
    await inbox.aclose()


async def test_another_server_of_the_same_user_knows_what_this_one_retrieved(
    inbox: Inbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    new = unread_of(simulator)
    await heard(inbox)
    await inbox.transcribing.transcribe(new[:2])
    other = Inbox(inbox.settings, transcriber)
    assert await unheard(other) == set(new)
    assert {entry.status for entry in await other.history.look_up(new[:2])} == {"done"}
    await other.aclose()


@pytest.mark.parametrize(
    ("fault", "step"), [("http429", "download"), ("http500", "download"), ("not_audio", "download")]
)
async def test_a_message_whose_recording_was_refused_after_it_was_marked_stays_unheard(
    inbox: Inbox, simulator: Simulator, fault: str, step: str
) -> None:
    uuid = unread_of(simulator)[0]
    await heard(inbox)
    simulator.faults.set(fault, step)  # type: ignore[arg-type]  # one of each
    with stamina.set_testing(True, attempts=1), pytest.raises(PbxError):
        await inbox.recordings.fetch(uuid)
    assert uuid not in unread_of(simulator)
    assert (await heard(inbox))[uuid] == "assistant"


async def test_a_message_whose_retrieval_was_refused_stays_unread(inbox: Inbox, simulator: Simulator) -> None:
    uuid = unread_of(simulator)[0]
    await heard(inbox)
    simulator.faults.set("wrong_key", "url")
    with pytest.raises(PbxError):
        await inbox.recordings.fetch(uuid)
    assert await (await inbox.account.archive()).retrievals([uuid]) == {}
    assert (await heard(inbox))[uuid] == "nobody"


async def test_a_list_shows_how_each_transcript_begins_and_where_nobody_spoke(
    inbox: Inbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    first, second, third = simulator.scenario.messages[:3]
    transcriber.texts = {
        first.recording.path.read_bytes(): "Merhaba, " + "uzun bir mesaj " * 30,
        second.recording.path.read_bytes(): "",
    }
    await inbox.transcribing.transcribe([first.uuid, second.uuid])
    listed = {item.uuid: item for item in (await inbox.list_voicemails(ListRequest())).voicemails}
    assert listed[first.uuid].first_line.startswith("Merhaba, uzun")
    assert listed[first.uuid].first_line.endswith("…")
    assert len(listed[first.uuid].first_line) <= 121
    assert (listed[second.uuid].first_line, listed[second.uuid].no_speech) == ("", True)
    assert (listed[third.uuid].first_line, listed[third.uuid].no_speech) == ("", False)


async def test_what_was_said_is_found_with_its_caller_and_time(
    inbox: Inbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    message = simulator.scenario.messages[0]
    transcriber.texts[message.recording.path.read_bytes()] = "Işık yanmıyor, lütfen arayın."
    await inbox.list_voicemails(ListRequest())
    await inbox.transcribing.transcribe([message.uuid])
    asked = len(simulator.requests)
    for query in ("isik", "IŞIK yanmıyor", '"ışık yanmıyor"', "mehmet kaya", "0532 417 28 93"):
        hits = (await inbox.history.search(SearchRequest(query=query, since="7d"))).hits
        assert [hit.voicemail.uuid for hit in hits if hit.is_transcribed] == [message.uuid]
        assert {hit.voicemail.caller_id_name for hit in hits} == {"Mehmet Kaya"}
    assert (await inbox.history.search(SearchRequest(query="ışık", until="3d"))).hits == ()
    assert len(simulator.requests) == asked


async def test_transcribing_again_replaces_the_text_everywhere(
    inbox: Inbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    message = simulator.scenario.messages[0]
    audio = message.recording.path.read_bytes()
    for text in ("yanlış duyulmuş", "doğru duyulmuş"):
        transcriber.texts[audio] = text
        [entry] = await inbox.transcribing.transcribe([message.uuid], refresh=True)
        assert entry.transcript
        assert entry.transcript.text == text
    [looked_up] = await inbox.history.look_up([message.uuid])
    assert looked_up.transcript == entry.transcript
    assert (await inbox.history.search(SearchRequest(query="yanlış"))).hits == ()


async def test_an_archived_transcript_comes_at_once_and_counts_as_progress(
    inbox: Inbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    old, new = (message.uuid for message in simulator.scenario.messages[:2])
    await inbox.transcribing.transcribe([old])
    seen: list[tuple[float, int]] = []

    async def on_progress(done: float, total: int) -> None:
        seen.append((done, total))

    later = Inbox(inbox.settings, transcriber)
    entries = await later.transcribing.transcribe([old, new], wait_seconds=0, on_progress=on_progress)
    assert [entry.status for entry in entries] == ["done", "pending"]
    assert seen == [(1, 2)]
    await later.aclose()


async def test_refresh_is_honoured_right_after_a_call_that_did_not_wait(
    inbox: Inbox, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    uuids = [simulator.scenario.messages[0].uuid]
    await inbox.transcribing.transcribe(uuids)
    later = Inbox(inbox.settings, transcriber)
    await later.transcribing.transcribe(uuids, wait_seconds=0)
    await later.transcribing.transcribe(uuids, refresh=True)
    assert len(transcriber.heard) == 2
    await later.aclose()


async def test_a_damaged_transcript_fails_alone_and_refresh_replaces_it(inbox: Inbox, simulator: Simulator) -> None:
    damaged, sound = (message.uuid for message in simulator.scenario.messages[:2])
    await inbox.transcribing.transcribe([damaged, sound])
    with closing(sqlite3.connect(inbox.settings.archive_path, isolation_level=None)) as archive:
        archive.execute("UPDATE transcripts SET body = x'00' WHERE uuid = ?", (damaged,))
    for uuids in ([damaged, sound], [damaged]):
        entries = {entry.uuid: entry for entry in await inbox.transcribing.transcribe(uuids)}
        assert entries[damaged].status == "failed"
        assert "refresh" in entries[damaged].error
    assert {entry.status for entry in await inbox.transcribing.transcribe([damaged], refresh=True)} == {"done"}
    assert {entry.status for entry in await inbox.transcribing.transcribe([damaged, sound])} == {"done"}


async def test_a_recording_whose_file_can_not_be_named_is_not_retrieved(
    inbox: Inbox, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(_: str) -> None:
        raise ArchiveError("The archive is locked. Try again.")

    uuid = unread_of(simulator)[0]
    monkeypatch.setattr(await inbox.account.archive(), "voicemail", locked)
    with pytest.raises(ArchiveError):
        await inbox.recordings.save(uuid)
    assert uuid in unread_of(simulator)


async def test_read_only_still_searches_and_shows_what_was_transcribed(
    inbox: Inbox, simulator: Simulator, connect: Connect, settings_for: MakeSettings, transcriber: ScriptedTranscriber
) -> None:
    message = simulator.scenario.messages[0]
    transcriber.texts[message.recording.path.read_bytes()] = "Randevumu iptal edin."
    await inbox.transcribing.transcribe([message.uuid])
    before = unread_of(simulator), fetches(simulator)
    async with connect(settings_for(simulator, read_only=True)) as client:
        for tool, arguments in (
            ("search_transcripts", {"query": "randevu"}),
            ("get_transcripts", {"uuids": [message.uuid, "never-heard"]}),
            ("list_voicemails", {"uuid": message.uuid}),
        ):
            result = await client.call_tool(tool, arguments)
            assert not result.is_error
            assert "iptal" in text_of(result)
        assert "transcribe_voicemails" not in [tool.name for tool in (await client.list_tools()).tools]
    assert (unread_of(simulator), fetches(simulator)) == before


async def test_without_an_archive_the_list_is_shown_and_says_what_is_missing(
    simulator: Simulator, settings_for: MakeSettings, connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file, not a folder", encoding="utf-8")
    settings = settings_for(simulator, archive_dir=tmp_path / "taken")
    new = unread_of(simulator)
    async with connect(settings) as client:
        listed = await client.call_tool("list_voicemails", {})
        assert not listed.is_error
        assert "VM_MCP_DATA_DIR" in text_of(listed)
        assert new[0] in text_of(listed)
        for tool, arguments in (
            ("list_voicemails", {"status": "unheard"}),
            ("transcribe_voicemails", {"uuids": new[:2]}),
            ("get_recording", {"uuid": new[0]}),
            ("search_transcripts", {"query": "randevu"}),
        ):
            refused = await client.call_tool(tool, arguments)
            assert refused.is_error
            assert "VM_MCP_DATA_DIR" in text_of(refused)
    assert unread_of(simulator) == new


@pytest.mark.parametrize("method", ["save", "confirm_retrieval"])
async def test_a_transcript_is_returned_even_when_it_can_not_be_kept(
    inbox: Inbox, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise ArchiveError("The disk is full. Make room.")

    uuid = unread_of(simulator)[0]
    with monkeypatch.context() as broken:
        broken.setattr(await inbox.account.archive(), method, full)
        [entry] = await inbox.transcribing.transcribe([uuid])
    assert entry.status == "done"
    assert entry.transcript
    assert ("Make room" in entry.transcript.notice) == (method == "save")
    [again] = await inbox.transcribing.transcribe([uuid])
    assert again.transcript
    assert again.transcript.notice == ""
    assert fetches(simulator) == 1
    assert (await heard(inbox))[uuid] == "assistant"


async def test_messages_past_their_retention_are_purged_and_the_rest_stays(
    simulator: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    class EndedError(Exception):
        pass

    async def end(_: float) -> None:
        raise EndedError

    inbox = Inbox(settings_for(simulator, retention_days=2), transcriber)
    messages = {message.uuid: message for message in simulator.scenario.messages}
    await heard(inbox)
    await inbox.transcribing.transcribe(list(messages))
    monkeypatch.setattr("vm_mcp.inbox.history.asyncio.sleep", end)
    with pytest.raises(EndedError):
        await inbox.history.keep_forgetting()
    entries = {entry.uuid: entry.status for entry in await inbox.history.look_up(list(messages))}
    limit = datetime.now(UTC) - timedelta(days=2)
    assert {uuid for uuid, status in entries.items() if status == "missing"} == {
        uuid for uuid, message in messages.items() if message.received_at < limit
    }
    assert len({message.uuid for message in await inbox.listing.recent(100)}) < len(messages)
    await inbox.aclose()
