"""Inboxes of people of a team: what they may do, what they may not, and what colleagues see of it."""

import logging

import pytest
from conftest import MakeSettings
from support.handled import left
from support.mailbox_people import AYSE, BOXES, MEHMET, OpenAs
from support.scripted_transcriber import ScriptedTranscriber
from support.simulator_requests import Clock, voicemail_requests

from vm_mcp.errors import AccessDeniedError, ConfigError, InputError, VoicemailNotFoundError
from vm_mcp.inbox import ArchiveRequest, Inbox, ListedVoicemail, ListRequest, MissedRequest, SearchRequest
from vm_mcp.people import EVERYTHING, SCOPES, Access
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.simulated_calls import Call, ExtensionOwner

pytest_plugins = ["support.handled_fixtures", "support.mailbox_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

ONE = Access(AYSE, frozenset({"101"}))
HIDDEN, UNKNOWN = BOXES["102"].uuid, "no-such-message"
RECORDING = "/voicemail_recording_url/"


async def one(inbox: Inbox, uuid: str) -> ListedVoicemail:
    return (await inbox.known.of_uuids([uuid]))[uuid]


async def test_mailboxes_are_not_kept_apart_in_a_desks_archive(
    pbx: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber
) -> None:
    left(pbx, "a", user_number="102")
    inbox = Inbox(settings_for(pbx), transcriber, access=ONE)
    for asked in (
        inbox.list_voicemails(ListRequest()),
        inbox.overview(),
        inbox.missed.page(MissedRequest()),
        inbox.history.search(SearchRequest(query="a")),
        inbox.history.look_up(["a"]),
        inbox.recordings.link("a"),
        inbox.transcribing.transcribe(["a"]),
        inbox.marking.mark(["a"], "done"),
    ):
        with pytest.raises(ConfigError, match="VM_MCP_DATABASE_URL"):
            await asked
    await inbox.aclose()
    assert voicemail_requests(pbx) == []


async def test_a_person_of_a_desk_who_sees_every_mailbox_uses_its_archive(
    pbx: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber, clock: Clock
) -> None:
    left(pbx, "a")
    inbox = Inbox(settings_for(pbx), transcriber, clock=clock, access=Access(AYSE))
    await inbox.list_voicemails(ListRequest())
    await inbox.recordings.link("a")
    await inbox.marking.mark(["a"], "done")
    listed = await inbox.listing.one("a")
    await inbox.aclose()
    assert (listed.heard_by, listed.opened_by, listed.marked_by) == ("assistant", AYSE.name, AYSE.name)


async def test_nothing_of_another_mailbox_is_fetched_and_the_refusal_is_that_of_an_unknown_message(
    open_as: OpenAs, people_pbx: Simulator
) -> None:
    before = len(people_pbx.requests)
    async with open_as(ONE) as inbox:
        for retrieve in (inbox.recordings.link, inbox.recordings.fetch, inbox.listing.one):
            refusals = []
            for uuid in (HIDDEN, UNKNOWN):
                with pytest.raises(VoicemailNotFoundError) as refused:
                    await retrieve(uuid)
                refusals.append(str(refused.value))
            assert len(set(refusals)) == 1
        hidden, unknown = await inbox.transcribing.transcribe([HIDDEN, UNKNOWN])
        assert hidden.model_copy(update={"uuid": UNKNOWN}) == unknown
        assert (hidden.status, hidden.voicemail, hidden.opened) == ("failed", None, False)
        with pytest.raises(InputError, match="No message here has the uuid"):
            await inbox.marking.mark([HIDDEN], "done")
        assert await inbox.whole_uuids([HIDDEN[-6:]]) == [HIDDEN[-6:]]
    assert RECORDING not in {record.path for record in people_pbx.requests[before:]}
    async with open_as(EVERYTHING) as inbox:
        found = await one(inbox, HIDDEN)
        assert (found.opened_by, found.marked_by, found.state) == (MEHMET.name, MEHMET.name, "told")


async def test_a_message_that_nobody_has_listed_is_looked_up_before_its_recording_is_asked_for(
    open_as: OpenAs, people_pbx: Simulator
) -> None:
    left(people_pbx, "theirs", user_number="101")
    left(people_pbx, "another's", user_number="102")
    before = len(people_pbx.requests)
    async with open_as(ONE) as inbox:
        await inbox.recordings.link("theirs")
        paths = [record.path for record in voicemail_requests(people_pbx)[-2:]]
        with pytest.raises(VoicemailNotFoundError):
            await inbox.recordings.link("another's")
        assert (await one(inbox, "theirs")).opened_by == AYSE.name
        assert (await inbox.listing.one("theirs")).heard_by == "assistant"
    assert paths == ["/voicemail_messages", RECORDING]
    assert [record.path for record in people_pbx.requests[before:]].count(RECORDING) == 1


@pytest.mark.parametrize("missing", sorted(SCOPES - {"voicemail:read"}))
async def test_what_a_person_may_not_do_is_refused_even_if_it_is_asked_for(
    open_as: OpenAs, people_pbx: Simulator, missing: str
) -> None:
    before, uuid = len(people_pbx.requests), BOXES["101"].uuid
    async with open_as(Access(AYSE, scopes=frozenset(SCOPES - {missing}))) as inbox:
        refused = {
            "voicemail:open": (inbox.recordings.link(uuid), inbox.recordings.fetch(uuid), inbox.recordings.save(uuid),
                               inbox.transcribing.transcribe([uuid])),
            "voicemail:update": (inbox.marking.mark([uuid], "done"),),
        }  # fmt: skip
        for scope, asked in refused.items():
            for each in asked:
                if scope == missing:
                    with pytest.raises(AccessDeniedError):
                        await each
                else:
                    each.close()
        assert (inbox.can_retrieve, inbox.can_update) == (missing != "voicemail:open", missing != "voicemail:update")
        assert (await inbox.history.look_up([uuid]))[0].status == "done"
    assert people_pbx.requests[before:] == []


async def test_a_person_deletes_nothing_and_their_server_forgets_nothing(
    open_as: OpenAs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for access in (Access(AYSE), ONE):
        async with open_as(access) as inbox:
            inbox.account.settings = inbox.account.settings.model_copy(update={"retention_days": 1})
            await inbox.history.forget_old()
            with pytest.raises(AccessDeniedError, match="vm-mcp purge"):
                await inbox.history.purge(everything=True)
            assert (await one(inbox, BOXES["101"].uuid)).first_line
    assert "could not be purged" not in caplog.text


async def test_missed_calls_of_other_mailboxes_are_not_counted_and_a_call_back_by_anybody_is(
    open_as: OpenAs, people_pbx: Simulator, people_clock: Clock
) -> None:
    at, numbers = people_clock(), ("05350000001", "05350000002")
    people_pbx.scenario.extensions.append(ExtensionOwner("101", "Elif Aksoy"))
    people_pbx.scenario.calls += [
        Call("rang-101", "inbound", at, numbers[0], "Sema", "101"),
        Call("rang-102", "inbound", at, numbers[0], "Sema", "102"),
        Call("by-name", "inbound", at, numbers[1], "Rıza", "02129998877", "Elif Aksoy"),
    ]
    people_clock.advance(3600)
    people_pbx.scenario.call_back("rang-101", people_clock(), extension="102")
    people_clock.advance(3 * 24 * 3600)
    async with open_as(ONE) as inbox:
        await inbox.neighbours.refresh(wait_seconds=10)
        found = {caller.caller_id_name: caller for caller in (await inbox.missed.page(MissedRequest())).callers}
        assert set(found) == {BOXES["101"].missed, "Sema", "Rıza"}
        assert (found["Sema"].calls, found["Sema"].extensions) == (1, ("101",))
        assert (found["Sema"].is_returned, found["Sema"].callback.extension) == (True, "102")
        assert found["Rıza"].extensions == ("101",)
        assert {each.caller_id_name for each in (await inbox.overview()).missed or ()} == set(found)


async def test_an_export_holds_only_what_a_person_may_see(open_as: OpenAs) -> None:
    async with open_as(ONE) as inbox:
        exported = [entry.uuid async for entry in inbox.history.transcriptions(ArchiveRequest())]
    assert exported == [BOXES["101"].uuid]
