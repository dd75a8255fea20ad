"""Fixtures of the archive's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.archive_samples import Clock
from vm_mcp.archive.sqlite import SqliteArchive


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
async def archive(path: Path, clock: Clock) -> AsyncIterator[SqliteArchive]:
    opened = SqliteArchive(path, busy_seconds=0.1, clock=clock)
    yield opened
    await opened.aclose()


@pytest.fixture
async def other(path: Path, clock: Clock) -> AsyncIterator[SqliteArchive]:
    """The same archive, as another server sees it."""
    opened = SqliteArchive(path, busy_seconds=5, clock=clock)
    yield opened
    await opened.aclose()
