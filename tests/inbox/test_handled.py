"""What became of messages: call records and what a person said, through the inbox, on good days and bad ones."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.handled import OpenInbox, left, listed, notice
from support.scripted_transcriber import ScriptedTranscriber
from support.simulator_requests import NOON, Clock, voicemail_requests

from vm_mcp.errors import InputError, PbxError
from vm_mcp.inbox import Inbox, ListedVoicemail, ListRequest, MissedRequest, SearchRequest
from vm_mcp.inbox.neighbours import CALLS_FRESH
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.simulated_calls import AddressBookEntry, Call, ExtensionOwner, eight_spellings
from vm_mcp.views import transcriptions

pytest_plugins = ["support.handled_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]


@pytest.fixture
def all_requests_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the client from waiting for its own budget, whose minutes pass no faster; the simulator refuses as ever."""
    monkeypatch.setattr("vm_mcp.pbx.calls.CALL_RECORD_REQUESTS", 1000)


async def test_a_day_in_the_life_of_a_message(inbox: Inbox, pbx: Simulator, clock: Clock) -> None:
    left(pbx, "boiler", caller_id_name="Emre Şahin")
    assert (await listed(inbox, status="open"))["boiler"].state == "new"
    pbx.scenario.messages[0].mark_read(clock())  # a colleague hears it
    clock.advance(600)
    assert await listed(inbox, status="unheard") == {}
    assert "1 more was heard by a person; not called back" in await notice(inbox, status="unheard")
    [open_one] = (await listed(inbox, status="open")).values()
    assert (open_one.state, open_one.heard_by) == ("new", "person")
    await inbox.marking.mark(["boiler"], "told")
    assert (await listed(inbox, status="open"))["boiler"].state == "told"
    pbx.scenario.call_back("boiler", clock(), talk_seconds=None)
    clock.advance(600)
    assert (await listed(inbox, status="open"))["boiler"].state == "tried"
    pbx.scenario.call_back("boiler", clock(), talk_seconds=90)
    clock.advance(600)
    assert await listed(inbox, status="open") == {}
    [called] = (await listed(inbox)).values()
    assert called.state == "called_back"
    assert called.callback
    assert (called.callback.extension, called.callback.talk_seconds, called.callback.tries) == ("1001", 90, 1)
    assert called.mark
    assert called.mark.state == "told", "what was said stays beside what records show"
    await inbox.marking.mark(["boiler"], "open", "yine su akıtıyor")
    assert (await listed(inbox, status="open"))["boiler"].note == "yine su akıtıyor"
    await inbox.marking.mark(["boiler"], "done")
    assert await listed(inbox, status="open") == {}
    [closed] = (await listed(inbox)).values()
    assert (closed.state, closed.note) == ("done", "yine su akıtıyor")
    await inbox.history.purge(everything=True)
    assert (await listed(inbox))["boiler"].mark is None


async def test_a_note_alone_changes_no_state_and_an_empty_one_deletes_it(
    inbox: Inbox, pbx: Simulator, clock: Clock
) -> None:
    left(pbx, "a")
    await listed(inbox)
    [noted] = await inbox.marking.write_note(["a"], "servis yarın")
    assert (noted.state, noted.note) == ("new", "servis yarın")
    [told] = await inbox.marking.mark(["a"], "told")
    assert (told.state, told.note) == ("told", "servis yarın")
    clock.advance(60)
    [changed] = await inbox.marking.write_note(["a"], "servis salı")
    assert told.mark
    assert changed.mark == told.mark.model_copy(update={"note": "servis salı"}), "when it was said stays"
    [emptied] = await inbox.marking.write_note(["a"], " ")
    assert (emptied.state, emptied.note) == ("told", "")


async def test_a_note_reopens_no_message_that_was_called_back_before_or_after_it(
    inbox: Inbox, pbx: Simulator, clock: Clock
) -> None:
    left(pbx, "a")
    await listed(inbox)
    clock.advance(600)
    pbx.scenario.call_back("a", clock(), talk_seconds=90)
    clock.advance(600)
    assert (await listed(inbox))["a"].state == "called_back"
    [noted] = await inbox.marking.write_note(["a"], "konuştuk")
    assert (noted.state, noted.note) == ("called_back", "konuştuk")
    [reopened] = await inbox.marking.mark(["a"], "open")
    clock.advance(600)
    pbx.scenario.call_back("a", clock(), talk_seconds=90)
    clock.advance(600)
    assert (await listed(inbox))["a"].state == "called_back"
    [again] = await inbox.marking.write_note(["a"], "yine konuştuk")
    assert (reopened.state, again.state) == ("new", "called_back")


async def test_what_a_person_says_twice_changes_nothing_and_can_be_taken_back(
    inbox: Inbox, pbx: Simulator, clock: Clock
) -> None:
    left(pbx, "a")
    await listed(inbox)
    [first] = await inbox.marking.mark(["a", "a"], "told", "not")
    asked = len(pbx.requests)
    clock.advance(60)
    [again] = await inbox.marking.mark(["a"], "told")
    assert again.mark == first.mark
    [back] = await inbox.marking.mark(["a"], "open")
    assert back.state == "new"
    assert len(pbx.requests) == asked, "the PBX is never told"
    with pytest.raises(InputError, match="List the messages"):
        await inbox.marking.mark(["a", "nobody's"], "done")
    assert (await listed(inbox))["a"].mark == back.mark


async def test_the_end_of_a_uuid_names_its_message_unless_another_has_it(inbox: Inbox, pbx: Simulator) -> None:
    for uuid in ("11-5bedc26e", "22-5bedc26e", "0a1b2c3d4e"):
        left(pbx, uuid)
    found = await listed(inbox)
    assert {uuid: message.ending for uuid, message in found.items()} == {
        "11-5bedc26e": "1-5bedc26e",
        "22-5bedc26e": "2-5bedc26e",
        "0a1b2c3d4e": "2c3d4e",
    }
    assert await inbox.whole_uuids([message.ending for message in found.values()]) == list(found)
    assert await inbox.whole_uuids(["2C3D4E", "new-one", "4e"]) == ["0a1b2c3d4e", "new-one", "4e"]
    with pytest.raises(InputError, match=r"11-5bedc26e.*22-5bedc26e"):
        await inbox.whole_uuids(["5bedc26e"])


async def test_a_note_and_a_contacts_name_find_a_message(
    inbox: Inbox, pbx: Simulator, transcriber: ScriptedTranscriber
) -> None:
    message = left(pbx, "a")
    transcriber.texts[message.recording.path.read_bytes()] = "Beni arayın."
    pbx.scenario.contacts.append(AddressBookEntry(1, "Zümrüt", "Aslan", "Aslan Yapı", ("0532 111 22 33",)))
    await listed(inbox)
    await inbox.transcribing.transcribe(["a"])
    await inbox.marking.mark(["a"], "told", "salıya erteledi")
    for query in ("zümrüt", "aslan yapı", "erteledi", "arayın"):
        hits = (await inbox.history.search(SearchRequest(query=query))).hits
        assert [hit.voicemail.uuid for hit in hits] == ["a"], query
        assert isinstance(hits[0].voicemail, ListedVoicemail)
        assert hits[0].voicemail.note == "salıya erteledi"
    assert list(await listed(inbox, caller="zümrüt")) == ["a"]
    assert "search_transcripts" in await notice(inbox, caller="mustafa")


async def test_a_message_without_a_transcript_is_found_by_its_note_its_caller_and_its_contact(
    inbox: Inbox, pbx: Simulator, clock: Clock
) -> None:
    left(pbx, "a", caller_id_name="Emre Şahin")
    await listed(inbox)
    await inbox.marking.mark(["a"], "told", "salıya erteledi")
    pbx.scenario.contacts.append(AddressBookEntry(1, "Zümrüt", "Aslan", "Aslan Yapı", ("0532 111 22 33",)))
    clock.advance(86_400)
    await listed(inbox)
    for query in ("erteledi", "emre", "zümrüt aslan", "05321112233", "1112233"):
        [hit] = (await inbox.history.search(SearchRequest(query=query))).hits
        assert (hit.voicemail.uuid, hit.is_transcribed) == ("a", False), query
    nothing = await inbox.history.search(SearchRequest(query="kombi"))
    assert (nothing.searched_count, nothing.missing_count) == (0, 1)
    await inbox.history.purge(caller="Emre Şahin")
    assert (await inbox.history.search(SearchRequest(query="erteledi"))).hits == ()


async def test_a_recording_that_was_left_twice_is_told_by_its_bytes(
    inbox: Inbox, pbx: Simulator, transcriber: ScriptedTranscriber
) -> None:
    for uuid, voice in {"a": "tr02_geri_ara", "b": "tr06_ariza", "c": "tr02_geri_ara"}.items():
        message = left(pbx, uuid, voice=voice)
        transcriber.texts[message.recording.path.read_bytes()] = "Alo."
    await listed(inbox)
    entries = await inbox.transcribing.transcribe(["a", "b", "c"])
    for made in (entries, await inbox.history.look_up(["a", "b", "c"])):
        items = transcriptions(made, inbox.settings.zone, full=False).content.transcriptions
        assert [item.same_as for item in items] == ["", "", "a"], "two that only sound alike are not the same"


async def test_a_contacts_name_helps_the_engine_and_is_shown_beside_the_callers_own(
    inbox: Inbox, pbx: Simulator, transcriber: ScriptedTranscriber
) -> None:
    left(pbx, "a", caller_id_name="Z A")
    pbx.scenario.contacts.append(AddressBookEntry(1, "Zümrüt", "Aslan", None, ("0532 111 22 33",)))
    [message] = (await listed(inbox)).values()
    assert (message.caller_id_name, message.contact) == ("Z A", "Zümrüt Aslan")
    await inbox.transcribing.transcribe(["a"])
    [(_, options)] = transcriber.heard
    assert options.known_names == ("Z A", "Zümrüt Aslan")


async def test_eight_spellings_of_one_number_are_one_person_and_five_who_share_one_are_told(
    inbox: Inbox, pbx: Simulator
) -> None:
    for at, number in enumerate(eight_spellings("5321112233")):
        left(pbx, f"u{at}", number, hours_ago=9 - at)
    left(pbx, "shared", "0312 444 01 82")
    left(pbx, "hidden", "0000000000", caller_id_name="Anonymous")
    people = [
        AddressBookEntry(at, name, "", "Depo", ("03124440182",))
        for at, name in enumerate(("Ali", "Oya", "Can", "Ece", "Nil"))
    ]
    pbx.scenario.contacts[:] = [
        *people,
        AddressBookEntry(7, "Ayşe", "", None, ("+90 (0)532.111.22.33",)),
        AddressBookEntry(8, "Numarasız"),
        AddressBookEntry(9, "Gizli", "", None, ("0000000000",)),
    ]  # fmt: skip
    found = await listed(inbox)
    assert {found[f"u{at}"].contact for at in range(8)} == {"Ayşe"}
    assert found["shared"].contact == "shared by Ali, Oya, Can and 2 more"
    assert found["hidden"].contact == ""
    overview = await inbox.overview()
    assert [(caller.latest.uuid, caller.messages) for caller in overview.waiting] == [
        ("u7", 8),
        ("shared", 1),
        ("hidden", 1),
    ]


async def test_an_extension_that_was_reassigned_keeps_the_name_of_who_called_back_then(
    inbox: Inbox, pbx: Simulator
) -> None:
    left(pbx, "a")
    pbx.scenario.extensions[:] = [ExtensionOwner("1001", "Selin Ergin")]
    pbx.scenario.call_back("a", NOON - timedelta(hours=1))
    pbx.scenario.extensions[:] = [ExtensionOwner("1001", "Elif Aksoy")]
    [message] = (await listed(inbox)).values()
    assert message.owner == "Elif Aksoy"
    assert message.callback
    assert (message.callback.extension, message.callback.extension_name) == ("1001", "Selin Ergin")


async def test_one_recording_in_two_mailboxes_is_two_messages(inbox: Inbox, pbx: Simulator) -> None:
    left(pbx, "a", user_number="1001")
    left(pbx, "a", user_number="1002")
    page = await inbox.list_voicemails(ListRequest())
    assert page.total_count == 2
    assert {(voicemail.uuid, voicemail.extension) for voicemail in page.voicemails} == {("a", "1001"), ("a", "1002")}
    first = await inbox.list_voicemails(ListRequest(limit=1, status="open"))
    second = await inbox.list_voicemails(ListRequest(limit=1, cursor=first.next_cursor))
    assert first.voicemails[0].row_id != second.voicemails[0].row_id


@pytest.mark.parametrize("status", ["all", "open", "unheard"])
async def test_a_slow_clock_hides_no_message_and_is_told(
    open_inbox: OpenInbox, pbx: Simulator, clock: Clock, status: str
) -> None:
    left(pbx, "just-now", hours_ago=0)
    async with open_inbox(lambda: clock() - timedelta(minutes=8)) as slow:
        assert list(await listed(slow, status=status)) == ["just-now"]
        assert list(await listed(slow, status=status, since="5h")) == ["just-now"]
        assert await listed(slow, status=status, until="2026-03-10T11:59") == {}
        assert "clock is 8 min slow" in await notice(slow)
        pbx.scenario.call_back("just-now", clock() + timedelta(minutes=1))
        clock.advance(600)
        assert (await listed(slow))["just-now"].state == "called_back"
    async with open_inbox(lambda: clock() - timedelta(seconds=30)) as nearly:
        assert "clock" not in await notice(nearly)


async def test_today_is_the_day_of_the_pbx_and_not_of_a_slow_clock(
    open_inbox: OpenInbox, pbx: Simulator, clock: Clock
) -> None:
    clock.now = datetime.fromisoformat("2026-03-11T00:03:00+03:00")
    left(pbx, "yesterday", hours_ago=2)
    async with open_inbox(lambda: clock() - timedelta(minutes=8)) as slow:
        assert await listed(slow, since="today") == {}


async def test_records_are_asked_for_again_only_when_they_are_old(inbox: Inbox, pbx: Simulator, clock: Clock) -> None:
    left(pbx, "a")

    def asked(path: str) -> int:
        return sum(record.path == path for record in pbx.requests)

    for _ in range(3):
        await listed(inbox)
    assert [asked(path) for path in ("/cdrs", "/contacts", "/extensions")] == [1, 1, 1]
    clock.advance(CALLS_FRESH.total_seconds())
    await listed(inbox)
    await listed(inbox)
    assert [asked(path) for path in ("/cdrs", "/contacts", "/extensions")] == [2, 1, 1]
    clock.advance(86_400)
    await listed(inbox)
    assert [asked(path) for path in ("/cdrs", "/contacts", "/extensions")] == [3, 2, 2]


async def test_another_server_of_the_user_asks_nothing_that_this_one_has_read(
    inbox: Inbox, open_inbox: OpenInbox, pbx: Simulator
) -> None:
    left(pbx, "a")
    pbx.scenario.call_back("a", NOON - timedelta(hours=1))
    await listed(inbox)
    before = len(pbx.requests) - len(voicemail_requests(pbx))
    async with open_inbox() as other:
        assert (await listed(other))["a"].state == "called_back"
    assert len(pbx.requests) - len(voicemail_requests(pbx)) == before


@pytest.mark.parametrize(
    ("fault", "said"),
    [("forbidden", "refuses this API key the account's call records"), ("http429", "not known"), ("html", "not known")],
)
async def test_without_call_records_a_list_is_whole_and_says_once_what_could_not_be_had(
    inbox: Inbox, pbx: Simulator, clock: Clock, fault: str, said: str
) -> None:
    left(pbx, "a")
    pbx.scenario.call_back("a", NOON - timedelta(hours=1))
    pbx.faults.set(fault, "cdrs")  # type: ignore[arg-type]  # one of each
    assert (await listed(inbox, status="open"))["a"].state == "unknown"
    assert (await notice(inbox)).count(said) == 1
    assert (await inbox.overview()).missed is None
    with pytest.raises(PbxError, match="Missed calls are not known"):
        await inbox.missed.page(MissedRequest())
    pbx.faults.clear()
    clock.advance(3600)
    assert (await listed(inbox))["a"].state == "called_back"
    assert await notice(inbox) == ""


async def test_old_records_are_used_where_new_ones_can_not_be_had(inbox: Inbox, pbx: Simulator, clock: Clock) -> None:
    left(pbx, "a")
    pbx.scenario.call_back("a", NOON - timedelta(hours=1))
    assert (await listed(inbox))["a"].state == "called_back"
    pbx.faults.set("http500", "cdrs")
    clock.advance(3600)
    left(pbx, "new", "05550000000", hours_ago=-0.9)
    found = await listed(inbox)
    assert (found["a"].state, found["new"].state) == ("called_back", "unknown")
    assert "Call records end at Tue 10 Mar 12:00." in await notice(inbox)


@pytest.mark.parametrize("fault", ["half_page", "forbidden", "http500"])
async def test_without_contacts_messages_keep_the_names_that_callers_sent(
    inbox: Inbox, pbx: Simulator, fault: str
) -> None:
    left(pbx, "a", caller_id_name="Emre Şahin")
    pbx.scenario.contacts.append(AddressBookEntry(1, "Emre", "", None, ("05321112233",)))
    pbx.faults.set(fault, "contacts")  # type: ignore[arg-type]  # one of each
    [message] = (await listed(inbox)).values()
    assert message.caller_id_name == "Emre Şahin"
    assert message.state == "new"
    assert ("ontacts" in await notice(inbox)) is (fault != "half_page")


@pytest.mark.usefixtures("all_requests_at_once")
async def test_more_records_than_one_reading_allows_follow_within_the_limit(
    inbox: Inbox, pbx: Simulator, clock: Clock
) -> None:
    left(pbx, "a", hours_ago=24 * 20)
    pbx.scenario.call_back("a", NOON - timedelta(days=19))
    pbx.scenario.calls += [
        Call(f"c{at}", "inbound", NOON - timedelta(minutes=at * 20), f"0212{at:07}", talk_seconds=9)
        for at in range(700)
    ]
    assert (await listed(inbox))["a"].state == "unknown"
    assert "Call records begin at" in await notice(inbox)
    clock.advance(61)
    assert (await listed(inbox))["a"].state == "called_back"
    assert await notice(inbox) == ""
    assert {record.status for record in pbx.requests} == {200}


async def test_missed_calls_are_told_by_caller_with_whether_anybody_called_back(inbox: Inbox, pbx: Simulator) -> None:
    hours = {"m1": 5.0, "m2": 4.0, "m3": 3.0}
    for uuid, hours_ago in hours.items():
        pbx.scenario.calls.append(Call(uuid, "inbound", NOON - timedelta(hours=hours_ago), "05321112233", "", "1001"))
    pbx.scenario.calls.append(Call("m4", "inbound", NOON - timedelta(hours=2), "05330000000", "", "1002"))
    pbx.scenario.call_back("m4", NOON - timedelta(hours=1))
    left(pbx, "message", "05559999999")
    pbx.scenario.contacts.append(AddressBookEntry(1, "Ayşe", "", None, ("905321112233",)))
    page = await inbox.missed.page(MissedRequest())
    found = [(missed.contact, missed.calls, missed.callback.state) for missed in page.callers]
    assert found == [("", 1, "called_back"), ("Ayşe", 3, "not_called")]
    for returned, extensions in (("yes", [("1002",)]), ("no", [("1001",)])):
        page = await inbox.missed.page(MissedRequest(returned=returned))
        assert [missed.extensions for missed in page.callers] == extensions
    assert len((await inbox.missed.page(MissedRequest(extension="1001"))).callers) == 1
    assert (await inbox.missed.page(MissedRequest(since="1h"))).callers == ()


@pytest.mark.usefixtures("all_requests_at_once")
async def test_a_morning_with_200_messages_and_600_records_stays_within_all_limits(
    open_inbox: OpenInbox, pbx: Simulator, clock: Clock
) -> None:
    pbx.scenario.rate_limit, pbx.scenario.rate_limit_counts = True, "all"
    for at in range(200):
        left(pbx, f"u{at}", f"0532{at:07}", hours_ago=at / 8)
    pbx.scenario.calls += [
        Call(f"c{at}", "inbound", NOON - timedelta(minutes=at), f"0212{at:07}", talk_seconds=9) for at in range(400)
    ]
    async with open_inbox() as inbox:
        await inbox.overview()
        clock.advance(60)
        for _ in range(5):
            await listed(inbox, status="open")
            clock.advance(60)
        chosen = await inbox.choose(ListRequest(status="open"))
        clock.advance(60)
        await inbox.transcribing.transcribe(chosen.uuids[:5])
        await inbox.marking.mark(chosen.uuids[:5], "told")
        await inbox.missed.page(MissedRequest())
    by_path = {
        path: sum(record.path == path for record in pbx.requests) for path in ("/cdrs", "/contacts", "/extensions")
    }
    assert by_path == {"/cdrs": 11, "/contacts": 1, "/extensions": 1}
    assert {record.status for record in pbx.requests} == {200}
    assert len(pbx.requests) < 50


async def test_no_file_and_no_log_ever_holds_what_else_the_pbx_knows_of_people(
    inbox: Inbox, pbx: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    private = {"tckn": "10000000146", "birthday": "1970-01-31", "email": "gizli@ornek.example", "note": "borcu varmis"}
    pbx.scenario.contacts.append(AddressBookEntry(1, "Emre", "", None, ("05321112233",), private=private))
    left(pbx, "a")
    assert (await listed(inbox))["a"].contact == "Emre"
    await inbox.aclose()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    logged = "".join(repr(vars(record)) for record in caplog.records if not record.name.startswith("uvicorn"))
    assert b"Emre" in kept
    assert [word for word in private.values() if word.encode() in kept or word in logged] == []


async def test_a_list_waits_for_call_records_only_so_long(
    inbox: Inbox, pbx: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.pbx.transport.CALL_BUDGET", 3)
    monkeypatch.setattr("vm_mcp.inbox.neighbours.WAIT_SECONDS", 0.1)
    left(pbx, "a")
    pbx.faults.set("slow", "cdrs")
    started = time.monotonic()
    assert (await listed(inbox))["a"].state == "unknown"
    assert "Call records are being read" in await notice(inbox)
    assert time.monotonic() - started < 2
