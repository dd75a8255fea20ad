"""Keeps the search index in step with the messages and their latest transcripts, from which it can be built anew.

A row holds the words of a message's latest transcript, its caller's name and number, folded; its id is the message's.
They go in with a space between them, so the tokenizer is `ascii`: it parts them at the spaces and nowhere else, and
agrees with itself whatever Unicode a SQLite or a Python was built with.
"""

import sqlite3

from vm_mcp.archive.words import folded_terms, number_terms, said_numbers

# Short beginnings have lists of their own: without, `b e g` reads half of all words (58 ms at 10,000, with them 13).
_CREATE = "CREATE VIRTUAL TABLE search USING fts5 (said, name, number, prefix = '1 2', tokenize = 'ascii')"
_SOURCE = """
    SELECT messages.id, transcripts.text, heard_language, caller_id_name, caller_id_number
    FROM messages JOIN transcripts USING (uuid)
    WHERE transcripts.id = (SELECT max(id) FROM transcripts WHERE uuid = messages.uuid)
"""
# FTS5's own tables, which are ordinary ones when the table that they belong to is gone.
_LEFT = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'search\\_%' ESCAPE '\\'"
_ONE = _SOURCE + " AND messages.uuid = ?"
_INSERT = "INSERT INTO search (rowid, said, name, number) VALUES (?, ?, ?, ?)"


def rebuild(connection: sqlite3.Connection) -> None:
    """Build the index from nothing, however damaged the old one is; within the caller's transaction."""
    try:
        connection.execute("DROP TABLE IF EXISTS search")
    except sqlite3.Error:
        _drop_by_force(connection)
    for (table,) in connection.execute(_LEFT).fetchall():
        connection.execute(f"DROP TABLE {table}")
    connection.execute(_CREATE)
    connection.executemany(_INSERT, map(_row, connection.execute(_SOURCE)))


def is_sound(connection: sqlite3.Connection) -> bool:
    """Tell whether the index agrees with itself, and can be read at all."""
    try:
        connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    except sqlite3.Error:
        return False
    return True


def update(connection: sqlite3.Connection, uuid: str) -> None:
    """Index a message anew, after its caller or its latest transcript changed; within the caller's transaction."""
    source = connection.execute(_ONE, (uuid,)).fetchone()
    if source:
        connection.execute("DELETE FROM search WHERE rowid = ?", (source["id"],))
        connection.execute(_INSERT, _row(source))


def _row(source: sqlite3.Row) -> tuple[int, str, str, str]:
    text, caller = source["text"], source["caller_id_number"]
    said = said_numbers(text, source["heard_language"], caller)
    digits = number_terms(caller).union(*(number_terms(number.written) for number in said))
    names = folded_terms(source["caller_id_name"])
    return source["id"], " ".join(folded_terms(text)), " ".join(names), " ".join(sorted(digits))


def _drop_by_force(connection: sqlite3.Connection) -> None:
    """Take away the table's name alone: FTS5 must read its tables to drop them, and may not be able to."""
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("DELETE FROM sqlite_master WHERE name = 'search'")
    connection.execute("PRAGMA writable_schema = RESET")
