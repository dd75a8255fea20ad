"""The archive's database: opened when needed, repaired or set aside when damaged, its errors translated."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from vm_mcp.archive.sqlite import search_index
from vm_mcp.archive.sqlite.account_files import AccountKey, admit
from vm_mcp.archive.sqlite.connection import companions, connect, is_busy, primary_code, transaction
from vm_mcp.archive.sqlite.migrations import has_its_schema, migrate
from vm_mcp.errors import ArchiveError
from vm_mcp.wording import words

T = TypeVar("T")

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Our statements are constants, so these mean a bug of ours, or tables that differ from those we created.
_MAYBE_DAMAGED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT}
# None: raised by Python's module itself.
_BUGS = {None, *_MAYBE_DAMAGED, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE}
_LOCKED = (
    "Another program has locked the archive. Close other programs that use it, such as a backup or a database browser, "
    "then try again."
)
_FULL = "The archive can't be written: the disk is full. Make room, then try again."
_UNUSABLE = (
    "The archive can't be read or written. Check the disk and the permissions of the archive's folder, or set "
    "VM_MCP_DATA_DIR to another folder."
)


class Database:
    """One archive's database. Not thread-safe: call it from one thread only.

    Args:
        path: The file.
        busy_seconds: How long to wait for another process's write.
        key: The key that opens it, see `account_files.admit`; None: whose archive it is, is not checked.
    """

    def __init__(self, path: Path, busy_seconds: float, key: AccountKey | None = None) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._key = key
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self.notice = words("")

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run some work, which must be one transaction: it runs again after the file was repaired or replaced.

        Raises:
            ArchiveError: It failed; the text says why and what to do.
        """
        try:
            try:
                return work(self._admitted())
            # A damaged table name in SQLite's error message makes Python's module raise UnicodeDecodeError instead.
            except (sqlite3.Error, UnicodeDecodeError) as error:
                self._repair(error)
                return work(self._admitted())
        except sqlite3.Error as error:
            raise _as_archive_error(error) from error
        except OSError as error:
            raise ArchiveError(_UNUSABLE) from error

    def close(self) -> None:
        """Close the file; it is opened again when needed."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _admitted(self) -> sqlite3.Connection:
        """Return the connection if the key may use it; checked each time, since an emptied archive can change hands."""
        connection = self._connected()
        if self._key:
            admit(connection, self._key, self._path)
            self._key = AccountKey(self._key.id)  # the proof holds for this file, not for another that replaces it
        return connection

    def _connected(self) -> sqlite3.Connection:
        if self._connection and _inode(self._path) != self._inode:
            self.close()  # it was moved or deleted: SQLite would go on writing to a file that nobody can find
        if self._connection is None:
            self._inode = _inode(self._path)
            connection = connect(self._path, self._busy_seconds)
            try:
                migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._inode = _inode(self._path)
            self._connection = connection
        return self._connection

    def _repair(self, error: sqlite3.Error | UnicodeDecodeError) -> None:
        """Remove the cause of an error, so that the work can run again; raise the error if that is impossible."""
        detailed = getattr(error, "sqlite_errorcode", None)
        self.close()  # an open statement would lock out the repair
        if detailed == sqlite3.SQLITE_READONLY_DBMOVED:
            return
        if detailed == sqlite3.SQLITE_CORRUPT_VTAB or primary_code(error) in _MAYBE_DAMAGED:
            self._repair_tables(error)
        elif primary_code(error) in _DAMAGED or _reports_damage(error):
            self._set_aside()
        else:
            raise error

    def _repair_tables(self, error: Exception) -> None:
        """Rebuild a damaged search index, or set damaged tables aside; raise the error when neither is damaged."""
        connection = self._connected()
        if not has_its_schema(connection):
            self.close()
            self._set_aside()
        elif search_index.is_sound(connection):
            raise error
        else:
            with transaction(connection):
                search_index.rebuild(connection)
            self.close()

    def _set_aside(self) -> None:
        """Rename a damaged archive: a new one can be started, and no content is deleted.

        The database goes last. A process that is killed in between leaves a database that is found damaged again, but
        never a new database beside the old one's log, which SQLite would write into it.
        """
        if _inode(self._path) != self._inode:
            return  # another process has set it aside
        timestamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        aside = self._path.with_name(f"{self._path.name}.damaged-{timestamp}")
        for source, target in zip(companions(self._path), companions(aside), strict=True):
            if source.exists():
                source.rename(target)
        self.notice = words(
            "The archive was damaged. It is kept as {name} in the data folder, and a new one was started. Messages "
            "transcribed before are transcribed again on request.",
            name=aside.name,
        )


def set_aside_files(path: Path) -> list[Path]:
    """Return the damaged archives that were set aside in the same folder."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def _reports_damage(error: Exception) -> bool:
    # SQLite's "malformed database schema", in which a damaged name can't be decoded.
    return isinstance(error, UnicodeDecodeError) and b"malformed" in error.object


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def _as_archive_error(error: sqlite3.Error) -> Exception:
    """Return the error to raise: the error itself when it is a bug of ours."""
    code = primary_code(error)
    if code in _BUGS:
        return error
    if is_busy(error):
        return ArchiveError(_LOCKED)
    return ArchiveError(_FULL if code == sqlite3.SQLITE_FULL else _UNUSABLE)
