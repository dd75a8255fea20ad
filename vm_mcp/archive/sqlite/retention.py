"""Forgets messages, so that nothing of them stays in the archive's files.

What is deleted is overwritten with zeros (``secure_delete``), the search index is merged until no deleted word is left
in it, free pages are given back, and the log is emptied. FTS5's own option for that, ``secure-delete``, is not used:
once set, a SQLite older than 3.42 can't read the index, and the servers that share an archive may differ in age.

What stays, unless everything goes, is that this assistant opened a message and when: its uuid and two moments. Without
it, a message that nobody heard would look heard when it is listed again.
"""

import os
import sqlite3
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from vm_mcp.archive.records import Purged
from vm_mcp.archive.sqlite.caller_lookup import messages_of
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.message_rows import as_json
from vm_mcp.archive.sqlite.timestamps import to_stored

_CHUNK = 1 << 16

# A message without a stamp is as old as the archive's knowledge of it.
_OLD = "SELECT uuid FROM messages WHERE coalesce(received_at, noted_at) < ?"
_ALL = "SELECT uuid FROM messages"
_COUNT = "SELECT count(*) FROM transcripts WHERE uuid IN (SELECT value FROM json_each(?))"
_DELETE = (
    "DELETE FROM search WHERE rowid IN (SELECT id FROM messages WHERE uuid IN (SELECT value FROM json_each(?)))",
    "DELETE FROM claims WHERE uuid IN (SELECT value FROM json_each(?))",
    "DELETE FROM messages WHERE uuid IN (SELECT value FROM json_each(?))",
)


def purge(connection: sqlite3.Connection, before: datetime | None, caller: str) -> Purged:
    """Delete the messages left before a moment, those of a caller, or those that are both.

    Args:
        connection: To the archive.
        before: None: of any age.
        caller: A number in any spelling, or a whole name; empty: of any caller.
    """
    with transaction(connection):
        uuids = _old(connection, before)
        if caller:
            uuids &= messages_of(connection, caller)
        return _delete(connection, uuids)


def purge_all(connection: sqlite3.Connection) -> Purged:
    """Delete all there is, and what was opened as well."""
    with transaction(connection):
        purged = _delete(connection, _old(connection, None))
        connection.execute("DELETE FROM claims")
        return purged._replace(retrievals=connection.execute("DELETE FROM openings").rowcount)


def overwrite(connection: sqlite3.Connection) -> bool:
    """Give free pages back and empty the log; False when another process's reading kept it from being done."""
    # A row without columns comes for each page, of which `execute` would take the first and stop.
    connection.executescript("PRAGMA incremental_vacuum")
    is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def destroy(path: Path) -> None:
    """Overwrite a file and remove it; without effect when it is gone.

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
    listed = (as_json(uuids),)
    transcripts: int = connection.execute(_COUNT, listed).fetchone()[0]
    for statement in _DELETE:
        connection.execute(statement, listed)
    if uuids:  # else seconds of a large archive's lock, at each start of a server, for nothing
        connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    return Purged(len(uuids), transcripts)


def _old(connection: sqlite3.Connection, before: datetime | None) -> set[str]:
    rows = connection.execute(_OLD, (to_stored(before),)) if before else connection.execute(_ALL)
    return {uuid for (uuid,) in rows}
