"""Retry transient errors within a time budget; the backoff is stamina's, the server's ``Retry-After`` wins over it."""

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
"""Tries once; called with the number of the attempt, from 1."""


class TransientError(Exception):
    """A transient error and the server's ``Retry-After``, if any.

    Args:
        error: What to raise when no retry is left.
        retry_after_seconds: How long the server asks to be left alone; None when it doesn't.
    """

    def __init__(self, error: VmError, retry_after_seconds: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and for how long to try."""

    attempts: int
    budget_seconds: float
    """For all attempts and the waits between them."""
    first_wait_seconds: float
    """Doubled from attempt to attempt, up to `max_wait_seconds`, plus as much again at random."""
    idle_seconds: float = math.inf
    """Give up after this long without activity of the peer: a dead host is reported no later."""
    max_wait_seconds: float = 5.0


async def with_retries(policy: RetryPolicy, attempt: Attempt[T], timeout_error: VmError) -> T:
    """Try until an attempt succeeds, fails for good, or the budget is spent; a wait beyond the budget is not begun.

    Args:
        policy: Limits.
        attempt: Tries once; raises `TransientError` for what is worth a retry.
        timeout_error: What to raise when time runs out before the first attempt has ended.

    Raises:
        VmError: The last `TransientError`'s error, ``timeout_error``, or what ``attempt`` raised for good.
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
        return wait if now() + wait < (limit.when() or deadline) else False

    try:
        async with limit:
            async for trial in stamina.retry_context(
                backoff,
                attempts=policy.attempts,
                timeout=policy.budget_seconds,
                wait_initial=policy.first_wait_seconds,
                wait_max=policy.max_wait_seconds,
                wait_jitter=policy.first_wait_seconds,
            ):
                with trial:
                    return await attempt(trial.num, on_activity)
    except (TransientError, TimeoutError):
        pass
    raise failure


def parse_retry_after(value: str) -> float | None:
    """Read ``Retry-After``: seconds, or a date (RFC 9110, 10.2.3); None when it is neither."""
    value = value.strip()
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return float(value)
    moment = parse_http_date(value)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment else None


def parse_http_date(value: str) -> datetime | None:
    """Read the date of an HTTP header as an aware datetime; None when it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
