"""Messages as the PBX last listed them."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored
from vm_mcp.models import Voicemail

_NAMES = tuple(Voicemail.model_fields)
_TIMESTAMPS = {"received_at", "read_at"}
COLUMNS = ", ".join(f"messages.{name} AS {name}" for name in _NAMES)
"""What `from_row` reads. The columns are named after the model's fields, so a new field only needs a migration."""

_NOTE = f"""
    INSERT INTO messages ({", ".join(_NAMES)}, noted_at, listed_at)
    VALUES ({", ".join(f":{name}" for name in _NAMES)}, :listed_at, :listed_at)
    ON CONFLICT (uuid) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in (*_NAMES[1:], "listed_at"))}
"""  # noqa: S608 - constants
_NOTE_BARE = "INSERT OR IGNORE INTO messages (uuid, noted_at) VALUES (?, ?)"
_CALLERS = """
    SELECT uuid, caller_id_number, caller_id_name FROM messages
    WHERE uuid IN (SELECT value FROM json_each(?))
"""
_ONE = f"SELECT {COLUMNS} FROM messages WHERE uuid = ? AND listed_at IS NOT NULL"  # noqa: S608 - constants
_RECENT = f"""
    SELECT {COLUMNS} FROM messages
    WHERE substr(uuid, 1, length(:prefix)) = :prefix
    ORDER BY received_at DESC, id DESC LIMIT :limit
"""  # noqa: S608 - constants


def note(connection: sqlite3.Connection, voicemails: Sequence[Voicemail], listed_at: datetime) -> None:
    """Store messages as listed, over what an earlier list said, and index those that are new or have another caller."""
    with transaction(connection):
        before = _callers(connection, voicemails)
        connection.executemany(_NOTE, (_to_row(voicemail, listed_at) for voicemail in voicemails))
        for voicemail in voicemails:
            if before.get(voicemail.uuid) != _caller(voicemail):
                search_index.update(connection, voicemail.uuid)


def note_bare(connection: sqlite3.Connection, uuid: str, now: datetime) -> None:
    """Add a row for a message that was never listed, unless it has one; within the caller's transaction."""
    connection.execute(_NOTE_BARE, (uuid, to_stored(now)))


def get(connection: sqlite3.Connection, uuid: str) -> Voicemail | None:
    """Return a message as it was last listed; None when it never was."""
    row = connection.execute(_ONE, (uuid,)).fetchone()
    return from_row(row) if row else None


def recent(connection: sqlite3.Connection, limit: int, prefix: str) -> list[Voicemail]:
    """Return the latest messages whose uuid begins with ``prefix``, compared literally."""
    return [from_row(row) for row in connection.execute(_RECENT, {"prefix": prefix, "limit": limit})]


def from_row(row: sqlite3.Row) -> Voicemail:
    """Return a message from a row that contains `COLUMNS`."""
    return Voicemail(**{name: from_stored(row[name]) if name in _TIMESTAMPS else row[name] for name in _NAMES})


def as_json(values: Iterable[str]) -> str:
    """Encode a list as one parameter for ``json_each``: SQLite limits the number of parameters, not their length."""
    return json.dumps(list(values))


def _to_row(voicemail: Voicemail, listed_at: datetime) -> dict[str, object]:
    fields = {name: to_stored(value) if name in _TIMESTAMPS else value for name, value in voicemail}
    return {**fields, "listed_at": to_stored(listed_at)}


def _callers(connection: sqlite3.Connection, voicemails: Sequence[Voicemail]) -> dict[str, tuple[str, str]]:
    found = connection.execute(_CALLERS, (as_json(voicemail.uuid for voicemail in voicemails),))
    return {row["uuid"]: (row["caller_id_number"], row["caller_id_name"]) for row in found}


def _caller(voicemail: Voicemail) -> tuple[str, str]:
    return voicemail.caller_id_number, voicemail.caller_id_name
