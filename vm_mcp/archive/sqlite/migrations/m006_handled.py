"""What was handled: call records, contacts and extensions as last read, and what persons said of messages.

Contacts have a name, a company and numbers. The PBX knows more of people; there is no place for it here.
"""

STATEMENTS = (
    # NOCASE: a PBX may spell an id in another case after an update.
    """
    CREATE TABLE call_records (
        call_uuid TEXT PRIMARY KEY COLLATE NOCASE,
        direction TEXT NOT NULL,
        started_at INTEGER,
        answered_at INTEGER,
        ended_at INTEGER,
        caller_id_number TEXT NOT NULL,
        caller_id_name TEXT NOT NULL,
        destination_number TEXT NOT NULL,
        destination_name TEXT NOT NULL,
        duration_seconds INTEGER,
        talk_seconds INTEGER,
        queue TEXT NOT NULL,
        result TEXT NOT NULL,
        is_missed INTEGER,
        return_uuid TEXT NOT NULL,
        at INTEGER,
        noted_at INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX call_records_at ON call_records (at)",
    # `numbers` is a JSON list.
    """
    CREATE TABLE contacts (
        contact INTEGER PRIMARY KEY,
        contact_id TEXT NOT NULL,
        name TEXT NOT NULL,
        company TEXT NOT NULL,
        numbers TEXT NOT NULL
    )
    """,
    # As `vm_mcp.telephone.shortest_spelling` writes them; a withheld number is nobody's.
    """
    CREATE TABLE contact_numbers (
        spelling TEXT NOT NULL,
        contact INTEGER NOT NULL REFERENCES contacts (contact) ON DELETE CASCADE,
        PRIMARY KEY (spelling, contact)
    ) WITHOUT ROWID
    """,
    "CREATE TABLE extensions (number TEXT NOT NULL, name TEXT NOT NULL)",
    """
    CREATE TABLE neighbours (
        part TEXT PRIMARY KEY,
        next_at INTEGER,
        read_at INTEGER,
        since INTEGER,
        until INTEGER,
        is_complete INTEGER NOT NULL,
        problem TEXT NOT NULL,
        is_refused INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE marks (
        uuid TEXT PRIMARY KEY REFERENCES messages (uuid) ON DELETE CASCADE,
        state TEXT NOT NULL,
        note TEXT NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)
