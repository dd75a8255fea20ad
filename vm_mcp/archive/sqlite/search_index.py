"""The full-text index over all messages, with their latest transcripts; from these it can always be rebuilt.

A row is a `vm_mcp.archive.documents.Document`; its rowid is the message's id. Text is split and folded by
`vm_mcp.archive.words`, not by SQLite, and stored with a space between words. So the tokenizer is ``ascii``: it splits
at the spaces and nowhere else, whatever Unicode version SQLite was built with.

``search_words`` contains, once each, the words that are found by others which they resemble, see `forgiven_words`.
FTS5 lists its words itself (``fts5vocab``), but reads all of the index for that; its trigrams miss short words with an
error in the middle.

To read the numbers in a transcript takes milliseconds, and there may be tens of thousands. So a rebuild only lists, in
``search_pending``, what is to be indexed; `catch_up` then does it bit by bit.
"""

import sqlite3
from collections.abc import Collection, Iterable

from vm_mcp.archive.documents import Document, document, forgiven_words
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.transcript_bodies import decompress_or_stand_in
from vm_mcp.telephone import shortest_spelling

# Prefixes of one and two characters get indexes of their own. Without them, `b e g` reads half of all words: 58 ms in
# 10,000 transcripts, 13 ms with them.
_COLUMNS = "said, name, number, misheard, shown UNINDEXED, digits UNINDEXED"
_CREATE = (
    f"CREATE VIRTUAL TABLE search USING fts5 ({_COLUMNS}, prefix = '1 2', tokenize = 'ascii')",
    "CREATE TABLE search_words (word TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE search_pending (id INTEGER PRIMARY KEY)",
)
_SOURCE = """
    SELECT messages.id, transcripts.text, transcripts.body, heard_language, caller_id_name, caller_id_number, note
    FROM messages LEFT JOIN marks USING (uuid) LEFT JOIN transcripts
        ON transcripts.id = (SELECT max(id) FROM transcripts WHERE uuid = messages.uuid)
"""
# The index's tables and FTS5's shadow tables, which stay behind as ordinary tables when the virtual table is gone.
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'search\\_%' ESCAPE '\\'"
_SCHEMA = "SELECT sql FROM sqlite_master WHERE name IN ('search', 'search_words', 'search_pending')"
_BY_UUID, _BY_ID = _SOURCE + " WHERE messages.uuid = ?", _SOURCE + " WHERE messages.id = ?"
_CALLERS = "SELECT id, caller_id_number FROM messages"
_CONTACTS = "SELECT name, company FROM contacts JOIN contact_numbers USING (contact) WHERE spelling = ?"
_INSERT = (
    f"INSERT INTO search (rowid, {', '.join(Document._fields)}) "  # noqa: S608 - constants
    f"VALUES (?{', ?' * len(Document._fields)})"
)
_WORDS_OF = "SELECT misheard, name FROM search WHERE rowid = ?"
_FORGET = """
    DELETE FROM search_words WHERE word = ?1
        AND NOT EXISTS (SELECT 1 FROM search WHERE search MATCH '{misheard name} : "' || ?1 || '"')
"""
_LIST_ALL = "INSERT INTO search_pending SELECT id FROM messages"
# The latest messages first: they are what most searches are for.
_NEXT = "SELECT id FROM search_pending ORDER BY id DESC LIMIT ?"


def rebuild(connection: sqlite3.Connection) -> None:
    """Replace the index by an empty one, however damaged it is, for `catch_up` to fill; in the caller's transaction."""
    try:
        connection.execute("DROP TABLE IF EXISTS search")
    except sqlite3.Error:
        _drop_by_force(connection)
    for (table,) in connection.execute(_TABLES).fetchall():
        connection.execute(f"DROP TABLE {table}")
    for statement in _CREATE:
        connection.execute(statement)
    connection.execute(_LIST_ALL)


def catch_up(connection: sqlite3.Connection, most: int) -> bool:
    """Index some messages that a rebuild left, in a transaction of its own.

    Args:
        connection: To the archive.
        most: Messages to index now.

    Returns:
        Whether more are left.
    """
    if not pending(connection):
        return False
    with transaction(connection):
        for (row_id,) in connection.execute(_NEXT, (most,)).fetchall():
            _index(connection, connection.execute(_BY_ID, (row_id,)).fetchone())
            connection.execute("DELETE FROM search_pending WHERE id = ?", (row_id,))
    return pending(connection) > 0


def pending(connection: sqlite3.Connection) -> int:
    """Return how many messages are not indexed yet."""
    return int(connection.execute("SELECT count(*) FROM search_pending").fetchone()[0])


def is_sound(connection: sqlite3.Connection) -> bool:
    """Whether the index has its tables, can be read and is consistent."""
    try:
        connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    except sqlite3.Error:
        return False
    return {sql for (sql,) in connection.execute(_SCHEMA)} == set(_CREATE)


def update(connection: sqlite3.Connection, uuid: str) -> None:
    """Update a message that is new, or whose caller, note or latest transcript has changed; in a transaction."""
    _index(connection, connection.execute(_BY_UUID, (uuid,)).fetchone())


def remove(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Remove messages by their ids, and the words that no other message has; within the caller's transaction."""
    words: set[str] = set()
    for row_id in ids:
        for misheard, name in connection.execute(_WORDS_OF, (row_id,)):
            words |= forgiven_words(misheard or "", name)
        connection.execute("DELETE FROM search WHERE rowid = ?", (row_id,))
    connection.executemany(_FORGET, ((word,) for word in words))


def _index(connection: sqlite3.Connection, source: sqlite3.Row | None) -> None:
    if source is None:
        return  # purged
    remove(connection, [source["id"]])
    found = document(
        decompress_or_stand_in(source["body"], source["text"], source["heard_language"]),
        caller_number=source["caller_id_number"],
        caller_name=source["caller_id_name"],
        contact_names=_contact_names(connection, source["caller_id_number"]),
        note=source["note"] or "",
    )
    connection.execute(_INSERT, (source["id"], *found))
    words = forgiven_words(found.misheard, found.name)
    connection.executemany("INSERT OR IGNORE INTO search_words VALUES (?)", ((word,) for word in words))


def index_later(connection: sqlite3.Connection, spellings: Collection[str]) -> None:
    """List the messages of callers whose contacts have changed for `catch_up`; within the caller's transaction.

    Args:
        connection: To the archive.
        spellings: The callers' numbers, each as `shortest_spelling` writes it.
    """
    ids = [(row_id,) for row_id in _messages_from(connection, spellings)]
    connection.executemany("INSERT OR IGNORE INTO search_pending VALUES (?)", ids)


def index_again(connection: sqlite3.Connection, spellings: Collection[str]) -> None:
    """Index these callers' messages at once, as their contacts were purged; within the caller's transaction."""
    for row_id in _messages_from(connection, spellings):
        _index(connection, connection.execute(_BY_ID, (row_id,)).fetchone())


def _messages_from(connection: sqlite3.Connection, spellings: Collection[str]) -> list[int]:
    rows = connection.execute(_CALLERS).fetchall() if spellings else []
    return [row_id for row_id, number in rows if shortest_spelling(number) in spellings]


def _contact_names(connection: sqlite3.Connection, number: str) -> list[str]:
    found = connection.execute(_CONTACTS, (shortest_spelling(number),))
    return [name for names in found for name in names]


def _drop_by_force(connection: sqlite3.Connection) -> None:
    """Remove the virtual table from the schema. ``DROP TABLE`` has to read the shadow tables, which may be damaged."""
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("DELETE FROM sqlite_master WHERE name = 'search'")
    connection.execute("PRAGMA writable_schema = RESET")
