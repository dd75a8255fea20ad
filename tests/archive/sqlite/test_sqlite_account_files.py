"""Which keys an archive's file stores, and which messages identify its account to another key."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from support.archive_samples import NOW, Clock, keep, voicemail
from support.sqlite_archives import let_go

from vm_mcp.archive.sqlite import SqliteArchive, migrations
from vm_mcp.archive.sqlite.account_files import SAMPLE, AccountFile, AccountKey, KnownMessage, admit, read_account_files

pytest_plugins = ["support.sqlite_fixtures"]
pytestmark = pytest.mark.anyio

needs_rights = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")


@contextmanager
def without_rights(path: Path) -> Iterator[None]:
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


def alter(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


async def make(path: Path, *uuids: str, key_id: str = "") -> None:
    archive = SqliteArchive(path, clock=Clock(), key=AccountKey(key_id, is_proven=True) if key_id else None)
    await archive.note_listed([voicemail(uuid) for uuid in uuids])
    await archive.aclose()


def known_keys(path: Path) -> frozenset[str]:
    [file] = read_account_files([path])
    return file.key_ids


async def test_existing_archives_are_returned_in_the_order_given(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("b.sqlite3", "missing.sqlite3", "folder.sqlite3", "a.sqlite3")]
    paths[2].mkdir()
    await make(paths[0], "u", key_id="key-b")
    await make(paths[3])
    [first, second] = read_account_files(paths)
    assert first == AccountFile(paths[0], frozenset({"key-b"}), (KnownMessage("u", NOW),))
    assert second == AccountFile(paths[3], holds_messages=False)
    assert not paths[1].exists()


async def test_the_sample_is_the_latest_messages_whenever_they_were_retrieved(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await sqlite_archive.note_listed([voicemail(f"{days}", days_ago=days) for days in (9, 4, 2, 8)])
    await sqlite_archive.note_listed([voicemail("undated", received_at=None)])
    for uuid in ("9", "never listed"):
        await sqlite_archive.record_retrieval(uuid, NOW - timedelta(days=1))
    await keep(sqlite_archive, "transcribed, never listed", "merhaba")
    [file] = read_account_files([path])
    # The PBX is asked for them around these times: a message that was retrieved days later would not be found.
    assert file.sample == tuple(KnownMessage(f"{days}", NOW - timedelta(days=days)) for days in (2, 4, 8))
    assert len(file.sample) == SAMPLE


async def test_messages_known_only_by_their_retrieval_fill_up_the_sample(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await sqlite_archive.note_listed([voicemail("u", days_ago=9), voicemail("undated", received_at=None)])
    for hours, uuid in enumerate(("u", "undated", "never listed")):
        await sqlite_archive.confirm_retrieval(uuid, NOW - timedelta(hours=hours))
    assert read_account_files([path])[0].sample == (
        KnownMessage("u", NOW - timedelta(days=9)),
        KnownMessage("undated", NOW - timedelta(hours=1), is_exact=False),
        KnownMessage("never listed", NOW - timedelta(hours=2), is_exact=False),
    )


async def test_a_retrieval_that_the_pbx_never_confirmed_is_in_no_sample(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await sqlite_archive.record_retrieval("of any account", NOW)
    [file] = read_account_files([path])
    assert file.sample == ()
    assert file.holds_messages


async def test_retrievals_identify_an_archive_whose_messages_were_purged(
    sqlite_archive: SqliteArchive, path: Path
) -> None:
    await keep(sqlite_archive, "u", "merhaba", voicemail("u", days_ago=9))
    await sqlite_archive.confirm_retrieval("u", NOW)
    await sqlite_archive.purge(before=NOW)
    assert read_account_files([path])[0].sample == (KnownMessage("u", NOW, is_exact=False),)


async def test_each_key_is_stored_once(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite3"
    for key_id in ("key-1", "key-2", "key-1", ""):
        await make(path, key_id=key_id)
    assert known_keys(path) == {"key-1", "key-2"}
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        before = connection.execute("SELECT * FROM account_keys ORDER BY 1").fetchall()
        admit(connection, AccountKey("key-2"), path)
        assert connection.execute("SELECT * FROM account_keys ORDER BY 1").fetchall() == before


async def test_an_archive_that_another_process_has_open_is_read_and_not_changed(path: Path) -> None:
    archive = SqliteArchive(path, clock=Clock(), key=AccountKey("key-1"))
    await archive.note_listed([voicemail("u")])
    before = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
    assert before["archive.sqlite3-wal"]
    assert read_account_files([path]) == [AccountFile(path, frozenset({"key-1"}), (KnownMessage("u", NOW),))]
    assert {file: (path.parent / file).read_bytes() for file in before} == before
    await archive.aclose()


@pytest.mark.parametrize("left", [("", "-wal"), ("", "-wal", "-shm")], ids=["without -shm", "with -shm"])
async def test_what_a_killed_process_left_in_the_log_is_read(tmp_path: Path, path: Path, left: tuple[str, ...]) -> None:
    archive = SqliteArchive(path, clock=Clock(), key=AccountKey("key-1"))
    await archive.note_listed([voicemail("u")])
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    for suffix in left:
        shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")  # as a power cut leaves them
    await archive.aclose()
    before = copy.read_bytes()
    assert read_account_files([copy]) == [AccountFile(copy, frozenset({"key-1"}), (KnownMessage("u", NOW),))]
    assert copy.read_bytes() == before
    survivor = SqliteArchive(copy)
    assert [message.uuid for message in await survivor.recent(5)] == ["u"]
    await survivor.aclose()


@pytest.mark.parametrize(
    "content", [b"", b"x", b"not a database at all\n" * 500, b"SQLite format 3\x00" + bytes(3000), b"\xff" * 20]
)
async def test_a_file_that_is_no_database_is_skipped_and_not_changed(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert read_account_files([path]) == []
    assert path.read_bytes() == content


async def test_another_programs_database_is_skipped_and_not_changed(path: Path) -> None:
    alter(path, "CREATE TABLE messages (id INTEGER, body TEXT)", "INSERT INTO messages VALUES (1, 'theirs')")
    before = path.read_bytes()
    assert read_account_files([path]) == []
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_an_archive_with_any_page_damaged_is_read_or_skipped(sqlite_archive: SqliteArchive, path: Path) -> None:
    await keep(sqlite_archive, "u", "merhaba " * 500, voicemail("u"))
    await let_go(sqlite_archive)
    whole = path.read_bytes()
    readable = 0
    for at in range(0, len(whole), 4096):
        path.write_bytes(whole[:at] + bytes(4096) + whole[at + 4096 :])
        files = read_account_files([path])
        assert len(files) <= 1
        readable += len(files)
    assert 0 < readable < len(whole) // 4096


async def test_an_archive_with_a_damaged_uuid_is_skipped(path: Path) -> None:
    await make(path, "u", "v")
    alter(path, "UPDATE messages SET uuid = CAST(x'41ff42' AS TEXT) WHERE uuid = 'v'")
    assert read_account_files([path]) == []


async def test_a_message_with_an_impossible_time_is_not_in_the_sample(path: Path) -> None:
    await make(path, "u", "v")
    alter(path, "UPDATE messages SET received_at = 9000000000000000000 WHERE uuid = 'v'")
    assert read_account_files([path])[0].sample == (KnownMessage("u", NOW),)


@pytest.mark.parametrize("version", range(1, len(migrations.STEPS) + 1))
async def test_an_archive_of_every_older_release_is_read(path: Path, version: int) -> None:
    alter(
        path,
        *(statement for step in migrations.STEPS[:version] for statement in step),
        f"PRAGMA application_id = {migrations.APPLICATION_ID}",
        f"PRAGMA user_version = {version}",
        "INSERT INTO openings (uuid, opened_at, confirmed_at) VALUES ('u', 1764000000000000, 1764000000000000)",
    )
    [file] = read_account_files([path])
    assert file.key_ids == frozenset()
    assert [known.uuid for known in file.sample] == ["u"]


async def test_an_archive_of_a_newer_release_is_read_if_it_has_the_columns(path: Path) -> None:
    await make(path, "u", key_id="key-1")
    alter(
        path,
        f"PRAGMA user_version = {len(migrations.STEPS) + 1}",
        "ALTER TABLE account_keys ADD COLUMN team TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE messages ADD COLUMN folder TEXT",
    )
    assert read_account_files([path]) == [AccountFile(path, frozenset({"key-1"}), (KnownMessage("u", NOW),))]
    alter(path, "ALTER TABLE openings RENAME TO retrievals")
    assert read_account_files([path]) == []


@needs_rights
async def test_a_file_without_read_permission_is_skipped(path: Path) -> None:
    await make(path, "u")
    with without_rights(path):
        assert read_account_files([path]) == []
    assert len(read_account_files([path])) == 1


@needs_rights
async def test_a_folder_that_may_not_be_entered_holds_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "closed" / "archive.sqlite3"
    await make(path, "u")
    with without_rights(path.parent):
        assert read_account_files([path]) == []
    assert len(read_account_files([path])) == 1
