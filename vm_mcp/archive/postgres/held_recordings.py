"""Recordings between the machine that fetched them and the one that transcribes them.

Whoever holds one encrypts it before: here are bytes. It is deleted with the transaction that saves the transcript, and
with its message.
"""

from datetime import datetime
from typing import NamedTuple

from vm_mcp.archive.postgres.connections import Connection

_HOLD = """
    INSERT INTO held_recordings (uuid, data, mime_type, sha256, held_at)
    VALUES (%(uuid)s, %(data)s, %(mime_type)s, %(sha256)s, %(now)s)
    ON CONFLICT (account, uuid) DO UPDATE SET
        data = excluded.data, mime_type = excluded.mime_type, sha256 = excluded.sha256, held_at = excluded.held_at
"""
_GET = "SELECT data, mime_type, sha256, held_at FROM held_recordings WHERE uuid = %s"
_LET_GO = "DELETE FROM held_recordings WHERE uuid = %s"


class HeldRecording(NamedTuple):
    """An encrypted recording."""

    data: bytes
    mime_type: str
    sha256: str
    """Of the recording itself, in hexadecimal."""
    held_at: datetime


async def hold(connection: Connection, uuid: str, held: HeldRecording) -> None:
    """Keep a known message's recording, over one that was kept before."""
    row = {"uuid": uuid, "data": held.data, "mime_type": held.mime_type, "sha256": held.sha256, "now": held.held_at}
    await connection.execute(_HOLD, row)


async def get(connection: Connection, uuid: str) -> HeldRecording | None:
    """Return a message's recording, if one is held."""
    row = await (await connection.execute(_GET, (uuid,))).fetchone()
    return HeldRecording(**row) if row else None


async def let_go(connection: Connection, uuid: str) -> None:
    """Delete a message's recording."""
    await connection.execute(_LET_GO, (uuid,))
