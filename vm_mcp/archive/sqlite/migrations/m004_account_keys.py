"""Which API keys may open this archive, each as `vm_mcp.keychain.key_id` names it: never a key itself."""

STATEMENTS = (
    """
    CREATE TABLE account_keys (
        key_id TEXT PRIMARY KEY,
        accepted_at INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)
