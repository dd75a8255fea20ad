"""What tests do to an archive's SQLite file."""

import asyncio

from vm_mcp.archive.sqlite import SqliteArchive


async def let_go(archive: SqliteArchive) -> None:
    """Close the file, as a server does that exits; the archive opens it again when needed."""
    await asyncio.get_running_loop().run_in_executor(archive._thread, archive._database.close)
