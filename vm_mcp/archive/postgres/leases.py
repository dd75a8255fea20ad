"""Leases: who is making a transcript, so that all machines together fetch and transcribe each message once.

A lease is a row that expires unless it is renewed, so a process that dies blocks nobody for long. Times are those of
PostgreSQL's clock, the only one that all machines share. If it jumps back, a lease seems to last for hours, so one with
more than twice `LEASE_EXPIRY` left counts as expired.
"""

import secrets
from datetime import datetime

from vm_mcp.archive.postgres import search_index, transcript_rows
from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.protocol import LEASE_EXPIRY
from vm_mcp.archive.records import Lease
from vm_mcp.models import Transcript, TranscriptKey

_WHERE = "uuid = %(uuid)s AND engine = %(engine)s AND model = %(model)s AND language = %(language)s"
_NOW = "coalesce(%(now)s::timestamptz, clock_timestamp())"
_TAKE = f"""
    INSERT INTO leases (uuid, engine, model, language, owner, expires_at)
    VALUES (%(uuid)s, %(engine)s, %(model)s, %(language)s, %(owner)s, {_NOW} + %(expiry)s)
    ON CONFLICT (account, uuid, engine, model, language) DO UPDATE SET
        owner = excluded.owner, expires_at = excluded.expires_at
    WHERE NOT (leases.expires_at > {_NOW} AND leases.expires_at <= {_NOW} + 2 * %(expiry)s)
"""  # noqa: S608 - constants
_HELD = f"SELECT FROM leases WHERE {_WHERE}"
_RENEW = f"UPDATE leases SET expires_at = {_NOW} + %(expiry)s WHERE {_WHERE} AND owner = %(owner)s"  # noqa: S608 - constants
_RELEASE = f"DELETE FROM leases WHERE {_WHERE} AND owner = %(owner)s"  # noqa: S608 - constants
_FINISH = f"WITH heard AS (DELETE FROM held_recordings WHERE uuid = %(uuid)s) {_RELEASE}"  # noqa: S608 - constants


async def take(
    connection: Connection, key: TranscriptKey, now: datetime | None, newer_than: int = 0
) -> Lease | Transcript | None:
    """Return the transcript if there is one, else a new lease on it; None while another process holds one.

    Args:
        connection: In a transaction.
        key: Which transcript.
        now: The time; None: that of PostgreSQL's clock.
        newer_than: Id of a transcript that is too old, as are all before it.
    """
    if found := await transcript_rows.get(connection, key, newer_than):
        return found  # without a write, as mostly
    lease = Lease(key, secrets.token_hex(8))
    taken = await connection.execute(_TAKE, _parameters(lease, now))
    if not taken.rowcount:
        return None
    # The previous holder of the lease may have saved the transcript in the meantime.
    if found := await transcript_rows.get(connection, key, newer_than):
        await release(connection, lease)
        return found
    return lease


async def renew(connection: Connection, lease: Lease, now: datetime | None) -> bool:
    """Extend a lease; False when another process has taken it over, or it was purged."""
    return (await connection.execute(_RENEW, _parameters(lease, now))).rowcount > 0


async def release(connection: Connection, lease: Lease) -> None:
    """Delete a lease, unless another process has taken it over."""
    await connection.execute(_RELEASE, {**lease.key._asdict(), "owner": lease.owner})


async def save(connection: Connection, lease: Lease, transcript: Transcript, now: datetime | None) -> bool:
    """Store a transcript, release its lease and let the held recording go: all or nothing, under the account's lock.

    Returns:
        False when there is no lease on it: another process has saved it, or its message was purged.
    """
    # Anybody's lease will do: a slow process that lost its own may still be first to finish.
    if not (await connection.execute(_HELD, lease.key._asdict())).rowcount:
        return False
    await transcript_rows.save(connection, lease.key, transcript, now)
    await connection.execute(_FINISH, {**lease.key._asdict(), "owner": lease.owner})
    await search_index.update(connection, [lease.key.uuid])
    return True


def _parameters(lease: Lease, now: datetime | None) -> dict[str, object]:
    return {**lease.key._asdict(), "owner": lease.owner, "now": now, "expiry": LEASE_EXPIRY}
