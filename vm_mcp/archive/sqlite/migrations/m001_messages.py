"""Messages as the PBX listed them, their transcripts, and retrievals (in a table called ``openings``).

Timestamps are whole microseconds since 1970, UTC: they sort correctly and are read back exactly.
"""

STATEMENTS = (
    """
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        extension TEXT NOT NULL DEFAULT '',
        caller_id_number TEXT NOT NULL DEFAULT '',
        caller_id_name TEXT NOT NULL DEFAULT '',
        received_at INTEGER,
        is_read INTEGER NOT NULL DEFAULT 0,
        read_at INTEGER,
        duration_seconds INTEGER,
        noted_at INTEGER NOT NULL,
        listed_at INTEGER
    )
    """,
    "CREATE INDEX messages_received_at ON messages (received_at)",
    # `body` is the whole transcript. The other columns are its key, and what lists and searches show.
    # AUTOINCREMENT: a transcript that replaces another gets a higher id, so a waiting process recognises it as new.
    """
    CREATE TABLE transcripts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uuid TEXT NOT NULL REFERENCES messages (uuid) ON DELETE CASCADE,
        engine TEXT NOT NULL,
        model TEXT NOT NULL,
        language TEXT NOT NULL,
        heard_language TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        text TEXT NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (uuid, engine, model, language)
    )
    """,
    # No foreign key: a retrieval outlives the purge of its message.
    """
    CREATE TABLE openings (
        uuid TEXT PRIMARY KEY,
        opened_at INTEGER NOT NULL,
        confirmed_at INTEGER,
        was_unread INTEGER,
        clock_offset_seconds REAL
    ) WITHOUT ROWID
    """,
)
