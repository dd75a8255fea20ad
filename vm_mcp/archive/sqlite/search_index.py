"""The full-text index over messages and their latest transcripts, from which it can always be rebuilt.

A row contains the folded words of a message's latest transcript, its caller's name and the numbers, also those that
only another reading of it has; its rowid is the message's id. Text is split and folded by `vm_mcp.archive.words`, not
by SQLite, and stored with a space between words. So the tokenizer is ``ascii``: it splits at the spaces and nowhere
else, whatever Unicode version SQLite was built with.
"""

import sqlite3

from vm_mcp.archive.sqlite.transcript_bodies import decompress, may_have_other_readings
from vm_mcp.archive.words import folded_terms, number_terms, said_numbers
from vm_mcp.errors import DamagedTranscriptError

# Prefixes of one and two characters get indexes of their own. Without them, `b e g` reads half of all words: 58 ms in
# 10,000 transcripts, 13 ms with them.
_CREATE = "CREATE VIRTUAL TABLE search USING fts5 (said, name, number, prefix = '1 2', tokenize = 'ascii')"
_SOURCE = """
    SELECT messages.id, transcripts.text, transcripts.body, heard_language, caller_id_name, caller_id_number
    FROM messages JOIN transcripts USING (uuid)
    WHERE transcripts.id = (SELECT max(id) FROM transcripts WHERE uuid = messages.uuid)
"""
# FTS5's shadow tables, which stay behind as ordinary tables when the virtual table is gone.
_SHADOW_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'search\\_%' ESCAPE '\\'"
_ONE = _SOURCE + " AND messages.uuid = ?"
_INSERT = "INSERT INTO search (rowid, said, name, number) VALUES (?, ?, ?, ?)"


def rebuild(connection: sqlite3.Connection) -> None:
    """Build the index from scratch, however damaged the old one is; within the caller's transaction."""
    try:
        connection.execute("DROP TABLE IF EXISTS search")
    except sqlite3.Error:
        _drop_by_force(connection)
    for (table,) in connection.execute(_SHADOW_TABLES).fetchall():
        connection.execute(f"DROP TABLE {table}")
    connection.execute(_CREATE)
    connection.executemany(_INSERT, map(_row, connection.execute(_SOURCE)))


def is_sound(connection: sqlite3.Connection) -> bool:
    """Whether the index can be read and is consistent."""
    try:
        connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    except sqlite3.Error:
        return False
    return True


def update(connection: sqlite3.Connection, uuid: str) -> None:
    """Update a message whose caller or latest transcript has changed; within the caller's transaction."""
    source = connection.execute(_ONE, (uuid,)).fetchone()
    if source:
        connection.execute("DELETE FROM search WHERE rowid = ?", (source["id"],))
        connection.execute(_INSERT, _row(source))


def _row(source: sqlite3.Row) -> tuple[int, str, str, str]:
    text, caller = source["text"], source["caller_id_number"]
    said = [text, *_other_readings(source["body"])]
    numbers = [number for each in said for number in said_numbers(each, source["heard_language"], caller)]
    digits = number_terms(caller).union(*(number_terms(number.written) for number in numbers))
    names = folded_terms(source["caller_id_name"])
    return source["id"], " ".join(folded_terms(text)), " ".join(names), " ".join(sorted(digits))


def _other_readings(body: bytes) -> list[str]:
    """Return the text as its other readings have it: a number that may also be another one is found as both."""
    from vm_mcp.doubt.second_opinion import other_texts  # a server starts without it

    if not may_have_other_readings(body):
        return []
    try:
        return [" ".join(other_texts(decompress(body)))]
    except DamagedTranscriptError:
        return []


def _drop_by_force(connection: sqlite3.Connection) -> None:
    """Remove the virtual table from the schema. ``DROP TABLE`` has to read the shadow tables, which may be damaged."""
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("DELETE FROM sqlite_master WHERE name = 'search'")
    connection.execute("PRAGMA writable_schema = RESET")
