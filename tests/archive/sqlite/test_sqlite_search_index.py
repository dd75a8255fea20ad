"""The search index follows what it is made from, and is rebuilt bit by bit after an update."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from support.archive_samples import NOW, keep, key, leased, transcript, voicemail

from vm_mcp.archive.sqlite import SqliteArchive, migrations, search_index, store
from vm_mcp.archive.sqlite.connection import connect, transaction

pytest_plugins = ["support.sqlite_fixtures"]
pytestmark = pytest.mark.anyio

MESSAGES = 8


def words(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as browser:
        return {word for (word,) in browser.execute("SELECT word FROM search_words")}


def left(path: Path) -> int:
    with closing(sqlite3.connect(path)) as browser:
        return int(browser.execute("SELECT count(*) FROM search_pending").fetchone()[0])


@pytest.fixture
async def older(sqlite_archive: SqliteArchive, path: Path) -> Path:
    """Return the file of an archive of the release before."""
    for number in range(MESSAGES):
        await keep(sqlite_archive, f"u{number}", f"redervasyonum {number}", voicemail(f"u{number}", days_ago=number))
    await sqlite_archive.aclose()
    with closing(sqlite3.connect(path)) as browser:
        for table in ("search", "search_words", "search_pending"):
            browser.execute(f"DROP TABLE {table}")
        browser.execute("CREATE VIRTUAL TABLE search USING fts5 (said, name, number, tokenize = 'ascii')")
        browser.execute("ALTER TABLE openings DROP COLUMN opened_by")
        browser.execute("ALTER TABLE marks DROP COLUMN marked_by")
        browser.execute(f"PRAGMA user_version = {len(migrations.STEPS) - 1}")
    return path


async def test_words_that_no_message_has_any_more_are_forgotten(sqlite_archive: SqliteArchive, path: Path) -> None:
    await keep(sqlite_archive, "old", "babukat redervasyon", voicemail("old", "Zümrüt Aslan", days_ago=9))
    await keep(sqlite_archive, "new", "redervasyon kırgoya", voicemail("new"))
    assert words(path) == {"babukat", "redervasyon", "kirgoya", "zumrut", "aslan"}
    await sqlite_archive.purge(before=NOW - timedelta(days=5))
    assert words(path) == {"redervasyon", "kirgoya"}
    await keep(sqlite_archive, "new", "konbini", voicemail("new"))
    assert words(path) == {"konbini"}
    await sqlite_archive.purge(everything=True)
    assert words(path) == set()


async def test_an_update_is_followed_by_an_index_of_all_without_a_call_that_waits_for_it(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_INDEXED_BETWEEN", 1)
    archive = SqliteArchive(older)
    assert len(await archive.recent(50)) == MESSAGES
    assert left(older) > 0
    while left(older):
        await asyncio.wrap_future(archive._thread.submit(lambda: None))
    monkeypatch.setattr(store, "_INDEXED_FOR_SEARCH", 0)
    result = await archive.search("rezervasyon")
    assert (result.total_count, result.pending_count) == (MESSAGES, 0)
    await archive.aclose()


async def test_after_an_update_a_message_without_a_transcript_is_found_by_its_caller(older: Path) -> None:
    with closing(sqlite3.connect(older)) as browser:
        browser.execute("INSERT INTO messages (uuid, caller_id_name, noted_at) VALUES ('bare', 'Zümrüt Aslan', 0)")
        browser.commit()
    archive = SqliteArchive(older)
    [hit] = (await archive.search("zümrüt")).hits
    assert (hit.voicemail.uuid, hit.is_transcribed, hit.snippet.text) == ("bare", False, "")
    await archive.aclose()


async def test_the_first_search_after_an_update_indexes_the_latest_and_tells_of_the_rest(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_INDEXED_FOR_SEARCH", 3)
    archive = SqliteArchive(older)
    result = await archive.search("rezervasyon")
    assert (result.total_count, result.pending_count) == (3, MESSAGES - 3)
    await archive.aclose()


async def test_servers_that_index_at_once_share_the_work(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_INDEXED_BETWEEN", 1)
    servers = [SqliteArchive(older) for _ in range(3)]
    await asyncio.gather(*(server.recent(1) for server in servers))
    results = await asyncio.gather(*(server.search("redervasyonum") for server in servers))
    assert {(result.total_count, result.pending_count) for result in results} == {(MESSAGES, 0)}
    for server in servers:
        await server.aclose()
    with closing(sqlite3.connect(older)) as browser:
        assert browser.execute("SELECT count(*) FROM search").fetchone() == (MESSAGES,)


async def test_an_archive_that_was_closed_indexes_no_more(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_INDEXED_BETWEEN", 1)
    archive = SqliteArchive(older)
    await archive.recent(1)
    await archive.aclose()
    assert archive._database._connection is None
    assert left(older) > 0


async def test_a_message_that_was_purged_before_it_was_indexed_is_passed_over(older: Path) -> None:
    with closing(connect(older, 5)) as connection:
        migrations.migrate(connection)
        with transaction(connection):
            connection.execute("DELETE FROM messages WHERE uuid = 'u3'")
        assert not search_index.catch_up(connection, 100)
        assert connection.execute("SELECT count(*) FROM search").fetchone()[0] == MESSAGES - 1


async def test_a_damaged_transcript_is_found_by_its_text(older: Path) -> None:
    with closing(sqlite3.connect(older)) as browser:
        browser.execute("UPDATE transcripts SET body = x'00'")
        browser.commit()
    archive = SqliteArchive(older)
    assert (await archive.search("rezervasyon")).near_count == MESSAGES
    await archive.aclose()


async def test_what_an_older_server_still_indexes_is_found_without_marks(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await sqlite_archive.note_listed([voicemail("u")])
    assert await sqlite_archive.save(await leased(sqlite_archive, key("u")), transcript("Randevu istiyorum."))
    with closing(sqlite3.connect(path)) as older:
        older.execute("DELETE FROM search")
        older.execute("INSERT INTO search (rowid, said, name, number) VALUES (1, 'randevu istiyorum', '', '')")
        older.commit()
    [hit] = (await sqlite_archive.search("randevu")).hits
    assert hit.snippet.text == "randevu istiyorum"
    await keep(sqlite_archive, "u", "Fatura istiyorum.")
    assert not (await sqlite_archive.search("randevu")).hits


@pytest.mark.parametrize("damage", ["DROP TABLE search_words", "DROP TABLE search_pending"])
async def test_an_index_without_one_of_its_tables_is_rebuilt(
    sqlite_archive: SqliteArchive, path: Path, damage: str
) -> None:
    await keep(sqlite_archive, "u", "redervasyonum", voicemail("u"))
    with closing(sqlite3.connect(path)) as browser:
        browser.execute(damage)
    assert (await sqlite_archive.search("rezervasyon")).near_count == 1
