"""Decide which account an archive on this computer belongs to, and read the others without opening them for writing.

An archive belongs to one account and stores the ids of the keys that have opened it. Another key is accepted once the
PBX lists one of the archive's messages to it, because only a key of the same account gets them listed.
"""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import NamedTuple
from urllib.parse import quote

from vm_mcp.archive.sqlite.connection import is_busy, transaction
from vm_mcp.archive.sqlite.handled_rows import NEIGHBOUR_TABLES
from vm_mcp.archive.sqlite.message_rows import as_json
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored
from vm_mcp.errors import AccountMismatchError

SAMPLE = 3
"""Messages to ask the PBX for with an unknown key; several, because it may have deleted the latest."""
BUSY_SECONDS = 1.0
"""How long to wait for a program that has locked an archive. Other vm-mcp servers never keep a reader waiting."""
BEFORE_RETRIEVAL, MARGIN = timedelta(days=28), timedelta(days=2)
"""How long before its retrieval a message may have been left, and how far clocks may differ. Together they fit into the
31 days that one request can cover."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Bounds of a usable time. Only damage stores others, and within them adding days can't overflow."""

# Proof must come from the PBX itself. A retrieval is stored before the PBX is asked, so an unconfirmed one may hold any
# uuid that a caller passed, even another account's. Retrievals outlive a purge, so they identify an archive without
# messages. They come last, because a message's own time is exact and its retrieval may be days later.
_SAMPLE = """
    SELECT uuid, coalesce(max(received_at), max(opened_at)) AS at, max(received_at) IS NOT NULL AS is_exact FROM (
        SELECT uuid, received_at, NULL AS opened_at FROM messages WHERE listed_at IS NOT NULL
        UNION ALL SELECT uuid, NULL, opened_at FROM openings WHERE confirmed_at IS NOT NULL
    )
    GROUP BY uuid HAVING typeof(at) = 'integer' ORDER BY is_exact DESC, at DESC LIMIT ?
"""
# NOCASE: a PBX may spell a uuid in another case after an update.
_KNOWS_ANY = """
    WITH listed AS (SELECT value FROM json_each(?))
    SELECT EXISTS (SELECT 1 FROM messages WHERE listed_at IS NOT NULL AND uuid COLLATE NOCASE IN listed)
        OR EXISTS (SELECT 1 FROM openings WHERE confirmed_at IS NOT NULL AND uuid COLLATE NOCASE IN listed)
"""
_LISTED_BETWEEN = "SELECT uuid FROM messages WHERE listed_at IS NOT NULL AND received_at BETWEEN ? AND ?"
_HOLDS_MESSAGES = "SELECT EXISTS (SELECT 1 FROM messages) OR EXISTS (SELECT 1 FROM openings)"
_HAS_KEYS = "SELECT count(*) FROM sqlite_master WHERE name = 'account_keys'"
_IS_ACCEPTED = "SELECT 1 FROM account_keys WHERE key_id = ?"
_ACCEPT = "INSERT INTO account_keys (key_id, accepted_at) VALUES (?, ?)"

# A damaged table name in SQLite's error message makes Python's module raise UnicodeDecodeError instead.
_UNREADABLE = (OSError, sqlite3.Error, UnicodeDecodeError)

# It is also shown to models, some of which have a shell: so no word on how to delete the archive.
_MISMATCH = (
    "The archive of the account `{account}` belongs to another API key, so nothing in it is shown. Give this key's "
    "account another name in VM_MCP_ACCOUNT, or log in with a key of `{account}`. Then restart the host."
)


class AccountKey(NamedTuple):
    """A key that opens an archive."""

    id: str
    is_proven: bool = False
    """The PBX has listed one of the archive's messages to it."""


class KnownMessage(NamedTuple):
    """A message in an archive."""

    uuid: str
    near: datetime
    """When it was received or, where that is not known any more, retrieved."""
    is_exact: bool = True
    """Whether `near` is when it was received."""

    @property
    def earliest(self) -> datetime:
        """The message was left then or later."""
        return self.near - (MARGIN if self.is_exact else BEFORE_RETRIEVAL)

    @property
    def latest(self) -> datetime:
        """The message was left then or earlier."""
        return self.near + MARGIN


class AccountFile(NamedTuple):
    """An archive's file."""

    path: Path
    key_ids: frozenset[str] = frozenset()
    """Ids of the keys that may open it; empty in an archive of a release that didn't store them."""
    sample: tuple[KnownMessage, ...] = ()
    """Its latest messages, `SAMPLE` at most."""
    holds_messages: bool = True
    is_locked: bool = False
    """Another program has locked it, so its content is unknown."""


def read_account_files(paths: Iterable[Path]) -> list[AccountFile]:
    """Return the archives that exist and can be read, in the order given, and those that are locked.

    The database is not changed, but SQLite may leave an empty ``-wal`` and a ``-shm`` file beside it.
    """
    return [file for path in paths if (file := _read(path))]


def knows_any(path: Path, uuids: Collection[str]) -> bool:
    """Return whether the PBX has listed any of these messages to the archive; False where it can't be read."""
    try:
        with reading(path) as connection:
            return bool(connection.execute(_KNOWS_ANY, (as_json(uuids),)).fetchone()[0])
    except _UNREADABLE:
        return False


def listed_between(path: Path, since: datetime, until: datetime) -> set[str]:
    """Return the uuids of listed messages that were received in a range; none where the archive can't be read."""
    try:
        with reading(path) as connection:
            return {uuid for (uuid,) in connection.execute(_LISTED_BETWEEN, (to_stored(since), to_stored(until)))}
    except _UNREADABLE:
        return set()


def admit(connection: sqlite3.Connection, key: AccountKey, path: Path) -> None:
    """Accept a key from now on, or refuse it.

    An unknown, unproven key is accepted only by an empty archive, which then forgets the keys it knew before. The check
    and the change are one transaction in the archive itself: whatever was read from the file earlier may be outdated,
    since another server may have started, a lock may be gone, or another file may have taken its place.

    Args:
        connection: To the archive.
        key: The key.
        path: The archive's file.

    Raises:
        AccountMismatchError: The archive belongs to another account.
    """
    if _is_accepted(connection, key):
        return
    with transaction(connection):
        if _is_accepted(connection, key):
            return  # another server has accepted it meanwhile
        if not key.is_proven:
            if connection.execute(_HOLDS_MESSAGES).fetchone()[0]:
                raise account_mismatch(path)
            for table in ("account_keys", *NEIGHBOUR_TABLES):  # no messages, but perhaps another account's contacts
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
        connection.execute(_ACCEPT, (key.id, to_stored(datetime.now(UTC))))


def account_mismatch(path: Path) -> AccountMismatchError:
    """Return the error for a key that doesn't belong to an archive's account."""
    return AccountMismatchError(_MISMATCH, account=path.stem.rpartition("@")[2])


def _is_accepted(connection: sqlite3.Connection, key: AccountKey) -> bool:
    return connection.execute(_IS_ACCEPTED, (key.id,)).fetchone() is not None


def _read(path: Path) -> AccountFile | None:
    """Return None for a file that is missing, damaged or no archive: opening it for work reports the reason."""
    try:
        if not path.is_file():
            return None
        with reading(path) as connection:
            has_keys = connection.execute(_HAS_KEYS).fetchone()[0]
            key_ids = connection.execute("SELECT key_id FROM account_keys") if has_keys else ()
            return AccountFile(
                path,
                frozenset(key_id for (key_id,) in key_ids),
                tuple(_sample(connection)),
                holds_messages=bool(connection.execute(_HOLDS_MESSAGES).fetchone()[0]),
            )
    except _UNREADABLE as error:
        return AccountFile(path, is_locked=True) if isinstance(error, sqlite3.Error) and is_busy(error) else None


def _sample(connection: sqlite3.Connection) -> Iterator[KnownMessage]:
    for uuid, at, is_exact in connection.execute(_SAMPLE, (SAMPLE,)):
        near = from_stored(at)
        if near and EARLIEST < near < LATEST:
            yield KnownMessage(uuid, near, bool(is_exact))


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an archive for reading alone, however old it is, and close it.

    Raises:
        sqlite3.Error: It is missing, locked, damaged or no archive.
    """
    with closing(sqlite3.connect(_uri(path.absolute()), uri=True, timeout=BUSY_SECONDS)) as connection:
        yield connection


def _uri(path: PurePath) -> str:
    """Return a file's URI for SQLite, read-only.

    SQLite refuses the host that `as_uri` writes for a network share; it takes the host as part of the path.
    """
    name = path.as_posix()
    return f"file://{'' if name.startswith('/') else '/'}{quote(os.fsencode(name))}?mode=ro"
