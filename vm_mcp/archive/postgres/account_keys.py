"""Which API keys belong to an account's archive."""

from vm_mcp.archive.postgres.connections import Connection

# The first key of an account is accepted as it is, while there is nothing that could be another account's.
_ACCEPT = """
    INSERT INTO account_keys (key_id)
    SELECT %(key_id)s WHERE %(is_proven)s OR NOT (
        EXISTS (SELECT FROM account_keys) OR EXISTS (SELECT FROM messages)
    )
    ON CONFLICT DO NOTHING
"""
_IS_ACCEPTED = "SELECT FROM account_keys WHERE key_id = %s"


async def accept(connection: Connection, key_id: str, *, is_proven: bool) -> bool:
    """Return whether a key belongs to the account; accept one that does, and the first one of an empty archive.

    Args:
        connection: As `AccountSessions.write` opens it for the whole account, alone.
        key_id: See `vm_mcp.keychain.key_id`.
        is_proven: Whether the PBX lists one of the archive's messages to the key.
    """
    await connection.execute(_ACCEPT, {"key_id": key_id, "is_proven": is_proven})
    return await (await connection.execute(_IS_ACCEPTED, (key_id,))).fetchone() is not None
