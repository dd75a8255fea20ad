"""Delete messages, so that no byte of them stays in the archive's files.

Deleted content is overwritten with zeros (``secure_delete``), the search index is merged until no deleted word is left
in it, free pages are removed, and the log is truncated. FTS5 has an option of its own, ``secure-delete``, but an index
that uses it can't be read by a SQLite older than 3.42, and the servers that share an archive may differ in age.

Unless everything is deleted, one thing stays: that this assistant retrieved a message, and when (its uuid and two
timestamps). Without it, a message that nobody listened to would look listened to when it is listed again.
"""

import os
import sqlite3
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from vm_mcp.archive.records import Purged
from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.caller_lookup import calls_of, contacts_of, messages_of
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.handled_rows import NEIGHBOUR_TABLES
from vm_mcp.archive.sqlite.message_rows import as_json
from vm_mcp.archive.sqlite.timestamps import to_stored

_CHUNK = 1 << 16

# A message without a timestamp is as old as its row.
_BEFORE = "SELECT uuid FROM messages WHERE coalesce(received_at, noted_at) < ?"
_ALL = "SELECT uuid FROM messages"
_COUNT = "SELECT count(*) FROM transcripts WHERE uuid IN (SELECT value FROM json_each(?))"
_IDS = "SELECT id FROM messages WHERE uuid IN (SELECT value FROM json_each(?))"
_DELETE = (
    "DELETE FROM claims WHERE uuid IN (SELECT value FROM json_each(?))",
    "DELETE FROM messages WHERE uuid IN (SELECT value FROM json_each(?))",  # and, with them, transcripts and marks
)
_CALLS_BEFORE = "SELECT call_uuid FROM call_records WHERE coalesce(at, noted_at) < coalesce(?, 1 << 62)"
_DELETE_CALLS = "DELETE FROM call_records WHERE call_uuid IN (SELECT value FROM json_each(?))"
_NUMBERS = "SELECT spelling FROM contact_numbers WHERE contact IN (SELECT value + 0 FROM json_each(?))"
_DELETE_CONTACTS = "DELETE FROM contacts WHERE contact IN (SELECT value + 0 FROM json_each(?))"
# Those before are no longer known, also where they were read: a message of that time is not one without a call back.
_READ_SINCE = "UPDATE neighbours SET since = max(since, :before) WHERE part = 'calls'"
# Address books are read again each day. One that no longer can be is as old as its last reading.
_OLD_PEOPLE = "SELECT part FROM neighbours WHERE part <> 'calls' AND read_at < ?"


def purge(connection: sqlite3.Connection, before: datetime | None, caller: str) -> Purged:
    """Delete the messages that match both conditions.

    Args:
        connection: To the archive.
        before: Received before this; None for any age.
        caller: A number in any spelling, or a whole name; empty for any caller.
    """
    with transaction(connection):
        uuids = _uuids_before(connection, before)
        if caller:
            uuids &= messages_of(connection, caller)
        calls = _delete_calls(connection, before, caller)
        _delete_people(connection, before, caller)
        return _delete(connection, uuids)._replace(calls=calls)


def purge_all(connection: sqlite3.Connection) -> Purged:
    """Delete all messages, and the retrievals, call records and contacts as well."""
    with transaction(connection):
        purged = _delete(connection, _uuids_before(connection, None))
        for table in ("claims", *NEIGHBOUR_TABLES):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
        return purged._replace(retrievals=connection.execute("DELETE FROM openings").rowcount)


def overwrite(connection: sqlite3.Connection) -> bool:
    """Remove free pages and truncate the log; return False when another process's reading prevented it."""
    # The pragma returns a row without columns for each page it removes; `execute` would stop at the first.
    connection.executescript("PRAGMA incremental_vacuum")
    is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def destroy(path: Path) -> None:
    """Overwrite a file with zeros and remove it; do nothing when it doesn't exist.

    Raises:
        OSError: It can't be written or removed.
    """
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            for _ in range(0, path.stat().st_size, _CHUNK):
                file.write(bytes(_CHUNK))
            os.fsync(file.fileno())
        path.unlink()


def _delete(connection: sqlite3.Connection, uuids: Collection[str]) -> Purged:
    parameters = (as_json(uuids),)
    transcripts: int = connection.execute(_COUNT, parameters).fetchone()[0]
    search_index.remove(connection, [row_id for (row_id,) in connection.execute(_IDS, parameters)])
    for statement in _DELETE:
        connection.execute(statement, parameters)
    if uuids:  # else every start of a server would lock a large archive for seconds, for nothing
        connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    return Purged(len(uuids), transcripts)


def _delete_calls(connection: sqlite3.Connection, before: datetime | None, caller: str) -> int:
    """Delete the call records that match both conditions, at either end; return how many."""
    ids = {call_uuid for (call_uuid,) in connection.execute(_CALLS_BEFORE, (to_stored(before),))}
    if caller:
        ids &= calls_of(connection, caller)
    elif before:
        connection.execute(_READ_SINCE, {"before": to_stored(before)})
    return connection.execute(_DELETE_CALLS, (as_json(ids),)).rowcount


def _delete_people(connection: sqlite3.Connection, before: datetime | None, caller: str) -> None:
    """Delete a caller's contacts, whatever their age; or address books that were read too long ago."""
    if caller:
        contacts = as_json(map(str, contacts_of(connection, caller)))
        numbers = {number for (number,) in connection.execute(_NUMBERS, (contacts,))}
        connection.execute(_DELETE_CONTACTS, (contacts,))
        search_index.index_again(connection, numbers)
    elif before:
        for (part,) in connection.execute(_OLD_PEOPLE, (to_stored(before),)).fetchall():
            numbers = {number for (number,) in connection.execute("SELECT spelling FROM contact_numbers")}
            connection.execute(f"DELETE FROM {part}")  # noqa: S608 - one of two names that only we write
            search_index.index_again(connection, numbers if part == "contacts" else ())


def _uuids_before(connection: sqlite3.Connection, before: datetime | None) -> set[str]:
    rows = connection.execute(_BEFORE, (to_stored(before),)) if before else connection.execute(_ALL)
    return {uuid for (uuid,) in rows}
