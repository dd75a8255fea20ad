"""Place calls: each recording over each path, many at once, in real time."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from telephone.callers import Caller
from telephone.one_call import PORTS, Failed, OneCall, Recorded
from telephone.paths import TelephonePath
from telephone.relay import LOOPBACK

_TRIED_PORTS = range(20_000, 32_000, PORTS)
"""Below those that a system hands out by itself, and all of five digits."""


async def call_all(
    paths: Sequence[TelephonePath], callers: Sequence[Caller], greeting: Caller, folder: Path, at_once: int
) -> list[Recorded | Failed]:
    """Return what the mailbox records of every caller over every path.

    Args:
        paths: The paths.
        callers: The callers.
        greeting: What the mailbox says where it records both legs.
        folder: For all files.
        at_once: How many calls are held at the same time.
    """
    places = asyncio.Queue[int]()
    for port in islice(filter(_are_free, _TRIED_PORTS), at_once):
        places.put_nowait(port)

    async def one(path: TelephonePath, caller: Caller) -> Recorded | Failed:
        port = await places.get()
        try:
            return await OneCall(path, caller, greeting, folder, port).record()
        except (OSError, TimeoutError, EOFError) as error:
            return Failed(path, caller, f"{type(error).__name__} {error}".strip())
        finally:
            places.put_nowait(port)

    return await asyncio.gather(*(one(path, caller) for caller in callers for path in paths))


def _are_free(first: int) -> bool:
    """Return whether nobody listens on the ports of a call."""
    with ExitStack() as stack:
        try:
            for port in range(first, first + PORTS):
                stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)).bind((LOOPBACK, port))
        except OSError:
            return False
    return True
