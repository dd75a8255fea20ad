"""Whatever an archive stores is read back unchanged."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archive_samples import Clock, fresh, key, leased, moments, transcripts, voicemail, voicemails

from vm_mcp.archive import Archive
from vm_mcp.models import Transcript, Voicemail

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio


@settings(max_examples=50)
@given(listed=st.lists(voicemails, max_size=5, unique_by=lambda each: each.uuid), listed_at=moments)
async def test_every_listed_message_is_read_back_as_it_was_listed(
    shared_archive: Archive, listed: list[Voicemail], listed_at: datetime
) -> None:
    await shared_archive.note_listed(listed, listed_at)
    assert [await shared_archive.voicemail(each.uuid) for each in listed] == listed


@settings(max_examples=50)
@given(made=transcripts)
async def test_every_transcript_is_read_back_to_the_last_bit_of_every_number(
    shared_archive: Archive, made: Transcript
) -> None:
    wanted = key(fresh())
    assert await shared_archive.save(await leased(shared_archive, wanted), made)
    for found in (
        await shared_archive.transcript(wanted),
        await shared_archive.latest(wanted.uuid),
        await shared_archive.acquire(wanted),
    ):
        assert repr(found) == repr(made)  # NaN equals nothing, but its repr does


@settings(max_examples=50)
@given(
    opened_at=moments,
    seconds=st.floats(0, 3600),
    offset=st.none() | st.floats(-1e6, 1e6),
    state=st.sampled_from(["never listed", "unread", "read"]),
)
async def test_every_retrieval_is_read_back_with_what_was_known_at_the_time(
    shared_archive: Archive, shared_clock: Clock, opened_at: datetime, seconds: float, offset: float | None, state: str
) -> None:
    uuid, unread = fresh(), {"unread": True, "read": False}.get(state)
    if unread is not None:
        await shared_archive.note_listed([voicemail(uuid, is_read=not unread)], opened_at - timedelta(seconds=1))
    await shared_archive.record_retrieval(uuid, opened_at, clock_offset_seconds=offset)
    [retrieval] = (await shared_archive.retrievals([uuid])).values()
    assert (retrieval.opened_at, retrieval.confirmed_at, retrieval.was_unread) == (opened_at, None, unread)
    assert retrieval.clock_offset_seconds == offset
    shared_clock.now = opened_at + timedelta(seconds=seconds)
    await shared_archive.confirm_retrieval(uuid, opened_at)
    [confirmed] = (await shared_archive.retrievals([uuid])).values()
    assert confirmed == retrieval.model_copy(update={"confirmed_at": shared_clock.now})
