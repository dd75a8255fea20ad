"""The archive in one SQLite file, for one computer; the only user of ``sqlite3``."""

from vm_mcp.archive.sqlite.store import SqliteArchive

__all__ = ["SqliteArchive"]
