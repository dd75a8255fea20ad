"""A short soak; the long one is benchmarks/soak.py."""

import sys

import pytest
from soak import soak

pytestmark = [pytest.mark.anyio, pytest.mark.benchmarks]


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from /proc")
async def test_hundreds_of_calls_on_bad_days_leave_no_task_file_or_process_and_no_memory() -> None:
    done = await soak(250)
    assert done.leaks == []
    assert len(done.faults) > 10
    assert min(done.answers.values()) > 30
