"""Fixtures of the contract that every archive keeps, whichever home it has: tests use `Archive` alone.

A second home is one more parameter of `make_room`. What is true of one home only is tested with fixtures of its own, as
in `support.sqlite_fixtures`.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.archive_samples import Clock, MakeRoom, OpenArchive
from vm_mcp.archive import Archive
from vm_mcp.archive.sqlite import SqliteArchive


def _in_sqlite(folder: Path) -> OpenArchive:
    return lambda clock: SqliteArchive(folder / "archive.sqlite3", clock=clock)


@pytest.fixture(scope="session", params=[pytest.param(_in_sqlite, id="sqlite")])
def make_room(request: pytest.FixtureRequest) -> MakeRoom:
    made: MakeRoom = request.param
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_archive(make_room: MakeRoom, tmp_path: Path) -> OpenArchive:
    return make_room(tmp_path)


@pytest.fixture
async def archive(open_archive: OpenArchive, clock: Clock) -> AsyncIterator[Archive]:
    opened = open_archive(clock)
    yield opened
    await opened.aclose()


@pytest.fixture
async def other(open_archive: OpenArchive, clock: Clock) -> AsyncIterator[Archive]:
    """The same archive, as another process sees it."""
    opened = open_archive(clock)
    yield opened
    await opened.aclose()


@pytest.fixture(scope="module")
def shared_clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
async def shared_archive(
    make_room: MakeRoom, shared_clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Archive]:
    """One for the hundreds of examples of a module's properties, each with uuids and a mailbox of its own."""
    opened = make_room(tmp_path_factory.mktemp("shared"))(shared_clock)
    yield opened
    await opened.aclose()
