"""Archives as older releases left them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from vm_mcp.config import Settings

HANDLED_TABLES = ("call_records", "contact_numbers", "contacts", "extensions", "neighbours", "marks")
LATER_TABLES = ("account_keys", *HANDLED_TABLES)


def of_a_release_without_accounts(settings: Settings) -> Path:
    """Turn the account's archive into what such a release left: an older schema, in a file that names no account."""
    path = settings.archive_path
    legacy = path.with_name(f"{path.stem.partition('@')[0]}.sqlite3")
    path.rename(legacy)
    with closing(sqlite3.connect(legacy)) as connection:
        for table in LATER_TABLES:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE openings DROP COLUMN opened_by")
        connection.execute("PRAGMA user_version = 3")
        connection.commit()
    return legacy
