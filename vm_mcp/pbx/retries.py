"""Trying again: what may pass is retried, within a number of seconds."""

import asyncio
from collections.abc import Awaitable, Callable

import stamina

from vm_mcp.errors import PbxError, PbxUnavailableError
from vm_mcp.pbx.answers import RetryError

ATTEMPTS = 5


async def with_retries(budget: float, attempt: Callable[[int], Awaitable[bytes]]) -> bytes:
    """Try until it works, fails for good, or ``budget`` seconds are spent; a wait that doesn't fit is not begun."""
    now = asyncio.get_running_loop().time
    deadline = now() + budget
    failed: PbxError = PbxUnavailableError("The PBX doesn't answer in time. Try again later.")

    def backoff(error: Exception) -> bool | float:
        nonlocal failed
        if not isinstance(error, RetryError):
            return False
        failed = error.error
        if error.wait_seconds is None:
            return True
        return error.wait_seconds if now() + error.wait_seconds < deadline else False

    try:
        async with asyncio.timeout(budget):
            async for trial in stamina.retry_context(
                backoff, attempts=ATTEMPTS, timeout=budget, wait_initial=0.5, wait_max=5.0, wait_jitter=0.5
            ):
                with trial:
                    return await attempt(trial.num)
    except (RetryError, TimeoutError):
        pass
    raise failed
