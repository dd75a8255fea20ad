"""An export yields every message once, oldest first, with its latest transcript."""

from datetime import timedelta

import pytest
from support.archive_samples import NOW, keep, transcript, voicemail

from vm_mcp.archive import Archive, MessageRange

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def uuids(archive: Archive, where: MessageRange) -> list[str]:
    return [message.uuid async for message, _ in archive.each(where)]


async def test_each_message_comes_with_its_latest_transcript_or_none(archive: Archive) -> None:
    new, old = voicemail("new", "Ayşe"), voicemail("old", days_ago=2)
    await archive.note_listed([new, old])
    await keep(archive, "new", "yanlış")
    await keep(archive, "new", "doğru")
    assert [each async for each in archive.each()] == [(old, None), (new, transcript("doğru"))]


async def test_an_empty_archive_exports_nothing(archive: Archive) -> None:
    assert [each async for each in archive.each()] == []


async def test_many_messages_with_the_same_timestamp_or_none_are_exported_once_each(archive: Archive) -> None:
    listed = [voicemail(f"dated {number}") for number in range(230)]
    listed += [voicemail(f"undated {number}", received_at=None) for number in range(230)]
    await archive.note_listed(listed)
    exported = await uuids(archive, MessageRange())
    assert sorted(exported) == sorted(each.uuid for each in listed)
    assert exported[0].startswith("undated")
    assert exported[-1].startswith("dated")


async def test_a_range_includes_both_ends_but_no_message_without_a_timestamp(archive: Archive) -> None:
    await archive.note_listed([voicemail(f"{days}", days_ago=days, extension=f"{1001 + days}") for days in range(4)])
    await archive.note_listed([voicemail("undated", received_at=None, extension="1001")])
    assert await uuids(archive, MessageRange(NOW - 2 * DAY, NOW - DAY)) == ["2", "1"]
    assert await uuids(archive, MessageRange(since=NOW - DAY)) == ["1", "0"]
    assert await uuids(archive, MessageRange(until=NOW - 3 * DAY)) == ["3"]
    assert await uuids(archive, MessageRange(extension="1001")) == ["undated", "0"]
    assert await uuids(archive, MessageRange(until=NOW - 4 * DAY)) == []


async def test_other_processes_write_and_purge_during_an_export(archive: Archive, other: Archive) -> None:
    await archive.note_listed([voicemail(f"{number}", days_ago=number) for number in range(250)])
    exported = []
    async for message, _ in archive.each():
        exported.append(message.uuid)
        if message.uuid == "240":
            await other.purge(before=NOW - timedelta(days=9.5))
            await keep(other, "5", "meanwhile")
    assert exported[-10:] == [str(number) for number in range(9, -1, -1)]
    assert len(exported) == len(set(exported))
