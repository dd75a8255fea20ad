"""Ids of the API keys that may open this archive (`vm_mcp.keychain.key_id`), never the keys themselves."""

STATEMENTS = (
    """
    CREATE TABLE account_keys (
        key_id TEXT PRIMARY KEY,
        accepted_at INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)
