"""Read, without opening them for writing, which accounts the archives on this computer belong to.

An archive belongs to one account and stores the ids of the keys that have opened it. Another key is accepted once the
PBX lists one of the archive's messages to it, because only a key of the same account gets them listed.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.archive.sqlite.timestamps import from_stored, to_stored

SAMPLE = 3
"""Messages to ask the PBX for with an unknown key; several, because it may have deleted the latest."""

# The PBX is asked for a message around a time, so its own counts. Retrievals outlive a purge, so they identify even an
# archive without messages. But they come last: one may be days later than its message, which is then not found.
_SAMPLE = """
    SELECT uuid, coalesce(max(received_at), max(opened_at)) AS at FROM (
        SELECT uuid, received_at, NULL AS opened_at FROM messages WHERE listed_at IS NOT NULL
        UNION ALL SELECT uuid, NULL, opened_at FROM openings
    )
    GROUP BY uuid HAVING at IS NOT NULL ORDER BY max(received_at) IS NULL, at DESC LIMIT ?
"""
_HAS_KEYS = "SELECT count(*) FROM sqlite_master WHERE name = 'account_keys'"
_IS_ACCEPTED = "SELECT 1 FROM account_keys WHERE key_id = ?"
_ACCEPT = "INSERT OR IGNORE INTO account_keys (key_id, accepted_at) VALUES (?, ?)"


class KnownMessage(NamedTuple):
    """A message in an archive."""

    uuid: str
    near: datetime
    """When it was received or, where that is not known any more, retrieved."""


class AccountFile(NamedTuple):
    """An archive's file."""

    path: Path
    key_ids: frozenset[str]
    """Ids of the keys that may open it; empty in an archive of a release that didn't store them."""
    sample: tuple[KnownMessage, ...]
    """Its latest messages, `SAMPLE` at most."""


def read_account_files(paths: Iterable[Path]) -> list[AccountFile]:
    """Return the archives that exist and can be read, in the order given.

    The database is not changed, but SQLite may leave an empty ``-wal`` and a ``-shm`` file beside it.
    """
    return [file for path in paths if (file := _read(path))]


def accept_key(connection: sqlite3.Connection, key_id: str) -> None:
    """Store the id of a key that may open this archive from now on; write nothing if it is stored already."""
    if connection.execute(_IS_ACCEPTED, (key_id,)).fetchone() is None:
        with transaction(connection):
            connection.execute(_ACCEPT, (key_id, to_stored(datetime.now(UTC))))


def _read(path: Path) -> AccountFile | None:
    """Return None for a file that is missing, damaged or no archive: opening it for work reports the reason."""
    try:
        if not path.is_file():
            return None
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            has_keys = connection.execute(_HAS_KEYS).fetchone()[0]
            key_ids = connection.execute("SELECT key_id FROM account_keys") if has_keys else ()
            sample = connection.execute(_SAMPLE, (SAMPLE,)).fetchall()
            known = [(uuid, from_stored(at)) for uuid, at in sample]
            return AccountFile(
                path,
                frozenset(key_id for (key_id,) in key_ids),
                tuple(KnownMessage(uuid, near) for uuid, near in known if near),
            )
    except (OSError, sqlite3.Error, UnicodeDecodeError):
        return None
