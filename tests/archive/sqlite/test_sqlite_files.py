"""The archive's file on bad days: locked, damaged, moved, without room or permission."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.archive_samples import keep, key, leased, transcript, voicemail
from support.sqlite_archives import let_go

from vm_mcp.archive import Lease
from vm_mcp.archive.sqlite import SqliteArchive, connection
from vm_mcp.errors import ArchiveError, DamagedTranscriptError
from vm_mcp.models import Transcript

pytest_plugins = ["support.sqlite_fixtures"]
pytestmark = pytest.mark.anyio


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock the file as a backup does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


async def fill(archive: SqliteArchive, count: int = 40) -> None:
    for number in range(count):
        await keep(archive, f"u{number}", f"randevu {number} " * 20, voicemail(f"u{number}", "Ayşe Yılmaz"))


async def work(archive: SqliteArchive) -> None:
    """Make every kind of call that servers make all day."""
    await archive.note_listed([voicemail("new", "Mehmet")])
    await archive.record_retrieval("new", datetime.now(UTC))
    await archive.retrievals(["new", "u3"])
    await archive.known([f"u{number}" for number in range(40)])
    await archive.recent(100)
    await archive.latest("u3")
    if not await archive.save(await leased(archive, key("new")), transcript("yeni bir randevu")):
        await keep(archive, "new", "yeni bir randevu")  # the lease was in a file that was set aside
    assert (await archive.search("yeni")).total_count == 1
    await archive.purge(before=datetime(2000, 1, 1, tzinfo=UTC))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
async def test_only_the_owner_can_read_its_files(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder" / "archive.sqlite3"
    previous = os.umask(0)
    try:
        archive = SqliteArchive(path)
        await fill(archive, 2)
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == ["archive.sqlite3", "archive.sqlite3-shm", "archive.sqlite3-wal"]
        assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
        assert path.parent.stat().st_mode & 0o777 == 0o700
        await let_go(archive)
        path.chmod(0o644)  # a restored backup
        await archive.recent(1)
        assert path.stat().st_mode & 0o777 == 0o600
        await archive.aclose()
    finally:
        os.umask(previous)


async def test_while_another_program_writes_reading_works_and_writing_fails_with_a_reason(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await fill(sqlite_archive, 1)
    with locked(path):
        assert (await sqlite_archive.search("randevu")).total_count == 1
        with pytest.raises(ArchiveError, match="locked"):
            await sqlite_archive.note_listed([voicemail("v")])
        fresh = SqliteArchive(path, busy_seconds=0.1)
        assert len(await fresh.recent(5)) == 1  # opening it doesn't need the write lock
        await fresh.aclose()
    await sqlite_archive.note_listed([voicemail("v")])
    assert len(await sqlite_archive.recent(5)) == 2


async def test_a_full_disk_is_reported_and_nothing_stored_is_lost(
    sqlite_archive: SqliteArchive, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(sqlite_archive, 3)
    await let_go(sqlite_archive)
    pages = path.stat().st_size // 4096
    monkeypatch.setattr(connection, "_PRAGMAS", (*connection._PRAGMAS, f"PRAGMA max_page_count = {pages}"))
    lease = await leased(sqlite_archive, key("v"))
    with pytest.raises(ArchiveError, match="disk is full"):
        await sqlite_archive.save(lease, transcript(" ".join(f"kelime{number}" for number in range(20_000))))
    assert (await sqlite_archive.search("randevu")).total_count == 3
    await let_go(sqlite_archive)
    monkeypatch.undo()
    assert await sqlite_archive.save(lease, transcript("merhaba"))


async def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    archive = SqliteArchive(tmp_path / "taken" / "archive.sqlite3")
    for _ in range(2):
        with pytest.raises(ArchiveError, match="VM_MCP_DATA_DIR"):
            await archive.recent(5)
    (tmp_path / "taken").unlink()
    assert await archive.recent(5) == []
    await archive.aclose()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is read-only for root")
async def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        archive = SqliteArchive(path)
        with pytest.raises(ArchiveError, match="permissions"):
            await archive.recent(5)
        await archive.aclose()
    finally:
        tmp_path.chmod(0o700)


async def test_a_read_only_file_is_reported_when_it_is_written(
    sqlite_archive: SqliteArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(sqlite_archive, 1)
    await let_go(sqlite_archive)
    monkeypatch.setattr(connection, "_PRAGMAS", (*connection._PRAGMAS, "PRAGMA query_only = ON"))
    assert (await sqlite_archive.search("randevu")).total_count == 1
    with pytest.raises(ArchiveError, match="permissions"):
        await sqlite_archive.note_listed([voicemail("v")])


@pytest.mark.parametrize(
    "content", [b"not a database at all\n" * 500, b"SQLite format 3\x00" + bytes(3000), b"\xff" * 20]
)
async def test_a_file_that_is_no_database_is_set_aside_whole_and_a_new_archive_started(
    sqlite_archive: SqliteArchive, path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    assert await sqlite_archive.recent(5) == []
    [aside] = path.parent.glob("archive.sqlite3.damaged-*")
    assert aside.read_bytes() == content
    assert aside.name in sqlite_archive.notice
    await work(sqlite_archive)


async def test_wherever_the_file_is_damaged_the_archive_works_and_the_damaged_file_is_kept(tmp_path: Path) -> None:
    whole_path = tmp_path / "whole.sqlite3"
    archive = SqliteArchive(whole_path)
    await fill(archive, 15)
    await archive.aclose()
    whole = whole_path.read_bytes()
    pages = len(whole) // 4096
    damages = [whole[: at * 4096] + bytes(4096) + whole[(at + 1) * 4096 :] for at in range(pages)]
    damages += [whole[: at * 4096 - 1000] for at in range(1, pages, 3)]
    for number, damaged in enumerate(damages):
        path = tmp_path / f"{number}.sqlite3"
        path.write_bytes(damaged)
        archive = SqliteArchive(path)
        try:
            await work(archive)
        except Exception as error:
            raise AssertionError(f"damage {number}: {archive.notice}") from error
        aside = list(tmp_path.glob(f"{path.name}.damaged-*"))
        assert [file.name in archive.notice for file in aside] == [True] * len(aside)
        assert bool(archive.notice) == bool(aside)
        await archive.aclose()
    assert len(list(tmp_path.glob("*.damaged-*"))) >= len(damages) // 4


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE search_data SET block = x'00ff'",
        "DELETE FROM search_data",
        "DELETE FROM search_config",
        "UPDATE search_config SET v = 99",
        "DELETE FROM search_content",
        "DROP TABLE search_data",
        "DROP TABLE search",
    ],
)
async def test_a_damaged_search_index_is_rebuilt(sqlite_archive: SqliteArchive, path: Path, damage: str) -> None:
    await fill(sqlite_archive, 5)
    await let_go(sqlite_archive)
    with closing(sqlite3.connect(path)) as broken:
        broken.execute(damage)
        broken.commit()
    await keep(sqlite_archive, "new", "yeni randevu")
    assert (await sqlite_archive.search("randevu")).total_count == 6
    assert sqlite_archive.notice == ""
    assert list(path.parent.glob("*damaged*")) == []


async def test_an_archive_whose_tables_were_changed_is_set_aside(sqlite_archive: SqliteArchive, path: Path) -> None:
    await fill(sqlite_archive, 2)
    await let_go(sqlite_archive)
    with closing(sqlite3.connect(path)) as broken:
        broken.execute("ALTER TABLE transcripts RENAME COLUMN body TO bodi")
    assert await sqlite_archive.latest("u1") is None
    assert "damaged" in sqlite_archive.notice


async def test_an_archive_with_damaged_table_names_is_set_aside(sqlite_archive: SqliteArchive, path: Path) -> None:
    await fill(sqlite_archive, 2)
    await let_go(sqlite_archive)
    path.write_bytes(path.read_bytes().replace(b"heard_language TEXT NOT", b"heard_language\xff TEXT N("))
    assert await sqlite_archive.latest("u1") is None
    assert "damaged" in sqlite_archive.notice


async def test_additions_by_another_program_are_not_damage(sqlite_archive: SqliteArchive, path: Path) -> None:
    await fill(sqlite_archive, 2)
    await let_go(sqlite_archive)
    with closing(sqlite3.connect(path)) as browser:
        browser.execute("CREATE VIEW seen AS SELECT uuid FROM messages")
        browser.execute("ANALYZE")
        browser.execute("DROP TABLE search")
        browser.commit()
    assert (await sqlite_archive.search("randevu")).total_count == 2
    assert sqlite_archive.notice == ""


async def test_a_damaged_value_makes_nothing_else_unreadable(sqlite_archive: SqliteArchive, path: Path) -> None:
    await fill(sqlite_archive, 2)
    await let_go(sqlite_archive)
    with closing(sqlite3.connect(path)) as broken:
        broken.execute("UPDATE messages SET caller_id_name = CAST(x'41ff42' AS TEXT) WHERE uuid = 'u1'")
        broken.execute("UPDATE messages SET received_at = 9000000000000000000 WHERE uuid = 'u0'")
        broken.commit()
    names = {message.uuid: message.caller_id_name for message in await sqlite_archive.recent(5)}
    assert names == {"u0": "Ayşe Yılmaz", "u1": "A\ufffdB"}


async def test_when_two_servers_find_it_damaged_only_one_sets_it_aside(
    sqlite_archive: SqliteArchive, other_sqlite_archive: SqliteArchive, path: Path
) -> None:
    path.write_bytes(b"damaged " * 1000)
    await keep(sqlite_archive, "u", "merhaba")
    await keep(other_sqlite_archive, "v", "selam")
    assert len(list(path.parent.glob("*.damaged-*"))) == 1
    assert {message.uuid for message in await sqlite_archive.recent(5)} == {"u", "v"}


async def test_a_file_that_was_deleted_or_replaced_is_no_longer_written_to(
    sqlite_archive: SqliteArchive, other_sqlite_archive: SqliteArchive, path: Path
) -> None:
    await keep(sqlite_archive, "u", "merhaba")
    for file in path.parent.iterdir():
        file.unlink()
    await keep(other_sqlite_archive, "v", "selam")
    await keep(sqlite_archive, "w", "günaydın")
    await sqlite_archive.aclose()
    assert {message.uuid for message in await other_sqlite_archive.recent(5)} == {"v", "w"}


async def test_the_error_of_a_damaged_transcript_says_how_to_replace_it(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await fill(sqlite_archive, 2)
    newest = await sqlite_archive.newest_id("u1")
    for body in (b"", b"x\x9c", b"\x00" * 40):
        with closing(sqlite3.connect(path)) as broken:
            broken.execute("UPDATE transcripts SET body = ? WHERE uuid = 'u1'", (body,))
            broken.commit()
        for read in (
            sqlite_archive.latest("u1"),
            sqlite_archive.transcript(key("u1")),
            sqlite_archive.acquire(key("u1")),
        ):
            with pytest.raises(DamagedTranscriptError, match="refresh"):
                await read
    assert [type(made) for _, made in [each async for each in sqlite_archive.each()]] == [
        Transcript,
        DamagedTranscriptError,
    ]
    assert isinstance(await sqlite_archive.acquire(key("u1"), newest), Lease)
    assert sqlite_archive.notice == ""


async def test_a_bug_of_ours_is_not_treated_as_damage(sqlite_archive: SqliteArchive, path: Path) -> None:
    await fill(sqlite_archive, 1)
    with pytest.raises(UnicodeDecodeError):
        await sqlite_archive._run(lambda _: b"\xff".decode())
    with pytest.raises(sqlite3.OperationalError):
        await sqlite_archive._run(lambda opened: opened.execute("SELECT nothing FROM nowhere"))
    assert sqlite_archive.notice == ""
    assert list(path.parent.glob("*damaged*")) == []
    assert (await sqlite_archive.search("randevu")).total_count == 1
