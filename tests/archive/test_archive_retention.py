"""What is purged is gone: from lists, from searches, and from the bytes of the file."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from support.archive_samples import NOW, Clock, claimed, keep, key, let_go, transcript, voicemail

from vm_mcp.archive import Archive
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.heard import heard_by

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio

SECRET = "kuyumcudaki zümrüt bilezik"


def bytes_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if not file.name.endswith("-shm"))


def holds(path: Path, *texts: str) -> list[str]:
    """Tell which of the texts stand in the archive's files, as they were said or as they are searched."""
    data = bytes_of(path).lower()
    return [text for text in texts if text.lower().encode() in data]


async def test_nothing_of_what_is_purged_stays_in_any_of_its_files(archive: SqliteArchive, path: Path) -> None:
    for number in range(60):
        await keep(archive, f"u{number}", f"sıradan bir mesaj {number}", voicemail(f"u{number}", "Ayşe", days_ago=1))
    await keep(archive, "old", SECRET, voicemail("old", "Zülfikar Gizlioğlu", "05321112233", days_ago=90))
    await keep(archive, "old", f"{SECRET} yeniden")
    await archive.note_listed([voicemail("old", "Zülfikar Gizlioğlu", "05321112244", days_ago=90)])
    traces = ("zümrüt", "zumrut", "kuyumcudaki", "bilezik", "Gizlioğlu", "gizlioglu", "5321112233", "5321112244")
    assert set(holds(path, *traces)) >= {"zümrüt", "zumrut", "gizlioglu", "5321112233"}
    purged = await archive.purge(before=NOW - timedelta(days=30))
    assert purged == (1, 1, 0, True, ())
    assert holds(path, *traces) == []
    assert (await archive.search("zümrüt")).total_count == 0
    assert (await archive.search("mesaj")).total_count == 60


async def test_the_file_gets_smaller(archive: SqliteArchive, path: Path) -> None:
    for number in range(40):
        await keep(archive, f"u{number}", f"söz {number} " * 100, voicemail(f"u{number}", days_ago=number))
    await let_go(archive)
    before = path.stat().st_size
    await archive.purge(before=NOW - timedelta(days=4))
    assert path.stat().st_size < before / 2


@pytest.mark.parametrize(
    "caller", ["0532 111 22 33", "+90 (532) 111-22-33", "905321112233", "5321112233", "AYŞE YILMAZ", "ayse yilmaz"]
)
async def test_a_caller_is_forgotten_by_any_spelling_of_the_number_or_the_whole_name(
    archive: Archive, caller: str
) -> None:
    await keep(archive, "theirs", SECRET, voicemail("theirs", "Ayşe Yılmaz", "05321112233"))
    await keep(archive, "namesake", "başka", voicemail("namesake", "Ayşe Yılmazer", "05321112234"))
    await keep(archive, "hidden", "gizli", voicemail("hidden"))
    purged = await archive.purge(caller=caller)
    assert (purged.messages, purged.transcripts) == (1, 1)
    assert {message.uuid for message in await archive.recent(9)} == {"namesake", "hidden"}


async def test_age_and_caller_together_leave_what_is_only_one_of_them(archive: Archive) -> None:
    for uuid, name, days in (("a", "Ayşe", 90), ("b", "Ayşe", 1), ("c", "Emre", 90)):
        await keep(archive, uuid, "söz", voicemail(uuid, name, days_ago=days))
    await archive.purge(before=NOW - timedelta(days=30), caller="ayşe")
    assert {message.uuid for message in await archive.recent(9)} == {"b", "c"}


async def test_a_message_without_a_stamp_is_as_old_as_it_is_known(archive: Archive, clock: Clock) -> None:
    await archive.note_listed([voicemail("u", received_at=None)])
    await archive.purge(before=clock.move(seconds=-1))
    assert len(await archive.recent(5)) == 1
    await archive.purge(before=clock.move(seconds=2))
    assert await archive.recent(5) == []


async def test_what_we_opened_is_remembered_so_that_a_purged_message_does_not_look_heard(
    archive: Archive, clock: Clock
) -> None:
    listed = voicemail("u", "Ayşe", days_ago=90)
    await keep(archive, "u", SECRET, listed)
    await archive.note_opened("u", clock(), clock_offset_seconds=0)
    await archive.confirm_opened("u", clock())
    await archive.purge(before=NOW)
    read = listed.model_copy(update={"is_read": True, "read_at": clock()})
    openings = await archive.openings(["u"])
    assert heard_by(read, openings["u"]) == "assistant"
    assert (await archive.purge(everything=True)).openings == 1
    assert await archive.openings(["u"]) == {}


async def test_all_means_the_damaged_archives_too(
    archive: Archive, path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path.write_bytes(SECRET.encode() * 1000)
    await keep(archive, "u", SECRET, voicemail("u", "Ayşe"))
    kept = await archive.purge(caller="Ayşe")
    assert len(kept.set_aside) == 1
    assert holds(path, "bilezik") == ["bilezik"]
    [aside] = path.parent.glob("*.damaged-*")
    same_bytes = tmp_path_factory.mktemp("links") / "link"
    same_bytes.hardlink_to(aside)
    purged = await archive.purge(everything=True)
    assert purged.set_aside == ()
    assert holds(path, "bilezik", "Ayşe", "ayse") == []
    assert not aside.exists()
    assert set(same_bytes.read_bytes()) == {0}


async def test_while_another_program_reads_the_purge_says_that_bytes_may_be_left(
    archive: SqliteArchive, path: Path
) -> None:
    await keep(archive, "u", SECRET, voicemail("u", days_ago=90))
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchone()
        assert not (await archive.purge(before=NOW)).is_overwritten
        assert await archive.recent(5) == []
        reader.execute("COMMIT")
    assert (await archive.purge(before=NOW)).is_overwritten
    assert holds(path, "bilezik") == []


async def test_a_purge_of_nothing_in_particular_is_a_mistake(archive: Archive) -> None:
    await archive.note_listed([voicemail("u")])
    with pytest.raises(ValueError, match="what"):
        await archive.purge()
    assert len(await archive.recent(5)) == 1


async def test_a_purge_also_takes_what_a_transcript_said_before_it_was_made_anew(
    archive: SqliteArchive, path: Path
) -> None:
    await keep(archive, "u", SECRET, voicemail("u"))
    await keep(archive, "old", "eski", voicemail("old", days_ago=90))
    await archive.save(await claimed(archive, key("u"), refresh=True), transcript("yeniden"))
    await archive.purge(before=NOW - timedelta(days=30))
    assert holds(path, "zümrüt", "bilezik") == []
