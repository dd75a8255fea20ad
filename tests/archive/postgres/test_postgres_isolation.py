"""No account sees another's messages, and no restricted reader another mailbox's, whatever is asked."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import NamedTuple

import psycopg
import pytest
from support.archive_samples import NOW, Clock, fresh, keep, key, leased, transcript, voicemail
from support.full_account import OF_THE_ACCOUNT, QUESTIONS, UUIDS, fill, hold, let_go
from support.postgres_server import APP, OWNER, TeamDatabase

from vm_mcp.archive import Lease
from vm_mcp.archive.handled_protocol import HandledArchive
from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.archive.protocol import Archive
from vm_mcp.errors import ArchiveError
from vm_mcp.handling import Mark

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio

CHANGES = {
    "note_listed", "acquire", "renew", "release", "save", "record_retrieval", "confirm_retrieval", "withdraw_retrieval",
    "purge", "claim_neighbour", "save_calls", "save_contacts", "save_extensions", "save_neighbour", "mark",
}  # fmt: skip
"""Methods that change something; the test of each writes as another account."""
OTHERS = {"aclose", "acquire_or_wait", "holding", "notice"}
"""Those that only call others, or nothing."""


class Filled(NamedTuple):
    """An account of which everything is known, and ways to it."""

    account: str
    whole: PostgresArchive
    lease: Lease
    open: Callable[..., PostgresArchive]


@pytest.fixture
async def filled(database: PostgresDatabase) -> AsyncIterator[Filled]:
    account, clock = fresh(), Clock()

    def opened(name: str = account, extensions: frozenset[str] | None = None) -> PostgresArchive:
        return PostgresArchive(database, name, extensions=extensions, clock=clock)

    whole = opened()
    yield Filled(account, whole, await fill(whole), opened)
    await whole.aclose()


def test_every_method_of_an_archive_is_asked_here() -> None:
    names = {name for each in (Archive, HandledArchive) for name in vars(each) if not name.startswith("_")}
    assert names - CHANGES - OTHERS == {name for name in QUESTIONS if " " not in name} - {"held_recording"}


async def test_another_account_gets_the_answers_of_an_empty_archive(filled: Filled) -> None:
    stranger, empty = filled.open(fresh()), filled.open(fresh())
    await keep(stranger, "its own", "merhaba", voicemail("its own", received_at=NOW - timedelta(days=99)))
    await stranger.purge(everything=True)
    for asked, ask in QUESTIONS.items():
        assert await ask(filled.whole) != await ask(empty), f"there is something to be seen by {asked}"
        assert await ask(stranger) == await ask(empty), asked


async def test_another_account_changes_nothing_of_it(filled: Filled) -> None:
    before = {asked: await ask(filled.whole) for asked, ask in QUESTIONS.items()}
    stranger = filled.open(fresh())
    assert not await stranger.renew(filled.lease)
    assert not await stranger.save(filled.lease, transcript("yabancı"))
    await stranger.release(filled.lease)
    await stranger.withdraw_retrieval(UUIDS[0], NOW)
    await fill(stranger)
    await stranger.note_listed([voicemail(uuid, "Yabancı", "05559998877", extension="999") for uuid in UUIDS])
    await stranger.mark(UUIDS, Mark(state="done", at=NOW, note="yabancı"))
    for uuid in UUIDS:
        await let_go(stranger, uuid)
    await stranger.purge(caller="05321112233")
    await stranger.purge(before=NOW + timedelta(days=9))
    await stranger.purge(everything=True)
    assert {asked: await ask(filled.whole) for asked, ask in QUESTIONS.items()} == before
    assert await filled.whole.renew(filled.lease)


@pytest.mark.parametrize("mailboxes", [frozenset({"101"}), frozenset[str](), frozenset({""})], ids=str)
async def test_a_reader_of_other_mailboxes_gets_the_answers_of_an_archive_without_the_message(
    filled: Filled, mailboxes: frozenset[str]
) -> None:
    reader, expected = filled.open(extensions=mailboxes), filled.open(fresh())
    if "101" in mailboxes:
        await fill_first_alone(expected)
    for asked, ask in QUESTIONS.items():
        if asked in OF_THE_ACCOUNT:
            assert await ask(reader) == await ask(filled.whole), asked
        else:
            assert await ask(reader) == await ask(expected), asked


async def fill_first_alone(archive: PostgresArchive) -> None:
    await fill(archive)
    await archive.purge(caller="05305128844")
    async with archive.sessions.database.transaction(archive.sessions.account) as connection:
        await connection.execute("DELETE FROM retrievals WHERE uuid = %s", (UUIDS[1],))


async def test_a_restricted_reader_gets_all_of_their_own_mailbox(filled: Filled) -> None:
    reader = filled.open(extensions=frozenset({"102"}))
    for asked, ask in QUESTIONS.items():
        if asked not in {"recent", "known", "retrievals", "marks", "each", "message_uuids"}:
            assert await ask(reader) == await ask(filled.whole), asked
    assert [each.uuid for each in await reader.recent(9)] == [UUIDS[1]]
    for by_uuid in (await reader.known(UUIDS), await reader.retrievals(UUIDS), await reader.marks(UUIDS)):
        assert list(by_uuid) == [UUIDS[1]]


async def test_a_restricted_person_changes_nothing_of_another_mailbox(filled: Filled) -> None:
    reader = filled.open(extensions=frozenset({"101"}))
    before = {asked: await ask(filled.whole) for asked, ask in QUESTIONS.items()}
    await reader.mark([UUIDS[1]], Mark(state="done", at=NOW))
    assert not await reader.renew(filled.lease)
    assert not await reader.save(filled.lease, transcript("yabancı"))
    await reader.release(filled.lease)
    await let_go(reader, UUIDS[1])
    for refused in (
        reader.acquire(key(UUIDS[1], model="another")),
        reader.record_retrieval(UUIDS[1], NOW),
        reader.confirm_retrieval(UUIDS[1], NOW),
        hold(reader, UUIDS[1]),
        reader.note_listed([voicemail(UUIDS[1], extension="102")]),
        reader.purge(caller="05305128844"),
        reader.purge(everything=True),
    ):
        with pytest.raises(ArchiveError, match="may see"):
            await refused
    assert {asked: await ask(filled.whole) for asked, ask in QUESTIONS.items()} == before


async def test_a_restricted_person_works_on_their_own_messages(filled: Filled) -> None:
    reader = filled.open(extensions=frozenset({"101"}))
    await reader.note_listed([voicemail(UUIDS[0], "Ayşe Kaya", "05321112233", extension="101")])
    assert await reader.save(await leased(reader, key(UUIDS[0]), refresh=True), transcript("Yeniden, babukat."))
    await reader.mark([UUIDS[0]], Mark(state="done", at=NOW, note="Kırgo"))
    await reader.record_retrieval(UUIDS[0], NOW)
    for asked in ("yeniden", "ayşe", "kargo", "avukat"):
        for archive in (reader, filled.whole):
            assert [hit.voicemail.uuid for hit in (await archive.search(asked)).hits] == [UUIDS[0]], asked


async def test_a_message_in_two_mailboxes_is_seen_by_the_readers_of_both(filled: Filled) -> None:
    both = [voicemail("both", "Ortak", extension=extension) for extension in ("102", "101")]
    await filled.whole.note_listed(both)
    await keep(filled.whole, "both", "Kırgoya verdim.")
    for mailbox in ("101", "102"):
        reader = filled.open(extensions=frozenset({mailbox}))
        assert await reader.voicemail("both") == both[1]
        assert [hit.voicemail.uuid for hit in (await reader.search("kargo")).hits] == ["both"]
    await filled.open(extensions=frozenset({"102"})).note_listed([both[0]])
    assert await filled.open(extensions=frozenset({"101"})).voicemail("both") == both[0]


async def test_a_contact_that_somebody_restricted_reads_is_indexed_for_all(filled: Filled) -> None:
    reader = filled.open(extensions=frozenset({"101"}))
    people = await filled.whole.people()
    named = people.contacts[0].model_copy(update={"name": "Zülfikar", "numbers": ("0530 512 88 44",)})
    await reader.save_contacts([named], (await reader.neighbours())["contacts"])
    assert [hit.voicemail.uuid for hit in (await filled.whole.search("zülfikar")).hits] == [UUIDS[1]]
    assert (await reader.search("zülfikar")).hits == ()
    await reader.aclose()


async def test_retention_deletes_in_every_mailbox_whoever_starts_it(filled: Filled) -> None:
    purged = await filled.open(extensions=frozenset({"101"})).purge(before=NOW + timedelta(days=1))
    assert purged.messages == 2
    assert await filled.whole.recent(9) == []


async def test_the_words_of_other_mailboxes_are_not_even_counted(filled: Filled) -> None:
    asked = "SELECT word FROM search_words ORDER BY word"
    found = {}
    for mailbox in ("101", "102"):
        async with filled.whole.sessions.database.transaction(filled.account, frozenset({mailbox})) as connection:
            found[mailbox] = {row["word"] for row in await (await connection.execute(asked)).fetchall()}
    assert "babukat" in found["101"] - found["102"]
    assert "redervasyonu" in found["102"] - found["101"]


async def test_the_function_that_looks_terms_up_returns_nothing_of_others(
    filled: Filled, database: PostgresDatabase
) -> None:
    asked = """
        SELECT message_id FROM search_matches(
            (SELECT string_agg(quote_literal(number || 'sben') || ':*', ' | ')::tsquery
                FROM generate_series(1, 999) AS numbers (number)),
            ARRAY['ben'], ARRAY['said'], ARRAY[1.0::float8], 9
        )
    """
    found = {}
    for account, mailboxes in ((filled.account, None), (filled.account, frozenset({"101"})), (fresh(), None)):
        async with database.transaction(account, mailboxes) as connection:
            found[account, mailboxes] = len(await (await connection.execute(asked)).fetchall())
    assert list(found.values()) == [2, 1, 0]


async def tables(database: PostgresDatabase) -> list[str]:
    async with database.operation() as connection:
        found = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'vm_mcp'")
        return sorted({row["tablename"] for row in await found.fetchall()} - {"migrations"})


async def test_every_table_has_an_account_and_row_level_security_that_binds_its_owner_too(
    database: PostgresDatabase,
) -> None:
    async with database.operation() as connection:
        found = await connection.execute(
            """
            SELECT relname, relrowsecurity AND relforcerowsecurity AS is_bound, EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'account' AND attnotnull
            ) AS has_account
            FROM pg_class WHERE relnamespace = 'vm_mcp'::regnamespace AND relkind IN ('r', 'p')
            """
        )
        rows = {row["relname"]: row for row in await found.fetchall()}
    assert rows.keys() > {"messages", "search_words"}
    for name, row in rows.items():
        assert name == "migrations" or (row["is_bound"] and row["has_account"]), name


async def test_without_an_account_nothing_is_visible_and_nothing_can_be_written(
    filled: Filled, database: PostgresDatabase, team_database: TeamDatabase
) -> None:
    assert filled.account
    for role in (APP, OWNER):
        with psycopg.connect(team_database.server.url(team_database.name, role), autocommit=True) as connection:
            for table in await tables(database):
                visible = connection.execute(f"SELECT count(*) FROM vm_mcp.{table}".encode()).fetchone()  # noqa: S608
                assert visible == (0,) or (role, table) == (OWNER, "search"), (role, table)
            for insert in (
                "(uuid, noted_at) VALUES ('u', now())",
                "(account, uuid, noted_at) VALUES ('x', 'u', now())",
            ):
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.NotNullViolation)):
                    connection.execute(f"SET search_path = vm_mcp; INSERT INTO messages {insert}".encode())


@pytest.mark.parametrize(
    "attempt",
    [
        "ALTER TABLE messages DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE messages NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY visible ON messages",
        "CREATE POLICY mine ON messages USING (true)",
        "ALTER TABLE messages OWNER TO vm_app",
        "ALTER ROLE vm_app BYPASSRLS",
        "SET ROLE vm_owner",
        "SET SESSION AUTHORIZATION vm_owner",
        "TRUNCATE messages",
        "DROP TABLE messages",
        "CREATE TABLE vm_mcp.mine (a text)",
        "CREATE OR REPLACE FUNCTION current_account() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
        "DELETE FROM migrations",
        "INSERT INTO migrations (number, name) VALUES (99, 'x')",
        "SET row_security = off; SELECT * FROM messages",
        "COPY messages TO '/tmp/messages'",
    ],
)
async def test_the_programs_role_can_not_get_around_it(database: PostgresDatabase, attempt: str) -> None:
    with pytest.raises(ArchiveError) as refused:
        async with database.transaction("klinik") as connection:
            await connection.execute(attempt.encode())
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
