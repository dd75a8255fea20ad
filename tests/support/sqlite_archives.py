"""Helpers that act on an archive's SQLite file without the archive."""

import asyncio

from vm_mcp.archive.sqlite import SqliteArchive


async def let_go(archive: SqliteArchive) -> None:
    """Close the file, as a server does at its end; the archive opens it again when needed."""
    await asyncio.get_running_loop().run_in_executor(archive._thread, archive._database.close)
