"""An account in the team's database as the target of a copy: reads rows by key, and writes those that are wanted."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from vm_mcp.archive.copied_rows import (
    CALL_RECORDS,
    MARKS,
    MESSAGES,
    RETRIEVALS,
    TRANSCRIPTS,
    CopiedTable,
    MessageRows,
    Neighbours,
    Row,
    RowKey,
    plan,
)
from vm_mcp.archive.postgres import handled_rows, search_index
from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.database import PostgresDatabase
from vm_mcp.archive.postgres.sessions import AccountSessions
from vm_mcp.archive.records import NeighbourPart, NeighbourReading
from vm_mcp.telephone import shortest_spelling

_COUNT = "SELECT count(*) AS messages FROM messages"
_SAVE_MESSAGE = f"""
    INSERT INTO messages ({", ".join(MESSAGES.columns)}, caller, mailboxes)
    VALUES ({", ".join(f"%({name})s" for name in MESSAGES.columns)}, %(caller)s, %(mailboxes)s::text[])
    ON CONFLICT (account, uuid) DO UPDATE SET
        mailboxes = CASE WHEN messages.mailboxes @> excluded.mailboxes THEN messages.mailboxes
            ELSE messages.mailboxes || excluded.mailboxes END,
        {", ".join(f"{name} = excluded.{name}" for name in (*MESSAGES.others, "caller"))}
"""  # noqa: S608 - constants
# One that replaces another is the latest of its message, as if it were saved now.
_SAVE_TRANSCRIPT = f"""
    INSERT INTO transcripts ({", ".join(TRANSCRIPTS.columns)})
    VALUES ({", ".join(f"%({name})s" for name in TRANSCRIPTS.columns)})
    ON CONFLICT (account, uuid, engine, model, language) DO UPDATE SET
        id = excluded.id, {", ".join(f"{name} = excluded.{name}" for name in TRANSCRIPTS.others)}
"""  # noqa: S608 - constants
_OWN_TRANSCRIPTS = f"""
    SELECT id, made_at, {", ".join(TRANSCRIPTS.key)} FROM transcripts WHERE uuid = ANY(%s) ORDER BY made_at, id
"""  # noqa: S608 - constants
_MAKE_LATEST = "UPDATE transcripts SET id = nextval(pg_get_serial_sequence('transcripts', 'id')) WHERE id = %s"
_SAVE_MARK = f"""
    INSERT INTO marks ({", ".join(MARKS.columns)}) VALUES ({", ".join(f"%({name})s" for name in MARKS.columns)})
    ON CONFLICT (account, uuid) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in MARKS.others)}
"""  # noqa: S608 - constants
_SAVE_RETRIEVAL = f"""
    INSERT INTO retrievals ({", ".join(RETRIEVALS.columns)})
    VALUES ({", ".join(f"%({name})s" for name in RETRIEVALS.columns)})
    ON CONFLICT (account, uuid) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in RETRIEVALS.others)}
"""  # noqa: S608 - constants
_SAVE_CALL = f"""
    INSERT INTO call_records ({", ".join(CALL_RECORDS.columns)})
    VALUES ({", ".join(f"%({name})s" for name in CALL_RECORDS.columns)})
    ON CONFLICT (account, lower(call_uuid)) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in CALL_RECORDS.columns)}
"""  # noqa: S608 - constants
_SAVE = {
    "messages": _SAVE_MESSAGE,
    "transcripts": _SAVE_TRANSCRIPT,
    "marks": _SAVE_MARK,
    "retrievals": _SAVE_RETRIEVAL,
    "call_records": _SAVE_CALL,
}


class Written(NamedTuple):
    """Rows of one table after a chunk was written."""

    table: CopiedTable
    there: dict[RowKey, Row]
    """All of the chunk's, as the target has them now."""
    kept: list[RowKey]
    """Keys of those that differ and stayed as they were."""


class CopyTarget:
    """Writes into one account. Each call is one transaction, in which nobody else writes to the account.

    Args:
        database: The team's database.
        account: The account's name.
    """

    def __init__(self, database: PostgresDatabase, account: str) -> None:
        self._sessions = AccountSessions(database, account, None)

    async def count(self) -> int:
        """Return how many messages the account has."""

        async def work(connection: Connection) -> int:
            [row] = await (await connection.execute(_COUNT)).fetchall()
            return int(row["messages"])

        return await self._sessions.read(work)

    async def messages(self, rows: Sequence[Row]) -> dict[RowKey, Row]:
        """Return the messages that the account has of some, by key."""
        return await self._sessions.read(lambda connection: _there(connection, MESSAGES, rows))

    async def write_messages(self, chunk: MessageRows) -> list[Written]:
        """Write messages and what hangs on them, as far as they are missing or older, and index them."""

        async def work(connection: Connection) -> list[Written]:
            tables = {MESSAGES: chunk.messages, TRANSCRIPTS: chunk.transcripts, MARKS: chunk.marks}
            plans = {table: plan(table, rows, await _there(connection, table, rows)) for table, rows in tables.items()}
            for table, planned in plans.items():
                await _save(connection, table, planned.write)
            await _restore_order(connection, plans[TRANSCRIPTS].write, chunk.transcripts)
            changed = {row["uuid"]: None for planned in plans.values() for row in planned.write}
            await search_index.update(connection, list(changed))
            return [
                Written(table, await _there(connection, table, rows), plans[table].kept)
                for table, rows in tables.items()
            ]

        return await self._sessions.write(work)

    async def write(self, table: CopiedTable, rows: Sequence[Row]) -> Written:
        """Write rows of a table on which nothing hangs, as far as they are missing or older."""

        async def work(connection: Connection) -> Written:
            planned = plan(table, rows, await _there(connection, table, rows))
            await _save(connection, table, planned.write)
            return Written(table, await _there(connection, table, rows), planned.kept)

        return await self._sessions.write(work)

    async def write_neighbours(self, theirs: Neighbours) -> tuple[Neighbours, set[NeighbourPart]]:
        """Write the address book and the extensions, unless those that are there were read later.

        Returns:
            What is there now, and the parts that stayed as they were, though they differ.
        """

        async def work(connection: Connection) -> tuple[Neighbours, set[NeighbourPart]]:
            there = await handled_rows.neighbours(connection)
            newer = {part for part, reading in theirs.readings.items() if _is_newer(there.get(part), reading)}
            for part, reading in theirs.readings.items():
                if part in newer:
                    continue
                if part == "contacts":
                    await handled_rows.save_contacts(connection, theirs.people.contacts, reading)
                elif part == "extensions":
                    await handled_rows.save_extensions(connection, theirs.people.extensions, reading)
                else:
                    await handled_rows.save_reading(connection, part, reading)
            while await search_index.catch_up(connection, 100):
                pass
            return Neighbours(await handled_rows.neighbours(connection), await handled_rows.people(connection)), newer

        return await self._sessions.write(work)


def _is_newer(there: NeighbourReading | None, reading: NeighbourReading) -> bool:
    if there is None or there.read_at is None:
        return False
    return reading.read_at is None or there.read_at > reading.read_at


async def _there(connection: Connection, table: CopiedTable, rows: Sequence[Row]) -> dict[RowKey, Row]:
    """Return the rows that have the keys of these, by key."""
    [first, *_] = table.key
    wanted = list({table.key_of(row)[0] for row in rows})
    # `uuid` of some transcripts finds all of their messages; those of others are left out below.
    column = f"lower({first})" if first == "call_uuid" else first
    query = f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {column} = ANY(%s)"  # noqa: S608 - constants
    found = {table.key_of(row): row for row in await (await connection.execute(query.encode(), (wanted,))).fetchall()}
    keys = {table.key_of(row) for row in rows}
    return {key: row for key, row in found.items() if key in keys}


async def _save(connection: Connection, table: CopiedTable, rows: Sequence[Row]) -> None:
    async with connection.cursor() as cursor:
        await cursor.executemany(_SAVE[table.name], [_given(table, row) for row in rows])


def _given(table: CopiedTable, row: Row) -> dict[str, Any]:
    if table is not MESSAGES:
        return dict(row)
    # A message that was never listed is in no mailbox that is known.
    mailboxes = [row["extension"]] if row["listed_at"] else []
    return {**row, "caller": shortest_spelling(row["caller_id_number"]), "mailboxes": mailboxes}


async def _restore_order(connection: Connection, written: Sequence[Row], copied: Sequence[Row]) -> None:
    """Let transcripts that the team made later than a copied one stay the latest of their messages."""
    uuids = list({row["uuid"] for row in written})
    if not uuids:
        return
    keys = {TRANSCRIPTS.key_of(row) for row in copied}
    newest = {uuid: max(row["made_at"] for row in copied if row["uuid"] == uuid) for uuid in uuids}
    rows = await (await connection.execute(_OWN_TRANSCRIPTS, (uuids,))).fetchall()
    for row in rows:
        if TRANSCRIPTS.key_of(row) not in keys and row["made_at"] > newest[row["uuid"]]:
            await connection.execute(_MAKE_LATEST, (row["id"],))
