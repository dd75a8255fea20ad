"""The archive in one SQLite file, for one computer; the only user of ``sqlite3``."""
