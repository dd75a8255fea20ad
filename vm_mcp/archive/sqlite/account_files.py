"""The archives of one PBX on this computer: which keys may open each, and what shows whose it is.

An archive belongs to an account, and holds the ids of the keys that have opened it. Another key is let in once the PBX
lists one of the archive's messages to it, which only the same account's key can bring about.
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
"""Messages by which a key can show that it is the account's; the PBX may have deleted the latest."""

# What was opened outlives a purge, so that it is known even where no message is.
_SAMPLE = """
    SELECT uuid, max(at) AS at FROM (
        SELECT uuid, received_at AS at FROM messages WHERE listed_at IS NOT NULL
        UNION ALL SELECT uuid, opened_at FROM openings
    )
    WHERE at IS NOT NULL GROUP BY uuid ORDER BY at DESC LIMIT ?
"""
_HAS_KEYS = "SELECT count(*) FROM sqlite_master WHERE name = 'account_keys'"
_IS_ACCEPTED = "SELECT 1 FROM account_keys WHERE key_id = ?"
_ACCEPT = "INSERT OR IGNORE INTO account_keys (key_id, accepted_at) VALUES (?, ?)"


class KnownMessage(NamedTuple):
    """A message that an archive knows."""

    uuid: str
    near: datetime
    """When it was left or, where that is not known any more, opened."""


class AccountFile(NamedTuple):
    """An archive that is there."""

    path: Path
    key_ids: frozenset[str]
    """Keys that may open it; empty in one of a release that asked for none."""
    sample: tuple[KnownMessage, ...]
    """The latest messages it knows, `SAMPLE` at most."""


def read_account_files(paths: Iterable[Path]) -> list[AccountFile]:
    """Read those that are there and can be read, changing none; in the order given."""
    return [file for path in paths if (file := _read(path))]


def accept_key(connection: sqlite3.Connection, key_id: str) -> None:
    """Let a key open this archive from now on; one that may already is not written again."""
    if connection.execute(_IS_ACCEPTED, (key_id,)).fetchone() is None:
        with transaction(connection):
            connection.execute(_ACCEPT, (key_id, to_stored(datetime.now(UTC))))


def _read(path: Path) -> AccountFile | None:
    """Return None for what is no archive, or damaged: whoever opens it will say so."""
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
