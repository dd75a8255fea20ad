"""No byte of what is purged stays in the archive's files."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from support.archive_samples import NOW, keep, key, leased, transcript, voicemail
from support.sqlite_archives import let_go

from vm_mcp.archive import Purged
from vm_mcp.archive.sqlite import SqliteArchive

pytest_plugins = ["support.sqlite_fixtures"]
pytestmark = pytest.mark.anyio

SECRET = "kuyumcudaki zümrüt bilezik"


def bytes_of(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if not file.name.endswith("-shm"))


def holds(path: Path, *texts: str) -> list[str]:
    """Return which of the texts are in the archive's files, as they were said or as they are indexed."""
    data = bytes_of(path).lower()
    return [text for text in texts if text.lower().encode() in data]


async def test_no_file_contains_any_of_what_was_purged(sqlite_archive: SqliteArchive, path: Path) -> None:
    for number in range(60):
        await keep(
            sqlite_archive, f"u{number}", f"sıradan bir mesaj {number}", voicemail(f"u{number}", "Ayşe", days_ago=1)
        )
    await keep(sqlite_archive, "old", SECRET, voicemail("old", "Zülfikar Gizlioğlu", "05321112233", days_ago=90))
    await keep(sqlite_archive, "old", f"{SECRET} yeniden")
    await sqlite_archive.note_listed([voicemail("old", "Zülfikar Gizlioğlu", "05321112244", days_ago=90)])
    traces = ("zümrüt", "zumrut", "kuyumcudaki", "bilezik", "Gizlioğlu", "gizlioglu", "5321112233", "5321112244")
    assert set(holds(path, *traces)) >= {"zümrüt", "zumrut", "gizlioglu", "5321112233"}
    purged = await sqlite_archive.purge(before=NOW - timedelta(days=30))
    assert purged == Purged(messages=1, transcripts=1)
    assert holds(path, *traces) == []
    assert (await sqlite_archive.search("zümrüt")).total_count == 0
    assert (await sqlite_archive.search("mesaj")).total_count == 60


async def test_a_purge_makes_the_file_smaller(sqlite_archive: SqliteArchive, path: Path) -> None:
    for number in range(40):
        await keep(sqlite_archive, f"u{number}", f"söz {number} " * 100, voicemail(f"u{number}", days_ago=number))
    await let_go(sqlite_archive)
    before = path.stat().st_size
    await sqlite_archive.purge(before=NOW - timedelta(days=4))
    assert path.stat().st_size < before / 2


async def test_purging_everything_includes_damaged_archives(
    sqlite_archive: SqliteArchive, path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path.write_bytes(SECRET.encode() * 1000)
    await keep(sqlite_archive, "u", SECRET, voicemail("u", "Ayşe"))
    kept = await sqlite_archive.purge(caller="Ayşe")
    assert len(kept.set_aside) == 1
    assert holds(path, "bilezik") == ["bilezik"]
    [aside] = path.parent.glob("*.damaged-*")
    same_bytes = tmp_path_factory.mktemp("links") / "link"
    same_bytes.hardlink_to(aside)
    purged = await sqlite_archive.purge(everything=True)
    assert purged.set_aside == ()
    assert holds(path, "bilezik", "Ayşe", "ayse") == []
    assert not aside.exists()
    assert set(same_bytes.read_bytes()) == {0}


async def test_a_purge_reports_that_bytes_may_remain_while_another_program_reads(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await keep(sqlite_archive, "u", SECRET, voicemail("u", days_ago=90))
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchone()
        assert not (await sqlite_archive.purge(before=NOW)).is_overwritten
        assert await sqlite_archive.recent(5) == []
        reader.execute("COMMIT")
    assert (await sqlite_archive.purge(before=NOW)).is_overwritten
    assert holds(path, "bilezik") == []


async def test_a_purge_also_removes_what_a_replaced_transcript_said(sqlite_archive: SqliteArchive, path: Path) -> None:
    await keep(sqlite_archive, "u", SECRET, voicemail("u"))
    await keep(sqlite_archive, "old", "eski", voicemail("old", days_ago=90))
    await sqlite_archive.save(await leased(sqlite_archive, key("u"), refresh=True), transcript("yeniden"))
    await sqlite_archive.purge(before=NOW - timedelta(days=30))
    assert holds(path, "zümrüt", "bilezik") == []
