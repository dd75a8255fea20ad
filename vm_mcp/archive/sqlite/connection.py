"""One connection to the archive's file: how it is opened, and what a transaction is."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_PRAGMAS = (
    # What is deleted is overwritten with zeros.
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    # Also after a power cut: an opening that is forgotten would show a message as heard by a person.
    "PRAGMA synchronous = FULL",
)


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Open the file, made with mode 0600 if it is not there, in a folder made with mode 0700 if that isn't either.

    SQLite gives its companions ``-wal`` and ``-shm`` the mode of the file.

    Raises:
        OSError: The folder or the file can't be made, or its mode can't be set.
        sqlite3.Error: It can't be opened, or is no database.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    for each in companions(path):
        _make_private(each)
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    # One damaged letter must not hide all the rest.
    # A column more must not shift what other modules read.
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda text: text.decode(errors="replace")
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        # Free pages can be given back without writing the file anew. Set again, it would write to the file each time.
        if not connection.execute("PRAGMA auto_vacuum").fetchone()[0]:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _use_wal(connection, busy_seconds)
    except BaseException:
        connection.close()
        raise
    return connection


def companions(path: Path) -> list[Path]:
    """Give the files that make up the archive, the database itself last."""
    return [*(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm")), path]


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing. It holds the write lock from the start, so what is read inside stays true."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection held the lock for too long."""
    return primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def primary_code(error: Exception) -> int | None:
    """SQLite's own code without its details; None when the error is the module's, which is a bug of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _make_private(path: Path) -> None:
    # By path alone: opening a database's file and closing it would drop this process's locks on it.
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except FileNotFoundError:
        return


def _use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Readers and a writer don't block each other. Two processes that switch at once don't wait by themselves."""
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
