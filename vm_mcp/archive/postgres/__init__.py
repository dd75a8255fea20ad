"""The archive in PostgreSQL, for a team. The only package that imports ``psycopg``, besides `vm_mcp.team`."""

from vm_mcp.archive.postgres.database import PostgresDatabase
from vm_mcp.archive.postgres.store import PostgresArchive

__all__ = ["PostgresArchive", "PostgresDatabase"]
