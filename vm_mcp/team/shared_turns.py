"""The vendor's limit of requests, kept by all machines of a team together.

A generic cell rate algorithm (GCRA) in one row an account: ``free_at`` is when the account would have a whole burst
free again. A request moves it by `GAP`; one that would move it further ahead than a burst waits. The database's clock
counts, since machines differ. If it jumps back, nobody would get a turn for hours, so a row further ahead than
`MOST_AHEAD` counts as free.

What a person waits for takes its turn ahead, however many wait. The backlog takes none ahead, and leaves `KEPT_FREE` of
the burst: with many workers on one account's backlog, a person's list is still answered at once.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from vm_mcp.pbx import vendor

if TYPE_CHECKING:
    from vm_mcp.archive.postgres import PostgresDatabase

GAP = timedelta(seconds=1 / vendor.REQUESTS_PER_SECOND)
BURST = vendor.BURST - 1
"""Requests that may go at once; one fewer than the vendor's, since requests sent apart may arrive closer together."""
TOLERANCE = GAP * (BURST - 1)
KEPT_FREE = 3
"""Of a burst, for people."""
MOST_AHEAD = timedelta(minutes=10)
"""Much longer than any request waits for its turn."""

# `clock_timestamp()`, not `now()`: the statement may have waited for the row since its transaction began.
_NOW = "coalesce(%(now)s::timestamptz, clock_timestamp())"
_KNOWN = f"CASE WHEN turns.free_at <= {_NOW} + %(most)s THEN turns.free_at ELSE {_NOW} END"
_TAKE = f"""
    INSERT INTO request_turns AS turns (account, free_at) VALUES (%(account)s, {_NOW} + %(gap)s)
    ON CONFLICT (account) DO UPDATE SET free_at = greatest({_KNOWN}, {_NOW}) + %(gap)s
        WHERE {_KNOWN} <= {_NOW} + %(ahead)s
    RETURNING extract(epoch FROM free_at - %(gap)s - %(tolerance)s - {_NOW})::float AS seconds
"""  # noqa: S608 - constants
_WAIT = f"SELECT extract(epoch FROM free_at - %(ahead)s - {_NOW})::float AS seconds FROM request_turns WHERE account = %(account)s"  # noqa: S608, E501
_ANY = timedelta(days=365)
_JITTER = 0.2

_is_urgent: ContextVar[bool] = ContextVar("is_urgent", default=False)


@contextmanager
def urgent(*, is_urgent: bool = True) -> Iterator[None]:
    """Take turns ahead of the backlog within the block, also in tasks that it starts."""
    token = _is_urgent.set(is_urgent)
    try:
        yield
    finally:
        _is_urgent.reset(token)


class SharedTurns:
    """One account's turns, a `vm_mcp.pbx.request_limits.RequestTurns`.

    Args:
        database: The team's.
        account: The account's name.
        is_backlog: Whether the requests are of work that nobody waits for, unless they are `urgent`.
    """

    def __init__(self, database: "PostgresDatabase", account: str, *, is_backlog: bool) -> None:
        self._database = database
        self._account = account
        self._is_backlog = is_backlog

    async def acquire(self) -> None:
        """Wait for the turn of one request.

        Raises:
            ArchiveError: The database can't be used.
        """
        while (seconds := await self.take()) is None:  # noqa: ASYNC110 - other machines send no event
            # Those who wait for the same turn don't all come back at the same moment.
            await asyncio.sleep(await self._seconds_left() + _JITTER * random.random())  # noqa: S311
        if seconds > 0:
            await asyncio.sleep(seconds)

    async def take(self, now: datetime | None = None) -> float | None:
        """Take a turn.

        Args:
            now: The time; None: the database's.

        Returns:
            The seconds until it; None where the backlog may take none yet.

        Raises:
            ArchiveError: The database can't be used.
        """
        async with self._database.operation() as connection:
            row = await (await connection.execute(_TAKE, self._parameters(now))).fetchone()
        return max(0.0, row["seconds"]) if row else None

    async def _seconds_left(self) -> float:
        async with self._database.operation() as connection:
            row = await (await connection.execute(_WAIT, self._parameters(None))).fetchone()
        return max(0.0, row["seconds"]) if row else 0.0

    def _parameters(self, now: datetime | None) -> dict[str, object]:
        is_ahead = not self._is_backlog or _is_urgent.get()
        ahead = _ANY if is_ahead else TOLERANCE - KEPT_FREE * GAP
        return {
            "account": self._account,
            "gap": GAP,
            "tolerance": TOLERANCE,
            "ahead": ahead,
            "most": MOST_AHEAD,
            "now": now,
        }
