"""Messages as the PBX last listed them."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored
from vm_mcp.models import Voicemail

COLUMNS = """
    messages.uuid, extension, caller_id_number, caller_id_name, received_at, is_read, read_at, duration_seconds
"""
"""What `from_row` reads."""

_NOTE = """
    INSERT INTO messages (
        uuid, extension, caller_id_number, caller_id_name, received_at, is_read, read_at, duration_seconds,
        noted_at, listed_at
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9)
    ON CONFLICT (uuid) DO UPDATE SET
        extension = excluded.extension,
        caller_id_number = excluded.caller_id_number,
        caller_id_name = excluded.caller_id_name,
        received_at = excluded.received_at,
        is_read = excluded.is_read,
        read_at = excluded.read_at,
        duration_seconds = excluded.duration_seconds,
        listed_at = excluded.listed_at
"""
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
    """Keep what a list says, in place of what an earlier one said."""
    with transaction(connection):
        before = _callers(connection, voicemails)
        connection.executemany(_NOTE, (_to_row(voicemail, listed_at) for voicemail in voicemails))
        for voicemail in voicemails:
            if before.get(voicemail.uuid, _caller(voicemail)) != _caller(voicemail):
                search_index.update(connection, voicemail.uuid)


def note_bare(connection: sqlite3.Connection, uuid: str, now: datetime) -> None:
    """Make room for a message that was never listed; within the caller's transaction."""
    connection.execute(_NOTE_BARE, (uuid, to_stored(now)))


def get(connection: sqlite3.Connection, uuid: str) -> Voicemail | None:
    """Look a message up as it was last listed; None when it never was."""
    row = connection.execute(_ONE, (uuid,)).fetchone()
    return from_row(row) if row else None


def recent(connection: sqlite3.Connection, limit: int, prefix: str) -> list[Voicemail]:
    """Give the latest messages whose uuid begins so."""
    return [from_row(row) for row in connection.execute(_RECENT, {"prefix": prefix, "limit": limit})]


def from_row(row: Sequence[Any]) -> Voicemail:
    """Read the `COLUMNS` that a row begins with."""
    uuid, extension, number, name, received_at, is_read, read_at, duration = row[:8]
    return Voicemail(
        uuid=uuid,
        extension=extension,
        caller_id_number=number,
        caller_id_name=name,
        received_at=from_stored(received_at),
        is_read=bool(is_read),
        read_at=from_stored(read_at),
        duration_seconds=duration,
    )


def as_json(values: Iterable[str]) -> str:
    """Give a list as one parameter, for ``json_each``."""
    return json.dumps(list(values))


def _to_row(voicemail: Voicemail, listed_at: datetime) -> tuple[object, ...]:
    return (
        voicemail.uuid,
        voicemail.extension,
        voicemail.caller_id_number,
        voicemail.caller_id_name,
        to_stored(voicemail.received_at),
        voicemail.is_read,
        to_stored(voicemail.read_at),
        voicemail.duration_seconds,
        to_stored(listed_at),
    )


def _callers(connection: sqlite3.Connection, voicemails: Sequence[Voicemail]) -> dict[str, tuple[str, str]]:
    found = connection.execute(_CALLERS, (as_json(voicemail.uuid for voicemail in voicemails),))
    return {uuid: (number, name) for uuid, number, name in found}


def _caller(voicemail: Voicemail) -> tuple[str, str]:
    return voicemail.caller_id_number, voicemail.caller_id_name
