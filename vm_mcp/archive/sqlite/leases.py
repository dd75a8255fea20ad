"""Claims: who transcribes a message, so that servers sharing the archive fetch and transcribe it once.

A claim is a row that expires unless it is renewed, so whoever dies takes nothing along. Its time is the computer's
clock, the only one that processes share over a restart. A clock that jumps can make two work on one message, and none
wait for ever: a claim that would last far longer than any can counts as expired. Not one that lasts a little longer:
whoever waits for the file looks at it with a time that is older than the claim.
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
    """Give the transcript if there is one, else the claim to it; None while somebody else holds that.

    Args:
        connection: To the archive.
        key: The transcript that is wanted.
        now: The time.
        newer_than: Id of a transcript that will not do, nor any before it.
    """
    with transaction(connection):
        found = transcript_rows.get(connection, key, newer_than)
        if found:
            return found
        held = connection.execute(_EXPIRES_AT, key).fetchone()
        if held and _is_live(held["expires_at"], now):
            return None
        lease = Lease(key, secrets.token_hex(8))
        connection.execute(_TAKE, (*key, lease.owner, to_stored(now + LEASE_EXPIRY)))
        return lease


def renew(connection: sqlite3.Connection, lease: Lease, now: datetime) -> bool:
    """Hold a claim for longer; False when it is another's by now, or was purged."""
    with transaction(connection):
        changed = connection.execute(_RENEW, (to_stored(now + LEASE_EXPIRY), *lease.key, lease.owner))
        return changed.rowcount > 0


def release(connection: sqlite3.Connection, lease: Lease) -> None:
    """Let others have it, at once; nothing when it is another's by now."""
    with transaction(connection):
        connection.execute(_RELEASE, (*lease.key, lease.owner))


def save(connection: sqlite3.Connection, lease: Lease, transcript: Transcript, now: datetime) -> bool:
    """Keep a transcript and release its claim, both or neither.

    Returns:
        False when nobody claims it any more: another saved it meanwhile, or its message was purged.
    """
    with transaction(connection):
        if not connection.execute(_EXPIRES_AT, lease.key).fetchone():
            return False
        transcript_rows.save(connection, lease.key, transcript, now)
        connection.execute(_RELEASE, (*lease.key, lease.owner))
        return True


def _is_live(expires_at: int, now: datetime) -> bool:
    return to_stored(now) < expires_at <= to_stored(now + 2 * LEASE_EXPIRY)
