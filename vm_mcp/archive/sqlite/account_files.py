"""The archives of one PBX on this computer: which keys may open each, and what shows whose it is.

An archive belongs to an account, and holds the ids of the keys that have opened it. Another key is let in once the PBX
lists one of the archive's messages to it, which only the same account's key can bring about.
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
from vm_mcp.archive.sqlite.message_rows import as_json
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored
from vm_mcp.errors import AccountMismatchError

SAMPLE = 3
"""Messages by which a key can show that it is the account's; the PBX may have deleted the latest."""
BUSY_SECONDS = 1.0
"""How long to wait for a program that keeps an archive to itself; other servers keep no reader waiting."""
EARLIER, LATER = timedelta(days=28), timedelta(days=2)
"""A message was left before it was opened, mostly within that time, and clocks differ. Together they fit into the 31
days that the PBX can be asked for at once."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""What lies outside can only come of damage; inside, some days more or less still are a date."""

# Only what the PBX itself has listed, or handed out: a message may be noted as opened although the PBX never answered,
# and then its uuid can be any that somebody asked for, another account's too. What was opened outlives a purge.
_SAMPLE = """
    SELECT uuid, at, is_opening FROM (
        SELECT uuid, received_at AS at, 0 AS is_opening FROM messages WHERE listed_at IS NOT NULL
        UNION ALL
        SELECT uuid, opened_at, 1 FROM openings
        WHERE confirmed_at IS NOT NULL AND uuid NOT IN (SELECT uuid FROM messages WHERE listed_at IS NOT NULL)
    )
    WHERE typeof(at) = 'integer' ORDER BY at DESC LIMIT ?
"""
_KNOWS_ANY = """
    WITH asked AS (SELECT value FROM json_each(?))
    SELECT EXISTS (SELECT 1 FROM messages WHERE listed_at IS NOT NULL AND uuid COLLATE NOCASE IN asked)
        OR EXISTS (SELECT 1 FROM openings WHERE confirmed_at IS NOT NULL AND uuid COLLATE NOCASE IN asked)
"""
_LISTED_BETWEEN = "SELECT uuid FROM messages WHERE listed_at IS NOT NULL AND received_at BETWEEN ? AND ?"
_NEWEST_AT = "SELECT max(received_at) FROM messages WHERE listed_at IS NOT NULL AND typeof(received_at) = 'integer'"
_HOLDS_MESSAGES = "SELECT EXISTS (SELECT 1 FROM messages) OR EXISTS (SELECT 1 FROM openings)"
_HAS_KEYS = "SELECT count(*) FROM sqlite_master WHERE name = 'account_keys'"
_IS_ACCEPTED = "SELECT 1 FROM account_keys WHERE key_id = ?"
_ACCEPT = "INSERT INTO account_keys (key_id, accepted_at) VALUES (?, ?)"
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""The module can't put damaged names into its error's text."""
_MISMATCH = (
    "The archive of the account `{account}` belongs to another API key, so nothing of it is shown. Give this key's "
    "account a name of its own in VM_MCP_ACCOUNT, or log in with a key of `{account}`, then restart the host."
)


class AccountKey(NamedTuple):
    """The key that opens an archive."""

    id: str
    is_proven: bool = False
    """The PBX has listed one of the archive's messages to it."""


class KnownMessage(NamedTuple):
    """A message that an archive knows, and when it was left: within these moments."""

    uuid: str
    earliest: datetime
    latest: datetime


class AccountFile(NamedTuple):
    """An archive that is there."""

    path: Path
    key_ids: frozenset[str] = frozenset()
    """Keys that may open it; empty in one of a release that asked for none."""
    sample: tuple[KnownMessage, ...] = ()
    """The latest messages it knows, newest first, `SAMPLE` at most."""
    newest_at: datetime | None = None
    """When the newest message that the PBX has listed was left; None where there is none."""
    holds_messages: bool = True
    is_locked: bool = False
    """Another program keeps it locked, so nothing is known of it."""


def read_account_files(paths: Iterable[Path]) -> list[AccountFile]:
    """Read those that are there and can be read, changing none; in the order given."""
    return [file for path in paths if path.is_file() and (file := _read(path))]


def knows_any(path: Path, uuids: Collection[str]) -> bool:
    """Whether an archive knows any of these messages from the PBX; False also where it can't be read."""
    try:
        with _reading(path) as connection:
            return bool(connection.execute(_KNOWS_ANY, (as_json(uuids),)).fetchone()[0])
    except _UNREADABLE:
        return False


def listed_between(path: Path, since: datetime, until: datetime) -> set[str]:
    """Return the messages left between two moments that the PBX has listed; none where it can't be read."""
    try:
        with _reading(path) as connection:
            rows = connection.execute(_LISTED_BETWEEN, (to_stored(since), to_stored(until)))
            return {uuid for (uuid,) in rows}
    except _UNREADABLE:
        return set()


def admit(connection: sqlite3.Connection, key: AccountKey, path: Path) -> None:
    """Let a key open an archive, from now on, or refuse it.

    One that the archive doesn't know, and that has shown nothing, is let in only where there is nothing to see; then
    the keys that it knew no longer are. It is decided in the archive itself, within one transaction: what was read of
    the file before may be outdated by now. Two servers start at once, a lock is gone, another file is in its place.

    Args:
        connection: To the archive.
        key: The key.
        path: The archive's file.

    Raises:
        AccountMismatchError: It is another account's.
    """
    if _is_accepted(connection, key):
        return
    with transaction(connection):
        if _is_accepted(connection, key):
            return  # another server was faster
        if not key.is_proven:
            if connection.execute(_HOLDS_MESSAGES).fetchone()[0]:
                raise mismatch(path)
            connection.execute("DELETE FROM account_keys")
        connection.execute(_ACCEPT, (key.id, to_stored(datetime.now(UTC))))


def mismatch(path: Path) -> AccountMismatchError:
    """Return what is said to a key that an archive does not belong to."""
    return AccountMismatchError(_MISMATCH.format(account=path.stem.rpartition("@")[2]))


def _is_accepted(connection: sqlite3.Connection, key: AccountKey) -> bool:
    return connection.execute(_IS_ACCEPTED, (key.id,)).fetchone() is not None


def _read(path: Path) -> AccountFile | None:
    """Return None for what is no archive, or damaged: whoever opens it will say so."""
    try:
        with _reading(path) as connection:
            has_keys = connection.execute(_HAS_KEYS).fetchone()[0]
            key_ids = connection.execute("SELECT key_id FROM account_keys") if has_keys else ()
            return AccountFile(
                path,
                frozenset(key_id for (key_id,) in key_ids),
                tuple(_known(connection)),
                _usable(connection.execute(_NEWEST_AT).fetchone()[0]),
                holds_messages=bool(connection.execute(_HOLDS_MESSAGES).fetchone()[0]),
            )
    except _UNREADABLE as error:
        return AccountFile(path, is_locked=True) if isinstance(error, sqlite3.Error) and is_busy(error) else None


def _known(connection: sqlite3.Connection) -> Iterator[KnownMessage]:
    for uuid, at, is_opening in connection.execute(_SAMPLE, (SAMPLE,)):
        if moment := _usable(at):
            yield KnownMessage(uuid, moment - (EARLIER if is_opening else LATER), moment + LATER)


def _usable(at: int | None) -> datetime | None:
    moment = from_stored(at)
    return moment if moment and EARLIEST < moment < LATEST else None


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(_uri(path.absolute()), uri=True, timeout=BUSY_SECONDS)) as connection:
        yield connection


def _uri(path: PurePath) -> str:
    """Spell a file for SQLite to read only. A folder of the network has no host here, but slashes: ``file:////host/``."""
    name = path.as_posix()
    return f"file://{'' if name.startswith('/') else '/'}{quote(os.fsencode(name))}?mode=ro"
