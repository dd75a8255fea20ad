"""The archive's database as one thread sees it: opened when needed, set aside when damaged, its errors translated."""

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

T = TypeVar("T")

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Our statements are constants, so these come of a bug, or of tables that are not as we made them.
_ODD = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT}
# No code: the error is the module's own.
_BUGS = {None, *_ODD, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE}
_LOCKED = (
    "Another program keeps the archive locked. Close what else uses it (a backup, a database browser), then try again."
)
_FULL = "The archive can't be written: the disk is full. Make room, then try again."
_UNUSABLE = (
    "The archive can't be read or written. Check the rights of its folder and the disk, or set VM_MCP_DATA_DIR to "
    "another folder."
)


class Database:
    """Use it from one thread only.

    Args:
        path: The file.
        busy_seconds: How long to wait for another process's write.
        key: The key that opens it, see `account_files.admit`; None: nobody asks whose it is.
    """

    def __init__(self, path: Path, busy_seconds: float, key: AccountKey | None = None) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._key = key
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self.notice = ""

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work, which must be one transaction: it is done again when the file had to be replaced.

        Raises:
            ArchiveError: It can't be done; the text says why and what to do.
        """
        try:
            try:
                return work(self._admitted())
            # The module can't put damaged names into its error's text.
            except (sqlite3.Error, UnicodeDecodeError) as error:
                self._repair(error)
                return work(self._admitted())
        except sqlite3.Error as error:
            raise _translated(error) from error
        except OSError as error:
            raise ArchiveError(_UNUSABLE) from error

    def close(self) -> None:
        """Let go of the file; it is opened again when needed."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _admitted(self) -> sqlite3.Connection:
        """Connect with the key; each time, for an archive that was emptied may have gone over to another key."""
        connection = self._connected()
        if self._key:
            admit(connection, self._key, self._path)
            self._key = AccountKey(self._key.id)  # what it has shown is true of this file, not of another in its place
        return connection

    def _connected(self) -> sqlite3.Connection:
        if self._connection and _inode(self._path) != self._inode:
            self.close()  # it was moved or deleted: SQLite would go on writing to what nobody finds again
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
        """Make a second try worth while; raises the error when that can't be done."""
        detailed = getattr(error, "sqlite_errorcode", None)
        self.close()  # none of its statements may stand in the way
        if detailed == sqlite3.SQLITE_READONLY_DBMOVED:
            return
        if detailed == sqlite3.SQLITE_CORRUPT_VTAB or primary_code(error) in _ODD:
            self._mend(error)
        elif primary_code(error) in _DAMAGED or _tells_of_damage(error):
            self._set_aside()
        else:
            raise error

    def _mend(self, error: Exception) -> None:
        """Build a damaged search index anew, or set damaged tables aside; raises the error when all is sound."""
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
        """Rename a damaged archive, so that a new one is started and nothing is lost for good.

        The database goes last: whoever is killed in between leaves one that is found damaged again, and never a new
        one beside the old one's log.
        """
        if _inode(self._path) != self._inode:
            return  # another process did it
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        aside = self._path.with_name(f"{self._path.name}.damaged-{stamp}")
        for source, target in zip(companions(self._path), companions(aside), strict=True):
            if source.exists():
                source.rename(target)
        self.notice = (
            f"The archive was damaged. It was kept as {aside.name} in the data folder, and a new one was started: "
            "messages transcribed before are transcribed again when asked for."
        )


def set_aside_files(path: Path) -> list[Path]:
    """Give the damaged archives that are kept beside one."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def _tells_of_damage(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) and b"malformed" in error.object


def _inode(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def _translated(error: sqlite3.Error) -> Exception:
    code = primary_code(error)
    if code in _BUGS:
        return error
    if is_busy(error):
        return ArchiveError(_LOCKED)
    return ArchiveError(_FULL if code == sqlite3.SQLITE_FULL else _UNUSABLE)
