"""Every older archive is migrated with all its content."""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archive_samples import NOW, key, transcript, transcripts, voicemail, voicemails

from vm_mcp.archive.sqlite import SqliteArchive, message_rows, migrations, search_index
from vm_mcp.archive.sqlite import transcript_rows as kept
from vm_mcp.archive.sqlite.connection import connect
from vm_mcp.archive.sqlite.full_text_search import search
from vm_mcp.archive.sqlite.timestamps import to_stored
from vm_mcp.archive.transcript_bodies import compress
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Transcript, Voicemail

pytest_plugins = ["support.sqlite_fixtures"]

VERSIONS = range(len(migrations.STEPS) + 1)


@contextmanager
def archive_of(version: int) -> Iterator[sqlite3.Connection]:
    """Yield an archive as a release with that schema left it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        for statements in migrations.STEPS[:version]:
            for statement in statements:
                connection.execute(statement)
        if version:
            connection.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {version}")
        yield connection


def fill(connection: sqlite3.Connection, listed: Voicemail, made: Transcript) -> None:
    """Write as those releases did. Their tables had these columns from the first step on."""
    at = to_stored(NOW)
    connection.execute(
        "INSERT INTO messages (uuid, extension, caller_id_number, caller_id_name, received_at, is_read, read_at, "
        "duration_seconds, noted_at, listed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*message_rows._to_row(listed, NOW).values(), at),
    )
    connection.execute(
        "INSERT INTO transcripts (uuid, engine, model, language, heard_language, made_at, text, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*key(listed.uuid), made.language, at, made.text, compress(made)),
    )
    connection.execute(
        "INSERT INTO openings (uuid, opened_at, was_unread, clock_offset_seconds) VALUES (?, ?, 1, 0.5)",
        (listed.uuid, at),
    )


@pytest.mark.parametrize("version", VERSIONS[1:])
@settings(max_examples=30)
@given(listed=voicemails, made=transcripts, word=st.sampled_from(["randevu", "IŞIK", "0532 123 45 67"]))
def test_an_older_archive_keeps_all_its_content_and_can_be_searched(
    version: int, listed: Voicemail, made: Transcript, word: str
) -> None:
    spoken = transcript(word)
    made = made.model_copy(update={"segments": (*made.segments, *spoken.segments)})
    with archive_of(version) as connection:
        fill(connection, listed, made)
        if version < len(migrations.STEPS):
            migrations.migrate(connection)
        else:
            search_index.rebuild(connection)  # an archive of today's schema has its index
        assert search_index.pending(connection) == 1
        assert not search_index.catch_up(connection, 10)
        assert message_rows.get(connection, listed.uuid) == listed
        assert repr(kept.latest(connection, listed.uuid)) == repr(made)
        assert connection.execute("SELECT count(*) FROM openings").fetchone()[0] == 1
        assert [hit.voicemail for hit in search(connection, word).hits] == [listed]
        assert migrations.has_its_schema(connection)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_older_schema_ends_up_the_same(version: int) -> None:
    with archive_of(version) as old, archive_of(0) as new:
        for connection in (old, new):
            migrations.migrate(connection)
        schemas = [
            connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'search%'").fetchall()
            for connection in (old, new)
        ]
        assert schemas[0] == schemas[1]
        assert [migrations._version(connection) for connection in (old, new)] == [len(migrations.STEPS)] * 2


def test_a_step_that_fails_leaves_the_archive_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ("CREATE TABLE half_done (id INTEGER)", "CREATE TABLE messages (id INTEGER)")
    with archive_of(0) as connection:
        migrations.migrate(connection)
        before = connection.execute("SELECT name FROM sqlite_master").fetchall()
        monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, broken))
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            migrations.migrate(connection)
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == before
        assert migrations._version(connection) == len(migrations.STEPS) - 1


def test_servers_that_start_at_once_take_each_step_once(path: Path) -> None:
    start = Barrier(4)

    def opened(_: int) -> int:
        start.wait(timeout=30)
        with closing(connect(path, 10)) as connection:
            migrations.migrate(connection)
            return migrations._version(connection)

    with ThreadPoolExecutor(4) as servers:
        assert list(servers.map(opened, range(4))) == [len(migrations.STEPS)] * 4


@pytest.mark.anyio
async def test_an_archive_of_a_newer_release_is_reported_and_not_changed(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await sqlite_archive.note_listed([voicemail("u")])
    await sqlite_archive.aclose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    before = path.read_bytes()
    later = SqliteArchive(path)
    for _ in range(2):
        with pytest.raises(ArchiveError, match="newer vm-mcp"):
            await later.recent(5)
    await later.aclose()
    assert path.read_bytes() == before
    assert list(path.parent.glob("*damaged*")) == []


@pytest.mark.anyio
async def test_another_programs_database_is_reported_and_not_changed(sqlite_archive: SqliteArchive, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    with pytest.raises(ArchiveError, match="another program's"):
        await sqlite_archive.recent(5)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("customers",)]


def test_a_transcript_with_fields_of_a_newer_release_is_read() -> None:
    made = transcript("merhaba")
    content = {**made.model_dump(), "speech_seconds": 1.5}
    with archive_of(len(migrations.STEPS)) as connection:
        fill(connection, voicemail("u"), made)
        connection.execute("UPDATE transcripts SET body = ?", (zlib.compress(json.dumps(content).encode()),))
        assert kept.latest(connection, "u") == made
