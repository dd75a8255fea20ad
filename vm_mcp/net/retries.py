"""Retry transient errors within a time budget; the backoff is stamina's, and a ``Retry-After`` overrides it."""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import stamina

from vm_mcp.errors import VmError

T = TypeVar("T")

OnActivity = Callable[[], None]
"""Called whenever the peer sends something."""
Attempt = Callable[[int, OnActivity], Awaitable[T]]
"""Makes one attempt, given its number, from 1."""


class TransientError(Exception):
    """A transient error and the server's ``Retry-After``, if any.

    Args:
        error: What to raise when no retry is left.
        retry_after_seconds: How long the server asks to wait; None when it doesn't say.
    """

    def __init__(self, error: VmError, retry_after_seconds: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and for how long to try."""

    attempts: int
    """At most, the first one included."""
    budget_seconds: float
    """For all attempts and the waits between them."""
    first_wait_seconds: float
    """Doubles with each attempt. Up to this much is added at random, so that clients don't retry in step."""
    idle_seconds: float = math.inf
    """Longest silence of the peer, over all attempts; a dead host is then reported long before the budget ends."""
    max_wait_seconds: float = 5.0
    """Longest wait before an attempt, unless a ``Retry-After`` asks for more."""


async def with_retries(policy: RetryPolicy, attempt: Attempt[T], timeout_error: VmError) -> T:
    """Return what the first successful attempt returns.

    Args:
        policy: Limits.
        attempt: Makes one attempt; raises `TransientError` for what is worth a retry.
        timeout_error: What to raise when time runs out before any attempt has ended.

    Raises:
        VmError: The last `TransientError`'s error, ``timeout_error``, or what ``attempt`` itself raised.
    """
    now = asyncio.get_running_loop().time
    deadline = now() + policy.budget_seconds
    failure = timeout_error
    limit = asyncio.timeout_at(min(deadline, now() + policy.idle_seconds))

    def on_activity() -> None:
        limit.reschedule(min(deadline, now() + policy.idle_seconds))

    def backoff(error: Exception) -> bool | float:
        nonlocal failure
        if not isinstance(error, TransientError):
            return False
        failure = error.error
        wait = error.retry_after_seconds
        if wait is None:
            return True
        # Failing now, with the server's own waiting time in the error, beats waiting for a timeout.
        return wait if now() + wait < (limit.when() or deadline) else False

    try:
        async with limit:
            async for trial in stamina.retry_context(
                backoff,
                attempts=policy.attempts,
                timeout=None,  # stamina checks its own only between attempts; `limit` also ends one under way
                wait_initial=policy.first_wait_seconds,
                wait_max=policy.max_wait_seconds,
                wait_jitter=policy.first_wait_seconds,
            ):
                with trial:
                    return await attempt(trial.num, on_activity)
    except (TransientError, TimeoutError):
        pass
    # Raised outside the handler, so that what was caught doesn't become its context: it may hold a URL with a key.
    raise failure


def parse_retry_after(value: str) -> float | None:
    """Return the seconds that a ``Retry-After`` asks to wait (RFC 9110, 10.2.3); None when it can't be read."""
    value = value.strip()
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return float(value)
    moment = parse_http_date(value)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment else None


def parse_http_date(value: str) -> datetime | None:
    """Return an HTTP date (RFC 9110, 5.6.7) as an aware datetime; None when it can't be read."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
