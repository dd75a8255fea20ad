"""Connections to the archive's file, and transactions."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_PRAGMAS = (
    # Deleted content is overwritten with zeros.
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    # Commits survive a power cut: a lost retrieval would show a message as listened to by a person.
    "PRAGMA synchronous = FULL",
)


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Open the file. A missing file is created with mode 0600, a missing folder with mode 0700.

    SQLite gives the companion files ``-wal`` and ``-shm`` the mode of the database.

    Args:
        path: The database.
        busy_seconds: How long to wait for another connection's lock.

    Raises:
        OSError: The folder or the file can't be created, or its mode can't be set.
        sqlite3.Error: It can't be opened, or is not a database.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    for each in companions(path):
        _make_private(each)
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    # Columns are read by name: a migration that adds one must not shift the others.
    connection.row_factory = sqlite3.Row
    # One damaged character must not make the whole archive unreadable.
    connection.text_factory = lambda text: text.decode(errors="replace")
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        # Lets free pages be removed without rewriting the file. Set only once, because setting it writes to the file.
        if not connection.execute("PRAGMA auto_vacuum").fetchone()[0]:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _use_wal(connection, busy_seconds)
    except BaseException:
        connection.close()
        raise
    return connection


def companions(path: Path) -> list[Path]:
    """Return the files that an archive consists of, the database last."""
    return [*(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm")), path]


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing. The block holds the write lock from its start, so what it reads can't change meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection held a lock for too long."""
    return primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def primary_code(error: Exception) -> int | None:
    """Return SQLite's primary result code; None for an error of Python's module itself, which is a bug of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _make_private(path: Path) -> None:
    # Never through a file handle: closing one drops all POSIX locks that this process has on the database.
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except FileNotFoundError:
        return


def _use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to write-ahead logging, in which readers and a writer don't block each other.

    SQLite's own busy timeout doesn't cover this switch, so two processes that start at once need a loop of ours.
    """
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            with closing(connection.execute("PRAGMA journal_mode = WAL")) as answer:
                answer.fetchall()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
