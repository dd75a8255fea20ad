"""Leases (in a table called ``claims``): who is transcribing what, so that several servers share the work."""

STATEMENTS = (
    """
    CREATE TABLE claims (
        uuid TEXT NOT NULL,
        engine TEXT NOT NULL,
        model TEXT NOT NULL,
        language TEXT NOT NULL,
        owner TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (uuid, engine, model, language)
    ) WITHOUT ROWID
    """,
)
