"""Delete messages, and all that hangs on them.

PostgreSQL does not overwrite what is deleted: it stays in the files of its table, which only its own user can read,
until a vacuum gives the room to other rows (autovacuum does so by itself), and in the write-ahead log and in backups as
long as those are kept. `Purged.is_overwritten` says so.

Unless everything is deleted, one thing stays: that this assistant retrieved a message, when and for whom. Without it, a
message that nobody listened to would look listened to when it is listed again.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from vm_mcp.archive.caller_matching import caller_matcher
from vm_mcp.archive.postgres import search_index
from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.handled_rows import NEIGHBOUR_TABLES
from vm_mcp.archive.records import Purged

_CHUNK = 1000
"""Messages that are deleted by one statement."""

# To delete a million messages takes minutes.
_PATIENT = "SELECT set_config('statement_timeout', '0', true)"
_CALLERS = "SELECT DISTINCT caller_id_number AS number, caller_id_name AS name FROM messages"
_IN_CALLERS = """
    AND (caller_id_number, caller_id_name) IN (SELECT * FROM unnest(%(numbers)s::text[], %(names)s::text[]))
"""
# A message without a timestamp is as old as its row.
_IDS = """
    SELECT id, uuid FROM messages
    WHERE (%(before)s::timestamptz IS NULL OR coalesce(received_at, noted_at) < %(before)s)
"""
_COUNT = "SELECT count(*) AS transcripts FROM transcripts WHERE uuid = ANY(%s)"
_DELETE_LEASES = "DELETE FROM leases WHERE uuid = ANY(%s)"
_DELETE = "DELETE FROM messages WHERE id = ANY(%s)"  # and, with them, transcripts, marks and held recordings
_CALLS = """
    SELECT call_uuid, caller_id_number, caller_id_name, destination_number, destination_name FROM call_records
    WHERE (%(before)s::timestamptz IS NULL OR coalesce(at, noted_at) < %(before)s)
"""
_DELETE_CALLS = "DELETE FROM call_records WHERE call_uuid = ANY(%s)"
_DELETE_CALLS_BEFORE = "DELETE FROM call_records WHERE coalesce(at, noted_at) < %s"
# Those before are no longer known, also where they were read: a message of that time is not one without a call back.
_READ_SINCE = "UPDATE neighbours SET since = greatest(since, %s) WHERE part = 'calls' AND since IS NOT NULL"
_CONTACTS = "SELECT contact, name, numbers FROM contacts"
_NUMBERS = "SELECT spelling FROM contact_numbers WHERE contact = ANY(%s)"
_DELETE_CONTACTS = "DELETE FROM contacts WHERE contact = ANY(%s)"
# Address books are read again each day. One that no longer can be is as old as its last reading.
_OLD_PEOPLE = "SELECT part FROM neighbours WHERE part <> 'calls' AND read_at < %s"
_ALL_NUMBERS = "SELECT spelling FROM contact_numbers"


async def purge(connection: Connection, before: datetime | None, caller: str) -> Purged:
    """Delete the messages that match both conditions; under the account's lock.

    Args:
        connection: In a transaction without a restriction.
        before: Received before this; None for any age.
        caller: A number in any spelling, or a whole name; empty for any caller.
    """
    await connection.execute(_PATIENT)
    purged = await _delete(connection, await _messages(connection, before, caller))
    calls = await _delete_calls(connection, before, caller)
    people = await _delete_people(connection, before, caller)
    is_changed = bool(purged.messages or calls or people)
    return purged._replace(calls=calls, is_overwritten=not is_changed)


async def purge_all(connection: Connection) -> Purged:
    """Delete all of the account's messages, and the retrievals, call records and contacts as well; under its lock."""
    await connection.execute(_PATIENT)
    await search_index.forget_all(connection)
    transcripts = (await connection.execute("DELETE FROM transcripts")).rowcount
    messages = (await connection.execute("DELETE FROM messages")).rowcount
    retrievals = (await connection.execute("DELETE FROM retrievals")).rowcount
    for table in ("leases", *NEIGHBOUR_TABLES):
        await connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    return Purged(messages, transcripts, retrievals, is_overwritten=False)


async def _messages(connection: Connection, before: datetime | None, caller: str) -> list[tuple[int, str]]:
    given: dict[str, object] = {"before": before}
    if caller:
        known = await (await connection.execute(_CALLERS)).fetchall()
        is_theirs = caller_matcher(caller)
        theirs = await asyncio.to_thread(lambda: [row for row in known if is_theirs(row["number"], row["name"])])
        given |= {"numbers": [row["number"] for row in theirs], "names": [row["name"] for row in theirs]}
    rows = await (await connection.execute(_IDS + _IN_CALLERS * bool(caller), given)).fetchall()
    return [(row["id"], row["uuid"]) for row in rows]


async def _delete(connection: Connection, messages: Sequence[tuple[int, str]]) -> Purged:
    transcripts = 0
    for first in range(0, len(messages), _CHUNK):
        ids, uuids = map(list, zip(*messages[first : first + _CHUNK], strict=True))
        await search_index.remove(connection, ids)
        [found] = await (await connection.execute(_COUNT, (uuids,))).fetchall()
        transcripts += found["transcripts"]
        await connection.execute(_DELETE_LEASES, (uuids,))
        await connection.execute(_DELETE, (ids,))
    return Purged(len(messages), transcripts)


async def _delete_calls(connection: Connection, before: datetime | None, caller: str) -> int:
    """Delete the call records that match both conditions, at either end; return how many."""
    if not caller:
        await connection.execute(_READ_SINCE, (before,))
        return (await connection.execute(_DELETE_CALLS_BEFORE, (before,))).rowcount
    rows = await (await connection.execute(_CALLS, {"before": before})).fetchall()
    is_theirs = caller_matcher(caller)

    def theirs() -> list[str]:
        return [
            row["call_uuid"]
            for row in rows
            if is_theirs(row["caller_id_number"], row["caller_id_name"])
            or is_theirs(row["destination_number"], row["destination_name"])
        ]

    return (await connection.execute(_DELETE_CALLS, (await asyncio.to_thread(theirs),))).rowcount


async def _delete_people(connection: Connection, before: datetime | None, caller: str) -> int:
    """Delete a caller's contacts, whatever their age; or address books that were read too long ago; return how many."""
    if caller:
        return await _delete_contacts(connection, caller)
    deleted = 0
    for row in await (await connection.execute(_OLD_PEOPLE, (before,))).fetchall():
        numbers = await (await connection.execute(_ALL_NUMBERS)).fetchall()
        statement = sql.SQL("DELETE FROM {}").format(sql.Identifier(row["part"]))  # one of two names that only we write
        deleted += (await connection.execute(statement)).rowcount
        if row["part"] == "contacts":
            await search_index.index_again(connection, {each["spelling"] for each in numbers})
    return deleted


async def _delete_contacts(connection: Connection, caller: str) -> int:
    is_theirs = caller_matcher(caller)
    rows = await (await connection.execute(_CONTACTS)).fetchall()
    contacts = [row["contact"] for row in rows if any(is_theirs(each, row["name"]) for each in row["numbers"])]
    numbers = await (await connection.execute(_NUMBERS, (contacts,))).fetchall()
    await connection.execute(_DELETE_CONTACTS, (contacts,))
    await search_index.index_again(connection, {each["spelling"] for each in numbers})
    return len(contacts)
