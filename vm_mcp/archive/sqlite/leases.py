"""Leases: who is making a transcript, so that servers that share an archive fetch and transcribe each message once.

A lease is a row that expires unless it is renewed, so a process that dies blocks nobody for long. Expiry times are on
the computer's wall clock, the only one that all processes share. If that clock jumps back, a lease seems to last for
hours. So one with more than twice `LEASE_EXPIRY` left counts as expired. Twice, not once: a process may have read its
clock, waited for the file, and only then see a lease that was taken in the meantime. At worst, a clock that jumps makes
two processes work on one message.
"""

import secrets
import sqlite3
from datetime import datetime

from vm_mcp.archive.protocol import LEASE_EXPIRY
from vm_mcp.archive.records import Lease
from vm_mcp.archive.sqlite import transcript_rows
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.timestamps import to_stored
from vm_mcp.models import Transcript, TranscriptKey

_WHERE = "uuid = ? AND engine = ? AND model = ? AND language = ?"
_EXPIRES_AT = f"SELECT expires_at FROM claims WHERE {_WHERE}"  # noqa: S608 - constants
_TAKE = "INSERT OR REPLACE INTO claims (uuid, engine, model, language, owner, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
_RENEW = f"UPDATE claims SET expires_at = ? WHERE {_WHERE} AND owner = ?"  # noqa: S608 - constants
_RELEASE = f"DELETE FROM claims WHERE {_WHERE} AND owner = ?"  # noqa: S608 - constants


def take(
    connection: sqlite3.Connection, key: TranscriptKey, now: datetime, newer_than: int = 0
) -> Lease | Transcript | None:
    """Return the transcript if there is one, else a new lease on it; None while another process holds one.

    Args:
        connection: To the archive.
        key: Which transcript.
        now: The time.
        newer_than: Id of a transcript that is too old, as are all before it.
    """
    with transaction(connection):
        transcript = transcript_rows.get(connection, key, newer_than)
        if transcript:
            return transcript
        held = connection.execute(_EXPIRES_AT, key).fetchone()
        if held and _is_live(held["expires_at"], now):
            return None
        lease = Lease(key, secrets.token_hex(8))
        connection.execute(_TAKE, (*key, lease.owner, to_stored(now + LEASE_EXPIRY)))
        return lease


def renew(connection: sqlite3.Connection, lease: Lease, now: datetime) -> bool:
    """Extend a lease; False when another process has taken it over, or it was purged."""
    with transaction(connection):
        changed = connection.execute(_RENEW, (to_stored(now + LEASE_EXPIRY), *lease.key, lease.owner))
        return changed.rowcount > 0


def release(connection: sqlite3.Connection, lease: Lease) -> None:
    """Delete a lease, unless another process has taken it over."""
    with transaction(connection):
        connection.execute(_RELEASE, (*lease.key, lease.owner))


def save(connection: sqlite3.Connection, lease: Lease, transcript: Transcript, now: datetime) -> bool:
    """Store a transcript and release its lease, both or neither.

    Returns:
        False when there is no lease on it: another process has saved it, or its message was purged.
    """
    with transaction(connection):
        # Anybody's lease will do: a slow process that lost its own may still be first to finish.
        if not connection.execute(_EXPIRES_AT, lease.key).fetchone():
            return False
        transcript_rows.save(connection, lease.key, transcript, now)
        connection.execute(_RELEASE, (*lease.key, lease.owner))
        return True


def _is_live(expires_at: int, now: datetime) -> bool:
    return to_stored(now) < expires_at <= to_stored(now + 2 * LEASE_EXPIRY)
