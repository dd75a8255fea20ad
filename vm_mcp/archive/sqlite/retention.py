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
from vm_mcp.archive.sqlite.caller_lookup import messages_of
from vm_mcp.archive.sqlite.connection import transaction
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
    "DELETE FROM messages WHERE uuid IN (SELECT value FROM json_each(?))",
)


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
        return _delete(connection, uuids)


def purge_all(connection: sqlite3.Connection) -> Purged:
    """Delete all messages, and the retrievals as well."""
    with transaction(connection):
        purged = _delete(connection, _uuids_before(connection, None))
        connection.execute("DELETE FROM claims")
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


def _uuids_before(connection: sqlite3.Connection, before: datetime | None) -> set[str]:
    rows = connection.execute(_BEFORE, (to_stored(before),)) if before else connection.execute(_ALL)
    return {uuid for (uuid,) in rows}
