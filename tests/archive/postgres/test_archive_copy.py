import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.archive_samples import (
    NOW,
    Clock,
    fresh,
    keep,
    key,
    leased,
    moments,
    transcript,
    transcripts,
    voicemail,
    voicemails,
)
from support.older_archives import LATER_TABLES
from support.postgres_server import MakeDatabase, TeamDatabase

from vm_mcp.archive import NeighbourReading
from vm_mcp.archive.copying import TableCopy, copy_archive
from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.archive.postgres.copy_target import CopyTarget
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.archive.sqlite.copy_source import open_copy_source
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact, Extension
from vm_mcp.errors import AccountMismatchError, ArchiveError
from vm_mcp.handling import Mark
from vm_mcp.ids import is_usable_uuid
from vm_mcp.models import Voicemail

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio


@pytest.fixture
def account() -> str:
    return fresh()


@pytest.fixture
def target(database: PostgresDatabase, account: str) -> CopyTarget:
    return CopyTarget(database, account)


@pytest.fixture
def team(database: PostgresDatabase, account: str) -> PostgresArchive:
    return PostgresArchive(database, account, clock=Clock())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
async def desk(path: Path) -> AsyncIterator[SqliteArchive]:
    opened = SqliteArchive(path, clock=Clock())
    yield opened
    await opened.aclose()


async def copied(path: Path, target: CopyTarget) -> dict[str, TableCopy]:
    with open_copy_source(path) as source:
        return {copy.name: copy for copy in await copy_archive(source, target)}


async def fill(desk: SqliteArchive) -> None:
    """Store something of every kind."""
    for number in range(5):
        listed = voicemail(f"u{number}", "Ayşe Yılmaz", f"0532417289{number}", days_ago=number)
        await keep(desk, listed.uuid, f"{number} numaralı kayıt", listed)
    await keep(desk, "bare", "listelenmemiş")
    assert await desk.save(await leased(desk, key("u1", "large")), transcript("ikinci model"))
    assert await desk.save(await leased(desk, key("u2"), refresh=True), transcript("yeniden"))
    await desk.record_retrieval("u0", NOW, clock_offset_seconds=0.25, by="Elif")
    await desk.confirm_retrieval("u0", NOW)
    await desk.record_retrieval("purged", NOW - timedelta(days=90))
    await desk.mark(["u0", "u1"], Mark(state="done", at=NOW, note="Aradım\0, tamam", by="Can"))
    reading = NeighbourReading(NOW, NOW, NOW - timedelta(days=2), NOW)
    await desk.save_contacts(
        [Contact(contact_id="7", name="Ayşe", company="Yıldız", numbers=("05324172890",))], reading
    )
    await desk.save_extensions([Extension(number="1001", name="Elif"), Extension(number="1002", name="Can")], reading)
    records = [
        CallRecord(call_uuid=f"C{number}", direction="inbound", caller_id_number="05324172890", started_at=NOW)
        for number in range(3)
    ]
    await desk.save_calls(records, reading)


async def content(archive: SqliteArchive | PostgresArchive) -> dict[str, Any]:
    """Return all that can be asked of an archive."""
    exported = [each async for each in archive.each()]
    uuids = [voicemail.uuid for voicemail, _ in exported]
    return {
        "exported": exported,
        "listed": [await archive.voicemail(uuid) for uuid in uuids],
        "known": await archive.known(uuids),
        "retrievals": await archive.retrievals([*uuids, "purged"]),
        "marks": await archive.marks(uuids),
        "people": await archive.people(),
        "readings": await archive.neighbours(),
        "calls": sorted(await archive.calls(NOW - timedelta(days=9999)), key=lambda record: record.call_uuid),
        "second model": await archive.transcript(key("u1", "large")),
    }


async def test_all_that_is_kept_for_good_is_there_afterwards(
    desk: SqliteArchive, path: Path, target: CopyTarget, team: PostgresArchive
) -> None:
    await fill(desk)

    copies = await copied(path, target)

    assert await content(team) == await content(desk)
    counts = {name: (copy.source.count, copy.target.count, copy.newer) for name, copy in copies.items()}
    assert counts == {
        "readings": (3, 3, 0),
        "contacts": (1, 1, 0),
        "extensions": (2, 2, 0),
        "messages": (6, 6, 0),
        "transcripts": (7, 7, 0),
        "marks": (2, 2, 0),
        "retrievals": (2, 2, 0),
        "call_records": (3, 3, 0),
    }
    assert all(copy.source.hex == copy.target.hex for copy in copies.values())


async def test_what_was_copied_is_found_by_what_was_said_who_called_and_what_was_noted(
    desk: SqliteArchive, path: Path, target: CopyTarget, team: PostgresArchive
) -> None:
    await fill(desk)
    await copied(path, target)

    for query in ("yeniden", "Yıldız", "0532 417 28 91", "aradım", "listelenmemis"):
        theirs, ours = await team.search(query), await desk.search(query)
        assert [hit.voicemail.uuid for hit in theirs.hits] == [hit.voicemail.uuid for hit in ours.hits] != []


def _is_usable(voicemail: Voicemail) -> bool:
    """Return whether a message can be opened and closed: those that can't have neither retrievals nor marks."""
    return is_usable_uuid(voicemail.uuid)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(
        st.tuples(voicemails.filter(_is_usable), st.none() | transcripts, st.booleans()),
        max_size=6,
        unique_by=lambda m: m[0].uuid,
    ),
    opened_at=moments,
    said=st.text(max_size=30),
)
def test_an_export_of_the_copy_is_that_of_the_archive(
    team_database: TeamDatabase, tmp_path: Path, messages: list[Any], opened_at: datetime, said: str
) -> None:
    account = fresh()
    path = tmp_path / f"{account}.sqlite3"

    async def run() -> None:
        desk = SqliteArchive(path, clock=Clock())
        await desk.recent(1)  # which creates the file
        for listed, heard, is_marked in messages:
            await desk.note_listed([listed])
            if heard:
                assert await desk.save(await leased(desk, key(listed.uuid)), heard)
            if is_marked:
                await desk.mark([listed.uuid], Mark(state="told", at=NOW, note=said))
                await desk.record_retrieval(listed.uuid, opened_at)
        database = PostgresDatabase(team_database.url)
        await copied(path, CopyTarget(database, account))
        uuids = [listed.uuid for listed, _, _ in messages]
        team = PostgresArchive(database, account, clock=Clock())
        assert repr([each async for each in team.each()]) == repr([each async for each in desk.each()])
        assert await team.marks(uuids) == await desk.marks(uuids)
        assert await team.retrievals(uuids) == await desk.retrievals(uuids)
        await database.aclose()
        await desk.aclose()

    asyncio.run(run())


class _InterruptedError(Exception):
    pass


class _Interrupting:
    """A target that fails before its nth write."""

    def __init__(self, target: CopyTarget, writes: int) -> None:
        self._target, self._left = target, writes

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the target has
        if name.startswith("write"):
            if not self._left:
                raise _InterruptedError
            self._left -= 1
        return getattr(self._target, name)


async def test_a_copy_that_is_interrupted_anywhere_is_finished_by_the_next(
    desk: SqliteArchive, path: Path, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(desk)
    wanted = await content(desk)
    monkeypatch.setattr("vm_mcp.archive.copying.CHUNK", 2)
    for writes in range(20):
        account = fresh()
        target = CopyTarget(database, account)
        try:
            await copied(path, _Interrupting(target, writes))  # type: ignore[arg-type] # it stands in for one
            break
        except _InterruptedError:
            await copied(path, target)
            assert await content(PostgresArchive(database, account, clock=Clock())) == wanted
    assert writes > 6


async def test_a_second_copy_changes_nothing(
    desk: SqliteArchive, path: Path, target: CopyTarget, database: PostgresDatabase, account: str
) -> None:
    async def versions() -> list[Any]:
        async with database.transaction(account) as connection:
            return [
                await (await connection.execute(f"SELECT xmin::text, * FROM {table}".encode())).fetchall()  # noqa: S608
                for table in ("messages", "transcripts", "marks", "retrievals", "call_records")
            ]

    await fill(desk)
    first = await copied(path, target)
    before = await versions()

    second = await copied(path, target)

    assert await versions() == before
    assert {name: copy.source.hex for name, copy in second.items()} == {n: copy.target.hex for n, copy in first.items()}


async def test_what_the_desk_did_since_is_copied_by_the_next(
    desk: SqliteArchive, path: Path, target: CopyTarget, team: PostgresArchive
) -> None:
    await fill(desk)
    await copied(path, target)
    await desk.note_listed([voicemail("u0", "Ayşe Yılmaz", is_read=True)], NOW + timedelta(hours=1))
    await desk.mark(["u1"], Mark(state="open", at=NOW + timedelta(hours=1)))
    await keep(desk, "u9", "sonradan", voicemail("u9"))

    await copied(path, target)

    assert await content(team) == await content(desk)


async def test_what_the_team_wrote_since_stays_and_is_told(
    desk: SqliteArchive, path: Path, target: CopyTarget, database: PostgresDatabase, account: str
) -> None:
    await fill(desk)
    later = Clock()
    later.move(hours=1)
    team = PostgresArchive(database, account, by="Elif", clock=later)
    await keep(team, "u0", "ekibin okuduğu", voicemail("u0", "Ayşe Yılmaz", is_read=True))
    assert await team.save(await leased(team, key("u3", "large")), transcript("ekibin modeli"))
    await team.mark(["u0"], Mark(state="open", at=later(), note="yine aradı"))
    await team.record_retrieval("u0", later())
    await team.confirm_retrieval("u0", later())
    newer = NeighbourReading(later(), later())
    await team.save_contacts([Contact(contact_id="8", name="Yeni")], newer)

    copies = await copied(path, target)

    assert {name: copy.newer for name, copy in copies.items() if copy.newer} == {
        "readings": 1,
        "contacts": 1,
        "messages": 1,
        "transcripts": 1,
        "marks": 1,
    }
    read = await team.latest("u0")
    other = await team.latest("u3")
    assert (read and read.text, other and other.text) == ("ekibin okuduğu", "ekibin modeli")
    assert (await team.marks(["u0"]))["u0"].note == "yine aradı"
    assert (await team.people()).contacts[0].name == "Yeni"
    # The first retrieval is the one that marked the message as read.
    assert (await team.retrievals(["u0"]))["u0"] == (await desk.retrievals(["u0"]))["u0"]


async def test_an_account_with_other_messages_is_refused_and_left_as_it_was(
    desk: SqliteArchive, path: Path, target: CopyTarget, team: PostgresArchive
) -> None:
    await fill(desk)
    await keep(team, "theirs", "başkasının", voicemail("theirs"))

    with pytest.raises(AccountMismatchError, match="--to-account"):
        await copied(path, target)

    assert [voicemail.uuid async for voicemail, _ in team.each()] == ["theirs"]


async def test_an_account_whose_message_of_that_id_was_left_at_another_time_is_refused(
    desk: SqliteArchive, path: Path, target: CopyTarget, team: PostgresArchive
) -> None:
    await fill(desk)
    await team.note_listed([voicemail("u0", days_ago=400), voicemail("u1", days_ago=1)])

    with pytest.raises(AccountMismatchError):
        await copied(path, target)

    assert len([1 async for _ in team.each()]) == 2


async def test_accounts_next_to_it_see_nothing_of_the_copy(
    desk: SqliteArchive, path: Path, target: CopyTarget, database: PostgresDatabase
) -> None:
    await fill(desk)
    await copied(path, target)

    neighbour = PostgresArchive(database, fresh())

    assert [each async for each in neighbour.each()] == []
    assert (await neighbour.search("yeniden")).hits == ()
    assert await neighbour.neighbours() == {}


async def test_a_difference_is_noticed(
    desk: SqliteArchive, path: Path, make_team_database: MakeDatabase, account: str
) -> None:
    await fill(desk)
    own = make_team_database()
    own.run_sql(
        "CREATE FUNCTION vm_mcp.spoil() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.note := 'x'; RETURN NEW; END $$;"
        "CREATE TRIGGER spoil BEFORE INSERT ON vm_mcp.marks FOR EACH ROW EXECUTE FUNCTION vm_mcp.spoil()"
    )
    database = PostgresDatabase(own.url)
    try:
        with pytest.raises(ArchiveError, match="differs from the archive in marks"):
            await copied(path, CopyTarget(database, account))
    finally:
        await database.aclose()


async def test_the_archive_is_not_written_not_even_brought_up_to_date(
    desk: SqliteArchive, path: Path, target: CopyTarget, team: PostgresArchive
) -> None:
    await fill(desk)
    await desk.aclose()
    with closing(sqlite3.connect(path)) as connection:
        for table in LATER_TABLES:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE openings DROP COLUMN opened_by")
        connection.execute("PRAGMA user_version = 3")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = hashlib.sha256(path.read_bytes()).hexdigest()

    copies = await copied(path, target)

    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert (copies["messages"].target.count, copies["marks"].target.count) == (6, 0)
    assert len([1 async for _ in team.each()]) == 6


@pytest.mark.parametrize("spoiled", [b"not a database", b"SQLite format 3\0" + bytes(4080)])
async def test_an_archive_that_cannot_be_read_is_told(path: Path, target: CopyTarget, spoiled: bytes) -> None:
    path.write_bytes(spoiled)

    with pytest.raises(ArchiveError, match=r"vm-mcp list|another program's"):
        await copied(path, target)
    assert path.read_bytes() == spoiled


async def test_an_archive_in_use_is_copied_as_it_was_at_one_moment(
    desk: SqliteArchive, path: Path, target: CopyTarget, team: PostgresArchive
) -> None:
    await fill(desk)
    with open_copy_source(path) as source:
        await keep(desk, "later", "kopyadan sonra", voicemail("later"))
        await copy_archive(source, target)

    assert await team.voicemail("later") is None
