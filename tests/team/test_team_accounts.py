"""The accounts that a worker keeps open: as many as there is room for, and none closed that is in use."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from support.team_work import Team

from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.team.backing import TeamBacking
from vm_mcp.team.engine_name import engine_name
from vm_mcp.team.team_accounts import TeamAccounts
from vm_mcp.team.work_queue import WorkQueue

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio

NAMES = ("one", "two", "three", "four", "five", "six", "seven")


async def test_jobs_that_end_together_close_each_account_once_and_none_in_use(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.team.team_accounts.KEPT_OPEN", 4)
    team.write_accounts(accounts=NAMES)
    async with AsyncExitStack() as ends:
        database = PostgresDatabase(team.database.url)
        ends.push_async_callback(database.aclose)
        backing = TeamBacking(database, WorkQueue(database, holds_recordings=True))
        accounts = TeamAccounts(team.entries, backing, engine_name(team.settings))
        ends.push_async_callback(accounts.aclose)
        all_open, end = asyncio.Barrier(4), asyncio.Event()

        async def use(name: str, *waits: Callable[[], Awaitable[object]]) -> None:
            async with accounts.using(name) as inbox:
                await (await inbox.account.archive()).recent(1)
                for wait in waits:
                    await wait()

        for name in NAMES[:4]:
            await use(name)
        async with asyncio.TaskGroup() as ending:
            for name in NAMES[4:]:
                ending.create_task(use(name, all_open.wait, end.wait))
            await all_open.wait()
            end.set()
