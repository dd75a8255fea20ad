"""What this assistant opened, and when; see ``heard.py`` for what follows from it."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.message_rows import as_json
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored
from vm_mcp.heard import PENDING_FOR
from vm_mcp.models import Retrieval

_COLUMNS = "uuid, opened_at, confirmed_at, was_unread, clock_offset_seconds"
# The first opening stays, as the PBX keeps the first stamp; unless a list asked after it still shows the message
# unread, which proves that it marked nothing.
_NOTE = """
    INSERT INTO openings (uuid, opened_at, was_unread, clock_offset_seconds)
    SELECT :uuid, :opened_at, (SELECT NOT is_read FROM messages WHERE uuid = :uuid AND listed_at IS NOT NULL), :offset
    WHERE true
    ON CONFLICT (uuid) DO UPDATE SET
        opened_at = excluded.opened_at,
        confirmed_at = NULL,
        was_unread = excluded.was_unread,
        clock_offset_seconds = excluded.clock_offset_seconds
    WHERE EXISTS (
        SELECT 1 FROM messages
        WHERE uuid = :uuid AND NOT is_read AND listed_at > coalesce(confirmed_at, openings.opened_at + :pending)
    )
"""
# One that nobody confirmed may still have marked the message: then the time until now is when it was marked. One that
# is gone was noted by a request that was refused, while this one went on.
_CONFIRM = """
    INSERT INTO openings (uuid, opened_at, confirmed_at, was_unread, clock_offset_seconds)
    SELECT :uuid, :opened_at, :confirmed_at,
        (SELECT NOT is_read FROM messages WHERE uuid = :uuid AND listed_at <= :opened_at), :offset
    WHERE true
    ON CONFLICT (uuid) DO UPDATE SET
        confirmed_at = excluded.confirmed_at,
        clock_offset_seconds = coalesce(excluded.clock_offset_seconds, clock_offset_seconds)
    WHERE confirmed_at IS NULL
"""
_WITHDRAW = "DELETE FROM openings WHERE uuid = ? AND opened_at = ? AND confirmed_at IS NULL"
_GET = f"SELECT {_COLUMNS} FROM openings WHERE uuid IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
_PENDING = PENDING_FOR.total_seconds() * 1_000_000


def note(connection: sqlite3.Connection, uuid: str, opened_at: datetime, offset: float | None) -> None:
    """Note that the PBX is about to be asked for a recording."""
    asked = {"uuid": uuid, "opened_at": to_stored(opened_at), "offset": offset, "pending": _PENDING}
    with transaction(connection):
        connection.execute(_NOTE, asked)


def confirm(
    connection: sqlite3.Connection, uuid: str, opened_at: datetime, confirmed_at: datetime, offset: float | None
) -> None:
    """Note that the PBX gave it."""
    asked = {"uuid": uuid, "opened_at": to_stored(opened_at), "confirmed_at": to_stored(confirmed_at), "offset": offset}
    with transaction(connection):
        connection.execute(_CONFIRM, asked)


def withdraw(connection: sqlite3.Connection, uuid: str, opened_at: datetime) -> None:
    """Forget an opening that the PBX refused; another's, or one that it confirmed, stays."""
    with transaction(connection):
        connection.execute(_WITHDRAW, (uuid, to_stored(opened_at)))


def get(connection: sqlite3.Connection, uuids: Sequence[str]) -> dict[str, Retrieval]:
    """Read the openings of those messages that have one."""
    return {row["uuid"]: _from_row(row) for row in connection.execute(_GET, (as_json(uuids),))}


def _from_row(row: sqlite3.Row) -> Retrieval:
    was_unread = row["was_unread"]
    return Retrieval(
        uuid=row["uuid"],
        opened_at=from_stored(row["opened_at"]),
        confirmed_at=from_stored(row["confirmed_at"]),
        was_unread=None if was_unread is None else bool(was_unread),
        clock_offset_seconds=row["clock_offset_seconds"],
    )
