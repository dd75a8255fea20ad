"""The archive in one SQLite file, for one computer. The only package that imports ``sqlite3``."""

from vm_mcp.archive.sqlite.store import SqliteArchive

__all__ = ["SqliteArchive"]
