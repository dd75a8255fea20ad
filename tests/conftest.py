"""Fixtures that every part of the suite shares."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from vm_mcp.simulator import SCENARIOS, Simulator

MakeSimulator = Callable[..., Simulator]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def make_simulator() -> Iterator[MakeSimulator]:
    """Start a simulator: ``make_simulator("busy", clock=clock, order="oldest")``, options being a Scenario's fields."""
    with ExitStack() as running:

        def make(name: str = "clinic", *, clock: Callable[[], datetime] = _now, **options: Any) -> Simulator:  # noqa: ANN401 - any field
            scenario = replace(SCENARIOS[name](clock()), **options)
            return running.enter_context(Simulator(scenario, clock=clock))

        yield make


@pytest.fixture
def simulator(make_simulator: MakeSimulator) -> Simulator:
    """The clinic's PBX without a rate limit, as it is before anybody asked."""
    return make_simulator()
