"""Which keys an archive accepts: checked in the archive itself, at every use."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest
from support.archive_samples import NOW, voicemail

from vm_mcp.archive import NeighbourReading, People
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.archive.sqlite.account_files import AccountKey, _uri, knows_any, listed_between, read_account_files
from vm_mcp.archive.sqlite.connection import companions
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact
from vm_mcp.errors import AccountMismatchError

pytest_plugins = ["support.sqlite_fixtures"]
pytestmark = pytest.mark.anyio

OpenAs = Callable[..., SqliteArchive]


@pytest.fixture
async def open_as(path: Path) -> AsyncIterator[OpenAs]:
    opened: list[SqliteArchive] = []

    def open_one(key: str, *, is_proven: bool = False) -> SqliteArchive:
        opened.append(SqliteArchive(path, key=AccountKey(key, is_proven=is_proven)))
        return opened[-1]

    yield open_one
    for archive in opened:
        await archive.aclose()


async def test_an_unproven_key_is_accepted_only_by_an_empty_archive(open_as: OpenAs) -> None:
    await open_as("key-a").recent(1)
    await open_as("key-b").note_listed([voicemail("m-1")])
    with pytest.raises(AccountMismatchError):
        await open_as("key-a").recent(1)
    assert await open_as("key-b").recent(1)


async def test_a_proven_key_is_accepted_for_good_beside_the_others(open_as: OpenAs) -> None:
    await open_as("key-a").note_listed([voicemail("m-1")])
    assert await open_as("key-b", is_proven=True).recent(1)
    assert await open_as("key-b").recent(1)
    assert await open_as("key-a").recent(1)


async def test_a_proof_does_not_hold_for_a_file_that_replaces_the_archive(
    open_as: OpenAs, path: Path, tmp_path: Path
) -> None:
    first = open_as("key-a", is_proven=True)
    await first.note_listed([voicemail("m-1")])
    other = SqliteArchive(tmp_path / "other.sqlite3", key=AccountKey("key-b"))
    await other.note_listed([voicemail("m-2")])
    await other.aclose()
    for each in companions(path):
        each.unlink(missing_ok=True)
    (tmp_path / "other.sqlite3").rename(path)
    with pytest.raises(AccountMismatchError):
        await first.recent(1)


async def test_an_archive_without_its_table_of_keys_is_set_aside_as_damaged(open_as: OpenAs, path: Path) -> None:
    archive = open_as("key-a")
    await archive.note_listed([voicemail("m-1")])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE account_keys")
    assert await archive.recent(1) == []
    assert "was damaged" in archive.notice


async def test_a_file_that_is_no_database_knows_nothing(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)
    assert not knows_any(path, ["m-1"])
    assert listed_between(path, NOW, NOW) == set()


async def test_damaged_times_are_no_sample_but_still_messages(path: Path) -> None:
    archive = SqliteArchive(path)
    await archive.note_listed([voicemail("m-1")])
    await archive.aclose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE messages SET received_at = 'yesterday'")
        connection.execute("INSERT INTO openings (uuid, opened_at, confirmed_at) VALUES ('m-2', ?, 1)", [1 << 62])
        connection.commit()
    [file] = read_account_files([path])
    assert file.holds_messages
    assert file.sample == ()


async def test_an_archive_whose_schema_is_damaged_knows_nothing(path: Path) -> None:
    archive = SqliteArchive(path)
    await archive.note_listed([voicemail("m-1")])
    await archive.aclose()
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"CREATE TABLE messages", b"CREATE T\xf0BLE messages"))
    assert read_account_files([path]) == []
    assert not knows_any(path, ["m-1"])
    assert listed_between(path, NOW, NOW) == set()


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PurePosixPath("/srv/a b/ş#?.sqlite3"), "file:///srv/a%20b/%C5%9F%23%3F.sqlite3?mode=ro"),
        (
            PureWindowsPath(r"C:\Users\Ayşe\archive@x.sqlite3"),
            "file:///C%3A/Users/Ay%C5%9Fe/archive%40x.sqlite3?mode=ro",
        ),
        (PureWindowsPath(r"\\desk\data\a.sqlite3"), "file:////desk/data/a.sqlite3?mode=ro"),
    ],
)
def test_a_files_uri_is_one_that_sqlite_takes_on_network_shares_too(path: PurePath, uri: str) -> None:
    assert _uri(path) == uri


async def test_an_archive_that_changes_hands_keeps_no_calls_and_contacts_of_the_account_before(open_as: OpenAs) -> None:
    reading = NeighbourReading(read_at=NOW)
    first = open_as("key-a")
    await first.save_contacts([Contact(name="Ayşe", numbers=("05321112233",))], reading)
    await first.save_calls([CallRecord(call_uuid="a", started_at=NOW)], reading)
    second = open_as("key-b")
    assert await second.people() == People()
    assert await second.calls(NOW) == []
    assert await second.neighbours() == {}
