"""Limits of what is asked for: ranges of time, requests within a time, and time for several requests together."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Protocol, TypeVar

from vm_mcp.errors import InputError, PbxRateLimitError, PbxUnavailableError
from vm_mcp.models import PageQuery
from vm_mcp.pbx.responses import Answer, check_optional_answer

T = TypeVar("T")

MAX_RANGE = timedelta(days=366)
"""Longest range of one list. A year takes twelve windows, each of them a request at least."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Bounds of a range: nothing listed is older, and within them any padding and time zone stays a valid date."""


def check_list(query: PageQuery, limit: int) -> None:
    """Check that a range of time can be listed, with so many rows at most.

    Raises:
        InputError: ``limit`` is under 1, or the range is reversed, over `MAX_RANGE`, or outside `EARLIEST` to `LATEST`.
    """
    if limit < 1:
        raise InputError("`limit` must be 1 or more.")
    if query.since > query.until:
        raise InputError("`since` is later than `until`. Swap them, or leave one out.")
    if query.since < EARLIEST or query.until > LATEST:
        raise InputError("`since` and `until` must be between the years 2000 and 2099.")
    if query.until - query.since > MAX_RANGE:
        raise InputError("`since` and `until` are more than 366 days apart. Ask for a year at most at a time.")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Await several requests under a limit for all of them, each of which has one of its own.

    Raises:
        PbxUnavailableError: It took longer.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await work
    raise PbxUnavailableError("The PBX answers too slowly. Ask for less at a time, or try again later.")


class RequestBudget:
    """At most so many requests in any period; whoever would have to wait too long is refused at once.

    A leaky bucket, as aiolimiter's, lets twice as many through in its first period: those that it holds, and those that
    leak meanwhile. Of a few requests a minute, the vendor would refuse half.

    Args:
        requests: Most requests in one period.
        seconds: Length of the period; any time as long as this is one.
        max_wait_seconds: Longest wait before a request; None: any.
    """

    def __init__(self, requests: int, seconds: float, max_wait_seconds: float | None = None) -> None:
        self._seconds = seconds
        self.max_wait_seconds = max_wait_seconds
        self._sent = deque[float](maxlen=requests)

    async def take(self) -> None:
        """Wait for the turn of one request.

        Raises:
            PbxRateLimitError: That would take longer than ``max_wait_seconds``; nothing was taken.
        """
        now = asyncio.get_running_loop().time()
        is_full = len(self._sent) == self._sent.maxlen
        turn = max(now, self._sent[0] + self._seconds) if is_full else now
        if self.max_wait_seconds is not None and turn - now > self.max_wait_seconds:
            raise _used_up(ceil(turn - now))
        self._sent.append(turn)
        await asyncio.sleep(turn - now)


class RequestTurns(Protocol):
    """The limit that all requests of an account share; aiolimiter's keeps it within one process."""

    async def acquire(self) -> None:
        """Wait for the turn of one request."""
        ...


@dataclass(frozen=True, slots=True)
class OptionalPart:
    """A part of the API that the key may have no right to, and that has a limit of its own."""

    name: str
    """In the plural, such as ``call records``."""
    budget: RequestBudget
    """Taken from before the limit that all requests share."""
    busy_seconds: float | None = None
    """How long to wait after a 429 that doesn't say; longer than a call may take: not at all."""

    async def take_turn(self, shared: RequestTurns) -> None:
        """Wait for the turn of one request, in the part's own budget and in the account's.

        Raises:
            PbxRateLimitError: Either would take longer than the budget's longest wait.
        """
        await self.budget.take()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.budget.max_wait_seconds):
                await shared.acquire()
                return
        raise _used_up(ceil(self.budget.max_wait_seconds or 1))

    def check(self, answer: Answer) -> bytes:
        """Return the answer's body; see `vm_mcp.pbx.responses.check_optional_answer`."""
        return check_optional_answer(answer, self.name, self.busy_seconds)


def _used_up(seconds: int) -> PbxRateLimitError:
    return PbxRateLimitError(
        "This computer has used up the requests that the PBX allows it for now. Try again in {seconds} seconds.",
        seconds=seconds,
    )
