"""Trying again: what may pass is retried, within a number of seconds."""

import asyncio
from collections.abc import Awaitable, Callable

import stamina

from vm_mcp.errors import PbxError, PbxUnavailableError
from vm_mcp.pbx.responses import RetryError

ATTEMPTS = 5

OnHeard = Callable[[], None]
"""Told at each sign of life."""
Attempt = Callable[[int, OnHeard], Awaitable[bytes]]
"""Tries once; told which attempt it is, from 1."""


async def with_retries(budget: float, silence: float, attempt: Attempt) -> bytes:
    """Try until it works, fails for good, or the time is over; a wait that doesn't fit is not begun.

    Args:
        budget: Seconds for all.
        silence: Seconds that may pass without a sign of life: a dead host takes no longer to be told of.
        attempt: Tries once.

    Raises:
        PbxError: What the last try raised, or that there was no answer in time.
    """
    now = asyncio.get_running_loop().time
    deadline = now() + budget
    failed: PbxError = PbxUnavailableError("The PBX doesn't answer in time. Try again later.")
    limit = asyncio.timeout_at(min(deadline, now() + silence))

    def on_heard() -> None:
        limit.reschedule(min(deadline, now() + silence))

    def backoff(error: Exception) -> bool | float:
        nonlocal failed
        if not isinstance(error, RetryError):
            return False
        failed = error.error
        if error.wait_seconds is None:
            return True
        return error.wait_seconds if now() + error.wait_seconds < (limit.when() or deadline) else False

    try:
        async with limit:
            async for trial in stamina.retry_context(
                backoff, attempts=ATTEMPTS, timeout=budget, wait_initial=0.5, wait_max=5.0, wait_jitter=0.5
            ):
                with trial:
                    return await attempt(trial.num, on_heard)
    except (RetryError, TimeoutError):
        pass
    raise failed
