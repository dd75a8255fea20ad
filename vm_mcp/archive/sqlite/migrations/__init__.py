"""Schema migrations: numbered steps, each in one transaction with its number, and never edited once released.

The search index is derived from the other tables, so it is rebuilt in the last step, whichever that is: emptied, and
filled bit by bit afterwards. A release that folds or reads words differently therefore only needs an empty step.
"""

import sqlite3
from contextlib import closing

from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.migrations import (
    m001_messages,
    m002_claims,
    m003_search,
    m004_account_keys,
    m005_near_words,
    m006_handled,
    m007_without_transcripts,
    m008_persons,
)
from vm_mcp.errors import ArchiveError

STEPS: tuple[tuple[str, ...], ...] = (
    m001_messages.STATEMENTS,
    m002_claims.STATEMENTS,
    m003_search.STATEMENTS,
    m004_account_keys.STATEMENTS,
    m005_near_words.STATEMENTS,
    m006_handled.STATEMENTS,
    m007_without_transcripts.STATEMENTS,
    m008_persons.STATEMENTS,
)
"""Statements of each step; a schema's version is the number of steps taken."""

APPLICATION_ID = 0x766D6370
"""``vmcp``: distinguishes an archive from any other SQLite database."""


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that a database still lacks. Several processes may call this at once.

    Raises:
        ArchiveError: A newer vm-mcp or another program created the database.
    """
    while _version(connection) < len(STEPS):
        with transaction(connection):
            _check_ours(connection)
            _take_step(connection, _version(connection))
    _check_ours(connection)


def has_its_schema(connection: sqlite3.Connection) -> bool:
    """Whether all tables but the search index's are as the steps created them; others may have been added."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh)
        return _schema(fresh) <= _schema(connection)


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    # As tuples: a sqlite3.Row never equals one, and only one of the two connections returns Rows.
    return set(map(tuple, connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'search%'")))


def _take_step(connection: sqlite3.Connection, version: int) -> None:
    if version >= len(STEPS):
        return  # another process has taken it while this one waited for the lock
    for statement in STEPS[version]:
        connection.execute(statement)
    if version + 1 == len(STEPS):
        search_index.rebuild(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version + 1}")


def _check_ours(connection: sqlite3.Connection) -> None:
    is_new = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not is_new and connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise ArchiveError(
            "The archive's file is another program's database. Move it away, or set VM_MCP_DATA_DIR to another folder."
        )
    if _version(connection) > len(STEPS):
        raise ArchiveError(
            "The archive was made by a newer vm-mcp. Update this one, or set VM_MCP_DATA_DIR to another folder."
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
