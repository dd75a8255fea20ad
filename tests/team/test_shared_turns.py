"""The vendor's limit, kept by all machines together."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.postgres_server import TeamDatabase

from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.pbx import vendor
from vm_mcp.team import shared_turns
from vm_mcp.team.shared_turns import KEPT_FREE, SharedTurns, urgent

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 10, 9, tzinfo=UTC)
GAPS = (0.0, 0.0, 0.01, 0.3, 0.6, 2.0)
"""Seconds; mostly so short that the limit matters."""
_accounts = itertools.count()


@pytest.fixture(scope="module")
async def opened(shared_work_database: TeamDatabase) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(shared_work_database.url)
    yield database
    await database.aclose()


@settings(max_examples=25)
@given(gaps=st.lists(st.tuples(st.sampled_from(GAPS), st.booleans()), min_size=12, max_size=40))
async def test_no_period_ever_has_more_requests_than_the_vendor_allows(
    opened: PostgresDatabase, gaps: list[tuple[float, bool]]
) -> None:
    account, now, sent = f"property{next(_accounts)}", START, list[datetime]()
    machines = [SharedTurns(opened, account, is_backlog=is_backlog) for is_backlog in (False, True)]
    for seconds, is_backlog in gaps:
        now += timedelta(seconds=seconds)
        wait = await machines[is_backlog].take(now)
        assert wait is not None or is_backlog
        if wait is not None:
            sent.append(now + timedelta(seconds=wait))
    sent.sort()
    for (first, begun), (last, ended) in itertools.combinations(enumerate(sent), 2):
        allowed = vendor.BURST + vendor.REQUESTS_PER_SECOND * (ended - begun).total_seconds()
        assert last - first + 1 <= allowed


async def test_a_burst_goes_at_once_and_then_two_a_second(opened: PostgresDatabase) -> None:
    turns = SharedTurns(opened, f"burst{next(_accounts)}", is_backlog=False)
    waits = [await turns.take(START) for _ in range(shared_turns.BURST + 3)]
    assert waits == [0.0] * shared_turns.BURST + [0.5, 1.0, 1.5]


async def test_the_backlog_leaves_turns_to_people_and_takes_none_ahead(opened: PostgresDatabase) -> None:
    account = f"backlog{next(_accounts)}"
    backlog, person = (SharedTurns(opened, account, is_backlog=is_backlog) for is_backlog in (True, False))
    taken = [await backlog.take(START) for _ in range(20)]
    assert [wait for wait in taken if wait is not None] == [0.0] * (shared_turns.BURST - KEPT_FREE)
    assert [await person.take(START) for _ in range(KEPT_FREE)] == [0.0] * KEPT_FREE
    with urgent():
        assert await backlog.take(START) == 0.5
    assert await backlog.take(START + timedelta(seconds=10)) == 0.0


@pytest.mark.parametrize("is_backlog", [False, True])
async def test_a_database_clock_that_jumps_back_keeps_nobody_waiting(
    opened: PostgresDatabase, *, is_backlog: bool
) -> None:
    turns = SharedTurns(opened, f"clock{next(_accounts)}", is_backlog=is_backlog)
    await turns.take(START + timedelta(days=1))
    assert await turns.take(START) == 0.0


async def test_machines_that_ask_at_the_same_time_share_one_limit(
    opened: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_turns, "GAP", timedelta(milliseconds=20))
    monkeypatch.setattr(shared_turns, "TOLERANCE", timedelta(milliseconds=100))
    account = f"same{next(_accounts)}"
    turns = [SharedTurns(opened, account, is_backlog=each % 2 == 0) for each in range(12)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(each.acquire() for each in turns))
    assert loop.time() - began >= 0.02 * (12 - 6) - 0.02
