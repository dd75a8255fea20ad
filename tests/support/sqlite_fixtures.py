"""Fixtures for what is specific to the archive in a SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.archive_samples import Clock
from vm_mcp.archive.sqlite import SqliteArchive


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
async def sqlite_archive(path: Path) -> AsyncIterator[SqliteArchive]:
    """Waits only a tenth of a second for a lock, because some tests hold one until the archive gives up."""
    opened = SqliteArchive(path, busy_seconds=0.1, clock=Clock())
    yield opened
    await opened.aclose()


@pytest.fixture
async def other_sqlite_archive(path: Path) -> AsyncIterator[SqliteArchive]:
    """Another process's view of the same archive."""
    opened = SqliteArchive(path, clock=Clock())
    yield opened
    await opened.aclose()
