"""What tests do to an archive in a SQLite file behind its back."""

import asyncio

from vm_mcp.archive.sqlite import SqliteArchive


async def let_go(archive: SqliteArchive) -> None:
    """Close the file, as a server does that ends; the archive opens it again."""
    await asyncio.get_running_loop().run_in_executor(archive._thread, archive._database.close)
