"""Holds lanes, so that a test decides what waits for them."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from vm_mcp.asr.packed.lanes import Lanes
from vm_mcp.asr.turns import Turn


@contextmanager
def held(lanes: Lanes, pool: ThreadPoolExecutor, *, waiting: int) -> Iterator[None]:
    """Hold a single lane until so many tasks wait for it, which the body submits."""
    gate, is_held = threading.Event(), threading.Event()

    def hold() -> None:
        is_held.set()
        gate.wait(30)

    holding = pool.submit(lanes.run, Turn(), hold)
    is_held.wait(30)
    try:
        yield
        wait_for_waiting(lanes, waiting)
    finally:
        gate.set()
    holding.result()


def wait_for_waiting(lanes: Lanes, count: int) -> None:
    """Return once that many tasks wait."""
    never = threading.Event()
    while len(lanes._waiting) < count:
        never.wait(0.001)
