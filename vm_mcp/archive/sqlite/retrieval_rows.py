"""Which messages this assistant retrieved, and when; `vm_mcp.heard` says what follows from it."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.message_rows import as_json
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored
from vm_mcp.heard import PENDING_FOR
from vm_mcp.models import Retrieval

_COLUMNS = "uuid, opened_at, confirmed_at, was_unread, clock_offset_seconds, opened_by"
# The first retrieval is kept, as the PBX keeps the first timestamp. It is replaced when a later list still shows the
# message as unread, which proves that it did not mark the message as read.
_NOTE = """
    INSERT INTO openings (uuid, opened_at, was_unread, clock_offset_seconds, opened_by)
    SELECT :uuid, :opened_at, (SELECT NOT is_read FROM messages WHERE uuid = :uuid AND listed_at IS NOT NULL),
        :offset, :by
    WHERE true
    ON CONFLICT (uuid) DO UPDATE SET
        opened_at = excluded.opened_at,
        confirmed_at = NULL,
        was_unread = excluded.was_unread,
        clock_offset_seconds = excluded.clock_offset_seconds,
        opened_by = excluded.opened_by
    WHERE EXISTS (
        SELECT 1 FROM messages
        WHERE uuid = :uuid AND NOT is_read AND listed_at > coalesce(confirmed_at, openings.opened_at + :pending)
    )
"""
# An unconfirmed retrieval may have marked the message as read at any time until now, so confirming it now is right also
# if an earlier request noted it. If there is none any more, a parallel request noted it, was refused and withdrew it.
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


def note(connection: sqlite3.Connection, retrieval: Retrieval) -> None:
    """Note that the PBX is about to be asked for a recording."""
    parameters = {
        "uuid": retrieval.uuid,
        "opened_at": to_stored(retrieval.opened_at),
        "offset": retrieval.clock_offset_seconds,
        "by": retrieval.by,
        "pending": _PENDING,
    }
    with transaction(connection):
        connection.execute(_NOTE, parameters)


def confirm(
    connection: sqlite3.Connection, uuid: str, opened_at: datetime, confirmed_at: datetime, offset: float | None
) -> None:
    """Note that the PBX sent the recording."""
    parameters = {
        "uuid": uuid,
        "opened_at": to_stored(opened_at),
        "confirmed_at": to_stored(confirmed_at),
        "offset": offset,
    }
    with transaction(connection):
        connection.execute(_CONFIRM, parameters)


def withdraw(connection: sqlite3.Connection, uuid: str, opened_at: datetime) -> None:
    """Forget a retrieval that the PBX refused; one noted at another time, or confirmed, stays."""
    with transaction(connection):
        connection.execute(_WITHDRAW, (uuid, to_stored(opened_at)))


def get(connection: sqlite3.Connection, uuids: Sequence[str]) -> dict[str, Retrieval]:
    """Return, by uuid, the retrieval of each message that has one."""
    return {row["uuid"]: _from_row(row) for row in connection.execute(_GET, (as_json(uuids),))}


def _from_row(row: sqlite3.Row) -> Retrieval:
    was_unread = row["was_unread"]
    return Retrieval(
        uuid=row["uuid"],
        opened_at=from_stored(row["opened_at"]),
        confirmed_at=from_stored(row["confirmed_at"]),
        was_unread=None if was_unread is None else bool(was_unread),
        clock_offset_seconds=row["clock_offset_seconds"],
        by=row["opened_by"],
    )
