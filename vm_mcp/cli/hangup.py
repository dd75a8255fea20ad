"""Ends the server when its host has gone, or wants it to go."""

import asyncio
import os
import select
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from vm_mcp.operating_system import this_system

GRACE_SECONDS = 2.0
"""Within which work is given back. Hosts that send SIGTERM wait about as long before they kill."""


def end_with_the_host(stop: Callable[[], Awaitable[None]]) -> None:
    """End this process once the other end of its stdout is closed, or at SIGTERM or SIGINT.

    Call it in the event loop, before anything replaces stdout.

    The end of stdin ends the server by itself. Where a host closes only stdout, the server would notice at its next
    answer, and then wait forever for the thread that reads stdin; so would Python's own handling of SIGINT. Windows has
    no such poll for pipes; there, nothing is watched.

    Args:
        stop: Gives back what is in work. Without it, the server that the host starts next would wait until the leases
            of this one expire.
    """
    loop = asyncio.get_running_loop()
    leaving: list[asyncio.Task[None]] = []

    def leave(end: Callable[[], None]) -> None:
        if not leaving:
            leaving.append(loop.create_task(_leave(stop, end)))

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, leave, partial(_end_by, number))
        except NotImplementedError:  # Windows
            signal.signal(number, signal.SIG_DFL)
    if this_system().watches_hangups:
        tell = partial(loop.call_soon_threadsafe, leave, partial(os._exit, 0))
        threading.Thread(target=_wait_for_hangup, args=(os.dup(1), tell), name="hangup", daemon=True).start()


async def _leave(stop: Callable[[], Awaitable[None]], end: Callable[[], None]) -> None:
    with suppress(Exception):  # it ends, whatever fails
        async with asyncio.timeout(GRACE_SECONDS):
            await stop()
    end()


def _end_by(number: signal.Signals) -> None:
    """End as the signal would have ended this process: whoever sent it may look at the status."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _wait_for_hangup(stdout: int, tell: Callable[[], object]) -> None:
    poller = select.poll()  # type: ignore[attr-defined,unused-ignore]  # not on Windows
    poller.register(stdout, 0)  # an empty mask: only errors and hang-ups are reported
    poller.poll()
    with suppress(RuntimeError):  # the event loop has ended
        tell()
        time.sleep(GRACE_SECONDS + 1)
    # A sudden end can't harm the archive, and the speech worker ends when its pipe closes.
    os._exit(0)
