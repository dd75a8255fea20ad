"""Fixtures for what is true of an archive in a SQLite file alone."""

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
    """Waits a tenth of a second for a lock, since some tests hold one for longer than any archive waits."""
    opened = SqliteArchive(path, busy_seconds=0.1, clock=Clock())
    yield opened
    await opened.aclose()


@pytest.fixture
async def other_sqlite_archive(path: Path) -> AsyncIterator[SqliteArchive]:
    """The same archive, as another process sees it."""
    opened = SqliteArchive(path, clock=Clock())
    yield opened
    await opened.aclose()
