"""Call records, contacts and marks are kept, shared, purged with their kind, and never another account's."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archive_samples import NOW, Clock, fresh, moments, spoken, voicemail

from vm_mcp.archive import Archive, NeighbourReading, People
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact, Extension
from vm_mcp.handling import Mark

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio

READING = NeighbourReading(
    next_at=NOW + timedelta(minutes=5), read_at=NOW, since=NOW - timedelta(days=31), until=NOW, is_complete=False
)
AYSE = Contact(contact_id="1", name="Ayşe Yılmaz", company="Yılmaz İnşaat", numbers=("0532 111 22 33", "02121112233"))
EMRE = Contact(contact_id="2", name="Emre Şahin", numbers=("05305128844",))


def call(uuid: str, number: str = "05321112233", hours_ago: float = 1, **fields: object) -> CallRecord:
    started_at = NOW - timedelta(hours=hours_ago)
    given = {"direction": "inbound", "started_at": started_at, "caller_id_number": number, **fields}
    return CallRecord(call_uuid=uuid, **given)


records = st.builds(
    CallRecord,
    call_uuid=st.builds(fresh),
    direction=st.sampled_from(["inbound", "outbound", "unknown"]),
    started_at=st.none() | moments,
    answered_at=st.none() | moments,
    caller_id_number=spoken,
    destination_name=spoken,
    duration_seconds=st.none() | st.integers(0, 10**6),
    queue=spoken,
    is_missed=st.none() | st.booleans(),
    return_uuid=spoken,
)


@settings(max_examples=30)
@given(record=records)
async def test_a_call_record_is_read_back_as_it_was_stored(shared_archive: Archive, record: CallRecord) -> None:
    await shared_archive.save_calls([record], READING)
    found = {each.call_uuid: each for each in await shared_archive.calls(NOW - timedelta(days=10**5))}
    assert found[record.call_uuid] == record


async def test_a_record_that_is_read_again_replaces_what_was_known_of_its_call(archive: Archive) -> None:
    await archive.save_calls([call("A-1")], READING)
    await archive.save_calls([call("a-1", return_uuid="b")], READING)
    assert [record.return_uuid for record in await archive.calls(NOW - timedelta(days=1))] == ["b"]


async def test_only_calls_and_messages_from_a_moment_on_are_returned(archive: Archive) -> None:
    await archive.save_calls([call("old", hours_ago=48), call("new"), call("odd", started_at=None)], READING)
    await archive.note_listed([voicemail("old", days_ago=2), voicemail("new"), voicemail("odd", received_at=None)])
    since = NOW - timedelta(days=1)
    assert {record.call_uuid for record in await archive.calls(since)} == {"new", "odd"}
    assert set(await archive.message_uuids(since)) == {"new", "odd"}


async def test_an_address_book_replaces_the_one_before(archive: Archive, other: Archive) -> None:
    await archive.save_contacts([AYSE, EMRE], READING)
    await archive.save_extensions([Extension(number="1001", name="Elif")], READING)
    assert await other.people() == People((AYSE, EMRE), (Extension(number="1001", name="Elif"),))
    await other.save_contacts([EMRE], READING)
    assert (await archive.people()).contacts == (EMRE,)
    assert await archive.neighbours() == {"contacts": READING, "extensions": READING}


async def test_one_of_several_processes_reads_and_the_others_wait_for_their_turn(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    soon = timedelta(minutes=1)
    assert await archive.claim_neighbour("calls", clock(), clock() + soon) == NeighbourReading()
    assert await other.claim_neighbour("calls", clock(), clock() + soon) is None
    assert await other.claim_neighbour("contacts", clock(), clock() + soon) == NeighbourReading()
    clock.move(minutes=1)  # the first one died
    assert await other.claim_neighbour("calls", clock(), clock() + soon)
    await other.save_neighbour("calls", READING)
    assert await archive.claim_neighbour("calls", NOW + timedelta(minutes=4), NOW + soon) is None
    assert await archive.claim_neighbour("calls", NOW + timedelta(minutes=5), NOW + soon) == READING


async def test_a_clock_that_was_wrong_once_does_not_stop_reading_for_years(archive: Archive, clock: Clock) -> None:
    await archive.save_neighbour("calls", READING._replace(next_at=NOW + timedelta(days=3000)))
    assert await archive.claim_neighbour("calls", clock(), clock() + timedelta(minutes=1))


async def test_who_said_it_last_is_kept_with_a_mark(archive: Archive) -> None:
    await archive.note_listed([voicemail("a")])
    for said in (Mark(state="told", at=NOW, by="Ayşe Kaya"), Mark(state="done", at=NOW, note="oldu", by="Mehmet Er")):
        await archive.mark(["a"], said)
        assert await archive.marks(["a"]) == {"a": said}
    assert (await archive.search("mehmet")).hits == (), "a colleague is no caller"


async def test_a_mark_replaces_the_one_before_and_needs_a_message(archive: Archive, other: Archive) -> None:
    await archive.note_listed([voicemail("a"), voicemail("b")])
    told, done = Mark(state="told", at=NOW), Mark(state="done", at=NOW + timedelta(hours=1), note="Ayşe'yle konuştuk")
    await archive.mark(["a", "b", "nobody's"], told)
    await other.mark(["a"], done)
    assert await archive.marks(["a", "b", "nobody's"]) == {"a": done, "b": told}


async def test_an_ending_finds_the_messages_that_have_it_and_a_whole_uuid_only_itself(archive: Archive) -> None:
    await archive.note_listed([voicemail("1-ab_0e"), voicemail("2-AB_0E"), voicemail("0e"), voicemail("3-abx0e")])
    assert set(await archive.uuids_ending("b_0e", 9)) == {"1-ab_0e", "2-AB_0E"}
    assert await archive.uuids_ending("0e", 9) == ["0e"]
    assert await archive.uuids_ending("%", 9) == await archive.uuids_ending("'", 9) == []
    assert len(await archive.uuids_ending("e", 2)) == 2


async def test_what_is_past_its_retention_is_purged_and_no_longer_counts_as_read(archive: Archive) -> None:
    await archive.note_listed([voicemail("old", days_ago=40), voicemail("new")])
    await archive.mark(["old", "new"], Mark(state="done", at=NOW, note="gizli"))
    await archive.save_calls([call("old", hours_ago=40 * 24), call("new")], READING)
    await archive.save_contacts([AYSE], READING._replace(read_at=NOW - timedelta(days=40)))
    await archive.save_extensions([Extension(number="1001")], READING)
    before = NOW - timedelta(days=30)
    assert (await archive.purge(before=before)).calls == 1
    assert [record.call_uuid for record in await archive.calls(NOW - timedelta(days=99))] == ["new"]
    assert list(await archive.marks(["old", "new"])) == ["new"]
    assert await archive.people() == People((), (Extension(number="1001"),))
    assert (await archive.neighbours())["calls"].since == before


@pytest.mark.parametrize("caller", ["+90 532 111 22 33", "ayşe yılmaz"])
async def test_a_purged_caller_is_in_no_record_and_no_address_book(archive: Archive, caller: str) -> None:
    named = call("a", caller_id_name="Ayşe Yılmaz")
    back = call("b", "1001", direction="outbound", destination_number="905321112233", destination_name="Ayşe Yılmaz")
    await archive.save_calls([named, back, call("c", "05305128844")], READING)
    await archive.save_contacts([AYSE, EMRE], READING)
    await archive.purge(caller=caller)
    assert [record.call_uuid for record in await archive.calls(NOW - timedelta(days=9))] == ["c"]
    assert (await archive.people()).contacts == (EMRE,)


async def test_purging_everything_leaves_nothing_of_anybody(archive: Archive) -> None:
    await archive.note_listed([voicemail("a")])
    await archive.mark(["a"], Mark(state="told", at=NOW))
    await archive.save_calls([call("a")], READING)
    await archive.save_contacts([AYSE], READING)
    await archive.purge(everything=True)
    assert await archive.calls(NOW - timedelta(days=9)) == []
    assert await archive.people() == People()
    assert await archive.neighbours() == {}
    assert await archive.marks(["a"]) == {}


@settings(max_examples=50)
@given(tails=st.lists(st.text("0aA1-", min_size=1, max_size=12), min_size=1, max_size=6, unique_by=str.lower))
async def test_the_end_that_is_shown_of_a_uuid_finds_that_message_alone(
    shared_archive: Archive, tails: list[str]
) -> None:
    own = fresh()
    uuids = [f"{own}x{tail}" for tail in tails]
    await shared_archive.note_listed([voicemail(uuid) for uuid in uuids])
    for uuid, ending in (await shared_archive.endings(uuids)).items():
        assert uuid.endswith(ending)
        if len(ending) < len(uuid):
            assert await shared_archive.uuids_ending(ending, 2) == [uuid]
