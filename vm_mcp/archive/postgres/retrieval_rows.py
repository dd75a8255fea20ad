"""Which messages this assistant retrieved, when and for whom; `vm_mcp.heard` says what follows from it."""

from collections.abc import Sequence
from datetime import datetime

from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.heard import PENDING_FOR
from vm_mcp.models import Retrieval

_NAMES = tuple(Retrieval.model_fields)
# The first retrieval is kept, as the PBX keeps the first timestamp. It is replaced when a later list still shows the
# message as unread, which proves that it did not mark the message as read.
_NOTE = """
    INSERT INTO retrievals (uuid, opened_at, was_unread, clock_offset_seconds, by)
    VALUES (
        %(uuid)s, %(opened_at)s,
        (SELECT NOT is_read FROM messages WHERE uuid = %(uuid)s AND listed_at IS NOT NULL), %(offset)s, %(by)s
    )
    ON CONFLICT (account, uuid) DO UPDATE SET
        opened_at = excluded.opened_at,
        confirmed_at = NULL,
        was_unread = excluded.was_unread,
        clock_offset_seconds = excluded.clock_offset_seconds,
        by = excluded.by
    WHERE EXISTS (
        SELECT FROM messages
        WHERE uuid = %(uuid)s AND NOT is_read
            AND listed_at > coalesce(retrievals.confirmed_at, retrievals.opened_at + %(pending)s)
    )
"""
# An unconfirmed retrieval may have marked the message as read at any time until now, so confirming it now is right also
# if an earlier request noted it. If there is none any more, a parallel request noted it, was refused and withdrew it.
_CONFIRM = """
    INSERT INTO retrievals (uuid, opened_at, confirmed_at, was_unread, clock_offset_seconds, by)
    VALUES (
        %(uuid)s, %(opened_at)s, %(confirmed_at)s,
        (SELECT NOT is_read FROM messages WHERE uuid = %(uuid)s AND listed_at <= %(opened_at)s), %(offset)s, %(by)s
    )
    ON CONFLICT (account, uuid) DO UPDATE SET
        confirmed_at = excluded.confirmed_at,
        clock_offset_seconds = coalesce(excluded.clock_offset_seconds, retrievals.clock_offset_seconds)
    WHERE retrievals.confirmed_at IS NULL
"""
_WITHDRAW = "DELETE FROM retrievals WHERE uuid = %s AND opened_at = %s AND confirmed_at IS NULL"
_GET = f"SELECT {', '.join(_NAMES)} FROM retrievals WHERE uuid = ANY(%s)"  # noqa: S608 - constants


async def note(connection: Connection, uuid: str, opened_at: datetime, *, offset: float | None, by: str) -> None:
    """Note that the PBX is about to be asked for a recording."""
    given = {"uuid": uuid, "opened_at": opened_at, "offset": offset, "pending": PENDING_FOR, "by": by}
    await connection.execute(_NOTE, given)


async def confirm(  # noqa: PLR0913 - what is noted of a retrieval
    connection: Connection,
    uuid: str,
    opened_at: datetime,
    *,
    confirmed_at: datetime,
    offset: float | None,
    by: str,
) -> None:
    """Note that the PBX sent the recording."""
    given = {"uuid": uuid, "opened_at": opened_at, "confirmed_at": confirmed_at, "offset": offset, "by": by}
    await connection.execute(_CONFIRM, given)


async def withdraw(connection: Connection, uuid: str, opened_at: datetime) -> None:
    """Forget a retrieval that the PBX refused; one noted at another time, or confirmed, stays."""
    await connection.execute(_WITHDRAW, (uuid, opened_at))


async def get(connection: Connection, uuids: Sequence[str]) -> dict[str, Retrieval]:
    """Return, by uuid, the retrieval of each message that has one."""
    found = await connection.execute(_GET, (list(uuids),))
    return {row["uuid"]: Retrieval(**row) for row in await found.fetchall()}
