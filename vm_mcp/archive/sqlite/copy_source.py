"""A desk's archive as it is at one moment, table by table, for whoever copies it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vm_mcp.archive.copied_rows import (
    CALL_RECORDS,
    MARKS,
    MESSAGES,
    RETRIEVALS,
    TRANSCRIPTS,
    CopiedTable,
    MessageRows,
    Neighbours,
    Row,
)
from vm_mcp.archive.sqlite import handled_rows
from vm_mcp.archive.sqlite.account_files import reading
from vm_mcp.archive.sqlite.connection import is_busy
from vm_mcp.archive.sqlite.migrations import migrate
from vm_mcp.archive.sqlite.timestamps import from_stored
from vm_mcp.errors import ArchiveError

_LOCKED = (
    "Another program has locked the archive. Close other programs that use it, such as a backup or a database browser, "
    "then try again."
)
_UNREADABLE = (
    "The archive can't be read. Run `vm-mcp list` once, which repairs it or says what is wrong with it, then try again."
)
_TIMES = frozenset(
    {"received_at", "read_at", "noted_at", "listed_at", "made_at", "at", "opened_at", "confirmed_at"}
    | {"started_at", "answered_at", "ended_at"}
)
_REQUIRED = frozenset(
    {("messages", "noted_at"), ("transcripts", "made_at"), ("marks", "at"), ("retrievals", "opened_at")}
)
_FLAGS = frozenset({"is_read", "was_unread", "is_missed"})
_NAMES_HERE = {"retrievals": "openings"}
_BY_HERE = {"retrievals": "opened_by", "marks": "marked_by"}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class CopySource:
    """Reads a copy of the archive in memory, so that the file is read once and never written, whatever release made it.

    Not thread-safe; any thread may use it, one at a time.

    Args:
        connection: To the copy.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        return {
            table.name: int(self._connection.execute(f"SELECT count(*) FROM {_name(table)}").fetchone()[0])  # noqa: S608 - constants
            for table in (MESSAGES, TRANSCRIPTS, MARKS, RETRIEVALS, CALL_RECORDS)
        }

    def messages(self, after: int, limit: int) -> tuple[MessageRows, int]:
        """Return messages after a place, what hangs on them, and the next place; begin at 0, none is the end."""
        query = f"SELECT id, {_columns(MESSAGES)} FROM messages WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608 - constants
        found = self._connection.execute(query, (after, limit)).fetchall()
        last = found[-1]["id"] if found else after
        messages = [_row(MESSAGES, row) for row in found]
        return MessageRows(
            messages, self._of(TRANSCRIPTS, after, last, "id"), self._of(MARKS, after, last, "uuid")
        ), last

    def retrievals(self, after: str, limit: int) -> list[Row]:
        """Return retrievals whose uuid is greater, in its order."""
        return self._after(RETRIEVALS, after, limit)

    def call_records(self, after: str, limit: int) -> list[Row]:
        """Return call records whose id is greater, in its order."""
        return self._after(CALL_RECORDS, after, limit)

    def neighbours(self) -> Neighbours:
        """Return the address book, the extensions, and when each was read."""
        return Neighbours(handled_rows.neighbours(self._connection), handled_rows.people(self._connection))

    def _of(self, table: CopiedTable, after: int, last: int, order: str) -> list[Row]:
        # Not by a list of uuids in JSON: before SQLite 3.45, a text in JSON ends at its first NUL.
        query = f"""
            SELECT {_columns(table)} FROM {table.name}
            WHERE uuid IN (SELECT uuid FROM messages WHERE id > ? AND id <= ?) ORDER BY {order}
        """  # noqa: S608 - constants
        return [_row(table, row) for row in self._connection.execute(query, (after, last))]

    def _after(self, table: CopiedTable, after: str, limit: int) -> list[Row]:
        [key] = table.key
        query = f"SELECT {_columns(table)} FROM {_name(table)} WHERE {key} > ? ORDER BY {key} LIMIT ?"  # noqa: S608 - constants
        return [_row(table, row) for row in self._connection.execute(query, (after, limit))]


@contextmanager
def open_copy_source(path: Path) -> Iterator[CopySource]:
    """Read an archive into memory; it takes as much as the file.

    Args:
        path: The archive's file. SQLite may leave an empty ``-wal`` and a ``-shm`` file beside it.

    Raises:
        ArchiveError: It can't be read.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        with _translated(sqlite3.Error, UnicodeDecodeError, OSError), reading(path) as source:
            source.backup(connection)
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda text: text.decode(errors="replace")
        # Not OSError, which whoever reads may raise for reasons of their own.
        with _translated(sqlite3.Error, UnicodeDecodeError):
            migrate(connection)
            yield CopySource(connection)
    finally:
        connection.close()


@contextmanager
def _translated(*kinds: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kinds as error:
        is_locked = isinstance(error, sqlite3.Error) and is_busy(error)
        raise ArchiveError(_LOCKED if is_locked else _UNREADABLE) from error


def _name(table: CopiedTable) -> str:
    return _NAMES_HERE.get(table.name, table.name)


def _columns(table: CopiedTable) -> str:
    return ", ".join(f"{_BY_HERE[table.name]} AS by" if name == "by" else name for name in table.columns)


def _row(table: CopiedTable, row: sqlite3.Row) -> Row:
    return {name: _value(table.name, name, row[name]) for name in table.columns}


def _value(table: str, name: str, value: Any) -> Any:  # noqa: ANN401 - whatever SQLite stores
    if name in _TIMES:
        # Only damage stores a time out of range.
        return from_stored(value) or (_LONG_AGO if (table, name) in _REQUIRED else None)
    if name in _FLAGS:
        return None if value is None else bool(value)
    return value
