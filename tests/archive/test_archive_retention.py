"""Purged messages are gone from lists and searches."""

from datetime import timedelta

import pytest
from support.archive_samples import NOW, Clock, keep, voicemail

from vm_mcp.archive import Archive
from vm_mcp.heard import heard_by

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio

SECRET = "kuyumcudaki zümrüt bilezik"


async def test_purged_messages_are_neither_listed_nor_found_and_all_others_are(
    archive: Archive, other: Archive
) -> None:
    await keep(archive, "old", SECRET, voicemail("old", "Zülfikar Gizlioğlu", "05321112233", days_ago=90))
    await keep(archive, "old", f"{SECRET} yeniden")
    await keep(archive, "new", "sıradan bir mesaj", voicemail("new", "Ayşe", days_ago=1))
    purged = await other.purge(before=NOW - timedelta(days=30))
    assert (purged.messages, purged.transcripts, purged.retrievals) == (1, 1, 0)
    assert await archive.voicemail("old") is None
    assert await archive.latest("old") is None
    assert await archive.known(["old"]) == {}
    assert await archive.callers_like("gizlioğlu") == []
    assert [message.uuid async for message, _ in archive.each()] == ["new"]
    for gone in ("zümrüt", "gizlioğlu", "5321112233"):
        assert (await archive.search(gone)).total_count == 0
    assert (await archive.search("mesaj")).total_count == 1
    assert (await archive.purge(before=NOW - timedelta(days=30))).messages == 0


@pytest.mark.parametrize(
    "caller", ["0532 111 22 33", "+90 (532) 111-22-33", "905321112233", "5321112233", "AYŞE YILMAZ", "ayse yilmaz"]
)
async def test_a_caller_is_purged_by_any_spelling_of_the_number_or_the_whole_name(
    archive: Archive, caller: str
) -> None:
    await keep(archive, "theirs", SECRET, voicemail("theirs", "Ayşe Yılmaz", "05321112233"))
    await keep(archive, "namesake", "başka", voicemail("namesake", "Ayşe Yılmazer", "05321112234"))
    await keep(archive, "hidden", "gizli", voicemail("hidden"))
    purged = await archive.purge(caller=caller)
    assert (purged.messages, purged.transcripts) == (1, 1)
    assert {message.uuid for message in await archive.recent(9)} == {"namesake", "hidden"}


async def test_age_and_caller_must_both_match(archive: Archive) -> None:
    for uuid, name, days in (("a", "Ayşe", 90), ("b", "Ayşe", 1), ("c", "Emre", 90)):
        await keep(archive, uuid, "söz", voicemail(uuid, name, days_ago=days))
    await archive.purge(before=NOW - timedelta(days=30), caller="ayşe")
    assert {message.uuid for message in await archive.recent(9)} == {"b", "c"}


async def test_a_message_without_a_timestamp_is_as_old_as_its_row(archive: Archive, clock: Clock) -> None:
    await archive.note_listed([voicemail("u", received_at=None)])
    await archive.purge(before=clock.move(seconds=-1))
    assert len(await archive.recent(5)) == 1
    await archive.purge(before=clock.move(seconds=2))
    assert await archive.recent(5) == []


async def test_retrievals_survive_a_purge_so_that_a_purged_message_does_not_look_heard(
    archive: Archive, clock: Clock
) -> None:
    listed = voicemail("u", "Ayşe", days_ago=90)
    await keep(archive, "u", SECRET, listed)
    await archive.record_retrieval("u", clock(), clock_offset_seconds=0)
    await archive.confirm_retrieval("u", clock())
    await archive.purge(before=NOW)
    read = listed.model_copy(update={"is_read": True, "read_at": clock()})
    retrievals = await archive.retrievals(["u"])
    assert heard_by(read, retrievals["u"]) == "assistant"
    assert (await archive.purge(everything=True)).retrievals == 1
    assert await archive.retrievals(["u"]) == {}


async def test_a_purge_must_say_what_to_delete(archive: Archive) -> None:
    await archive.note_listed([voicemail("u")])
    with pytest.raises(ValueError, match="what"):
        await archive.purge()
    assert len(await archive.recent(5)) == 1
